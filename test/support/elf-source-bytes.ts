import { execFileSync } from 'node:child_process';
import { posix } from 'node:path';
import type { SizePart } from '../../language-server/protocol/size.ts';

/** Bytes of each source file, by its path. */
export type SourceBytes = ReadonlyMap<string, number>;

/** What a size report has of source files and folders, without the folders. */
export function sourcesBelow(part: SizePart): SourceBytes {
  const bytes = new Map<string, number>();
  const collect = ({ kind, path, fileBytes, memoryBytes, children }: SizePart): void => {
    if (kind === 'source' && path !== undefined) bytes.set(path, Math.max(fileBytes, memoryBytes));
    children.forEach(collect);
  };
  collect(part);
  return bytes;
}

export interface AddressRange {
  readonly start: number;
  readonly sizeBytes: number;
}

/** Where a section is, by readelf. */
export function sectionAt(file: string, name: string): AddressRange & { readonly number: number } {
  const text = execFileSync('readelf', ['-SW', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const escaped = name.replaceAll('.', '\\.');
  const match = new RegExp(`\\[ *(\\d+)\\] ${escaped} +\\w+ +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) `, 'u').exec(text);
  if (match === null) throw new Error(`${file} has no section ${name}`);
  const hex = (at: number): number => Number.parseInt(match[at] ?? '', 16);
  return { number: Number(match[1]), start: hex(2), sizeBytes: hex(3) };
}

/**
 * What llvm-symbolizer says of each single byte of a range: which file it is from. Those of which it does not know are left out.
 * (addr2line of binutils takes names of files out of the symbol table too, and fails on 64-bit DWARF.)
 */
export function bytesBySymbolizer(
  file: string,
  { start, sizeBytes }: AddressRange,
  options: readonly string[] = [],
): SourceBytes {
  const input = Array.from({ length: sizeBytes }, (_, at) => `0x${(start + at).toString(16)}\n`).join('');
  const fixed = ['--no-inlines', '--functions=none', '--output-style=GNU', '-e', file];
  const output = execFileSync('llvm-symbolizer', [...fixed, ...options], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const lines = output.trimEnd().split('\n');
  if (lines.length !== sizeBytes) throw new Error(`llvm-symbolizer answered ${lines.length} of ${sizeBytes} addresses`);
  const bytes = new Map<string, number>();
  for (const line of lines) {
    const path = posix.normalize(/^(.*):(?:\d+|\?)(?: \(discriminator \d+\))?$/u.exec(line)?.[1] ?? line);
    if (path !== '??') bytes.set(path, (bytes.get(path) ?? 0) + 1);
  }
  return bytes;
}
