import { readFileSync } from 'node:fs';
import { decodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/**
 * The arguments with their bytes kept. Node decodes them as UTF-8 and loses what is not (file names need not be); the kernel
 * still has them as they were given (proc(5), `/proc/self/cmdline`).
 */
export function lossless(args: readonly string[]): readonly ByteText[] {
  if (!args.some(argument => argument.includes('\uFFFD'))) return args;
  try {
    const all = splitAtNul(readFileSync('/proc/self/cmdline'));
    return args.length <= all.length ? all.slice(all.length - args.length).map(decodeBytes) : args;
  } catch {
    return args;
  }
}

function splitAtNul(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    parts.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    start = (end < 0 ? bytes.length : end) + 1;
  }
  return parts;
}
