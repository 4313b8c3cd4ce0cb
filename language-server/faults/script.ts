import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh', 'fish']);

/** The program that the kernel runs for a script: what stands behind "#!" (execve(2)). Undefined for other files. */
export function interpreterOf(path: ByteText): ByteText | undefined {
  return firstLine(path)[0];
}

/**
 * A shell script is refused: its shell would run out of memory, and not the program that it runs. A shell that is named itself
 * ("bash", "run.sh") is a program like any other. Errors: notSupported.
 */
export function refuseShellScript(path: ByteText): void {
  const [interpreter = '', first = ''] = firstLine(path);
  const program = basename(interpreter) === 'env' ? first : interpreter;
  if (!shells.has(basename(program))) return;
  throw new UserError(
    'notSupported',
    `${displayText(path)} is a shell script: its shell would run out of memory, and not the program that it runs. Name that program itself in "command".`,
  );
}

function firstLine(path: ByteText): readonly ByteText[] {
  let file: number;
  try {
    file = openSync(osPath(path), 'r');
  } catch {
    // It may be executed but not read: then it is no script, which its interpreter has to read.
    return [];
  }
  try {
    const bytes = Buffer.alloc(256);
    const line = /^#![ \t]*(.*)/u.exec(decodeBytes(bytes.subarray(0, readSync(file, bytes))));
    return line?.[1]?.split(/[ \t]+/u) ?? [];
  } finally {
    closeSync(file);
  }
}
