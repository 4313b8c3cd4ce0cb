import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { type Section, sectionFlag, sectionType } from '../reader/section-headers.ts';
import {
  decimal,
  type FieldRow,
  layOut,
  layoutBytes,
  meaning,
  numberAt,
  record,
  recordsOn,
  touches,
} from './structure.ts';

/** Sections that begin with a header, or are an array of numbers. */
export function* contentsAt(file: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { image } = file;
  for (const section of image.firstSections()) {
    const { offset, sizeBytes } = sectionRange(image, section);
    const contents = { offset, length: sizeBytes };
    if (!touches(range, offset, sizeBytes)) continue;
    yield* headerOf(image, range, section, contents);
    yield* numbersOf(file, range, section, contents);
  }
}

const compressions = ['none', 'ZLIB', 'ZSTD'];

/** Headers of sections: hash tables (gABI, "Hash Table"; GNU), compressed sections (gABI, "Section Compression"). */
function headerRows(image: ElfImage, { type, flags }: Section): readonly FieldRow[] | null {
  if ((flags & sectionFlag.compressed) !== 0n) {
    const kind: FieldRow = ['ch_type', 'u32', meaning(value => compressions[value] ?? 'unknown')];
    const reserved: readonly FieldRow[] = image.fields.class === 64 ? [['ch_reserved', 'u32']] : [];
    return [kind, ...reserved, ['ch_size', 'word', decimal], ['ch_addralign', 'word', decimal]];
  }
  if (type === sectionType.hash) {
    return [
      ['nbucket', 'u32', decimal],
      ['nchain', 'u32', decimal],
    ];
  }
  if (type === sectionType.gnuHash) {
    return [
      ['nbuckets', 'u32', decimal],
      ['symoffset', 'u32', decimal],
      ['bloom_size', 'u32', decimal],
      ['bloom_shift', 'u32', decimal],
    ];
  }
  return null;
}

function* headerOf(
  image: ElfImage,
  range: FileRange,
  section: Section,
  { offset: start, length: sizeBytes }: FileRange,
): Generator<ByteStructure> {
  const rows = headerRows(image, section);
  if (rows === null) return;
  const layout = layOut(image.fields, rows);
  const length = layoutBytes(layout);
  if (length > sizeBytes || !touches(range, start, length)) return;
  const isHash = (section.flags & sectionFlag.compressed) === 0n;
  const kind = isHash ? 'hash-table' : 'section';
  const name = isHash ? 'hash table header' : 'compression header';
  yield record(image, range, { kind, name, start, length, value: image.sectionName(section) }, layout);
}

interface NumberArray {
  readonly kind: 'version' | 'word';
  /** What one of them is called, before its number. */
  readonly name: string;
  readonly bytes: number;
  text(value: bigint, index: number): string;
}

const arrayTypes: ReadonlyMap<number, string> = new Map([
  [14, 'initializer'],
  [15, 'finalizer'],
  [16, 'pre-initializer'],
]);
const groupType = 17;

/** Arrays of functions, members of groups, versions of symbols. */
function arrayOf(file: ElfFile, { type }: Section): NumberArray | null {
  const { image } = file;
  const functions = arrayTypes.get(type);
  if (functions !== undefined) return { kind: 'word', name: functions, bytes: image.fields.wordBytes, text: hex };
  const sectionName = (index: bigint): string => {
    const section = image.sections.at(Number(index));
    return section === undefined ? hex(index) : `${index} (${image.sectionName(section)})`;
  };
  if (type === groupType) {
    const text = (value: bigint, index: number): string => (index === 0 ? `flags ${hex(value)}` : sectionName(value));
    return { kind: 'word', name: 'group word', bytes: 4, text };
  }
  if (type === sectionType.symbolSectionIndices) {
    return { kind: 'word', name: 'section of symbol', bytes: 4, text: sectionName };
  }
  if (type !== sectionType.versionSymbols) return null;
  const text = (value: bigint, index: number): string => versionText(file, Number(value), index);
  return { kind: 'version', name: 'version of symbol', bytes: 2, text };
}

function versionText(file: ElfFile, number: number, index: number): string {
  if (number === 0) return '0 (local)';
  if (number === 1) return '1 (global)';
  const table = file.dynamicSymbols();
  const symbol = table?.block(index, 1);
  const isDefined =
    table !== null &&
    symbol !== undefined &&
    symbol.length >= table.layout.bytes &&
    file.image.fields.u16(symbol, table.layout.sectionIndex) !== 0;
  const suffix = file.versions().suffix(number, isDefined);
  return suffix === '' ? hex(number) : `${hex(number)} (${suffix})`;
}

function* numbersOf(
  file: ElfFile,
  range: FileRange,
  section: Section,
  { offset, length: sizeBytes }: FileRange,
): Generator<ByteStructure> {
  const { image } = file;
  const array = arrayOf(file, section);
  if (array === null) return;
  const { kind, bytes: length } = array;
  for (const index of recordsOn(range, { start: offset, bytes: length, count: Math.floor(sizeBytes / length) })) {
    const start = offset + index * length;
    const bytes = image.source.read(start, length);
    if (bytes.length < length) return;
    const value = array.text(numberAt(image.fields, bytes, 0, length), index);
    yield record(image, range, { kind, name: `${array.name} ${index}`, start, length, value }, []);
  }
}
