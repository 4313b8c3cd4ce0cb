import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { segmentType } from '../reader/program-headers.ts';
import { type Section, sectionType } from '../reader/section-headers.ts';
import { plain, touches } from './structure.ts';

/** A string that began before the bytes asked for is looked for this far, and its end this far behind them. */
const reachBytes = 4096;
/** SHF_STRINGS: the section consists of strings (gABI, "Section Attribute Flags"). */
const stringsFlag = 0x20n;

/** The strings of string tables, of mergeable constants, of `.comment`, and the interpreter. */
export function* stringsAt(file: ElfFile, range: FileRange): Generator<ByteStructure> {
  for (const table of stringTables(file)) {
    if (touches(range, table.offset, table.length)) yield* stringsOf(file.image, range, table);
  }
}

function* stringTables(file: ElfFile): Generator<FileRange> {
  const { image } = file;
  const seen = new Set<number>();
  for (const section of image.firstSections()) {
    if (!holdsStrings(section)) continue;
    const { offset, sizeBytes } = sectionRange(image, section);
    seen.add(offset);
    yield { offset, length: sizeBytes };
  }
  const strings = file.dynamic()?.strings ?? null;
  if (strings !== null && !seen.has(strings.offset)) yield { offset: strings.offset, length: strings.sizeBytes };
  for (const { type, offset, fileBytes } of image.segments) {
    if (type === segmentType.interpreter) yield { offset: Number(offset), length: Number(fileBytes) };
  }
}

function holdsStrings({ type, flags, entryBytes }: Section): boolean {
  if (type === sectionType.stringTable) return true;
  return type === sectionType.progbits && (flags & stringsFlag) !== 0n && entryBytes <= 1n;
}

function* stringsOf({ source }: ElfImage, range: FileRange, table: FileRange): Generator<ByteStructure> {
  const tableEnd = Math.min(table.offset + table.length, source.sizeBytes);
  const first = Math.max(table.offset, range.offset - reachBytes);
  const end = Math.min(tableEnd, range.offset + range.length + reachBytes);
  const bytes = source.read(first, end - first);
  const wanted = range.offset - first;
  // The last NUL before the bytes asked for ends the string before the first one that counts.
  let at = wanted <= 0 ? 0 : bytes.lastIndexOf(0, wanted - 1) + 1;
  while (at < bytes.length && first + at < range.offset + range.length) {
    const found = bytes.indexOf(0, at);
    const stop = found < 0 ? bytes.length : found;
    const length = Math.min(stop + 1, bytes.length) - at;
    if (stop > at) {
      const start = first + at;
      const name = `string ${hex(start - table.offset)}`;
      yield plain({ kind: 'string', name, start, length, value: decodeBytes(bytes.subarray(at, stop)) });
    }
    at += Math.max(1, length);
  }
}
