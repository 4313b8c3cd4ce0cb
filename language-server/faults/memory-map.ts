import { decodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/** An executable mapping of a process: a line of `/proc/PID/maps` (proc(5)). */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** Of the mapping's first byte in the file. */
  readonly fileOffset: bigint;
  /** Absolute path of the file; "[vdso]" and the like; empty for memory without a file (code made at run time). */
  readonly path: ByteText;
}

/** A place in code: a byte of a file, or, in memory without a file, its address. */
export interface CodePlace {
  readonly module: ByteText;
  readonly offset: bigint;
}

/** @param text Lines of `/proc/PID/maps`. Lines that do not look like it are passed over. */
export function parseMaps(text: Uint8Array): readonly Mapping[] {
  return decodeBytes(text).split('\n').flatMap(parseLine);
}

export function placeOf(maps: readonly Mapping[], address: bigint): CodePlace {
  const mapping = maps.find(({ start, end }) => address >= start && address < end);
  if (mapping === undefined || mapping.path === '') return { module: '', offset: address };
  return { module: mapping.path, offset: address - mapping.start + mapping.fileOffset };
}

function parseLine(line: string): readonly Mapping[] {
  const match = /^([\da-f]+)-([\da-f]+) \S{4} ([\da-f]+) \S+ \d+ *(.*)$/u.exec(line);
  if (match === null) return [];
  const [, start = '', end = '', offset = '', path = ''] = match;
  // The kernel escapes newlines alone (seq_file_path).
  const name = path.replaceAll(String.raw`\012`, '\n').replace(/ \(deleted\)$/u, '');
  return [{ start: hex(start), end: hex(end), fileOffset: hex(offset), path: name }];
}

function hex(digits: string): bigint {
  return BigInt(`0x${digits}`);
}
