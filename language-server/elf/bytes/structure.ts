import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ByteField, ByteStructure, ByteStructureKind, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { type FieldReader, hex } from '../reader/fields.ts';

/** Finds the structures of one kind that lie on a range of the file. Reads only what the range asks for. */
export type StructureFinder = (file: ElfFile, range: FileRange) => Iterable<ByteStructure>;

/** A field of a record (gABI): where it is in the record, and how its number reads. */
export interface FieldLayout {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
  /** What its number means; a plain one is shown in hexadecimal. */
  text(value: bigint): string;
}

/** Size of a field: `word` is that of an address, 4 or 8 bytes by class. */
export type FieldSize = 'byte' | 'half' | 'u32' | 'word' | number;

export type FieldRow = readonly [name: string, size: FieldSize, text?: (value: bigint) => string];

/** Lays fields out one behind the other, as a C structure whose members are in their natural places. */
export function layOut({ wordBytes }: FieldReader, rows: readonly FieldRow[]): readonly FieldLayout[] {
  const sizes = { byte: 1, half: 2, u32: 4, word: wordBytes };
  let at = 0;
  return rows.map(([name, size, text = hex]) => {
    const bytes = typeof size === 'number' ? size : sizes[size];
    const field = { name, at, bytes, text };
    at += bytes;
    return field;
  });
}

export function layoutBytes(layout: readonly FieldLayout[]): number {
  return layout.reduce((end, { at, bytes }) => Math.max(end, at + bytes), 0);
}

export interface Place {
  readonly kind: ByteStructureKind;
  readonly name: ByteText;
  readonly start: number;
  readonly length: number;
  readonly value: ByteText;
}

/** A structure without fields. */
export function plain({ kind, name, start, length, value }: Place): ByteStructure {
  return { kind, name: displayText(name), start, length, value: shortText(value), fields: [] };
}

/** A structure with those of its fields that lie on the range. */
export function record(image: ElfImage, range: FileRange, place: Place, layout: readonly FieldLayout[]): ByteStructure {
  const bytes = image.source.read(place.start, Math.min(place.length, layoutBytes(layout)));
  const fields = layout.flatMap(({ name, at, bytes: length, text }): readonly ByteField[] => {
    const start = place.start + at;
    if (at + length > bytes.length || !touches(range, start, length)) return [];
    return [{ name, start, length, value: shortText(text(numberAt(image.fields, bytes, at, length))) }];
  });
  return { ...plain(place), fields };
}

/** Whether some of the `length` bytes from `start` on are of the range. */
export function touches(range: FileRange, start: number, length: number): boolean {
  return length > 0 && start < range.offset + range.length && start + length > range.offset;
}

/** Numbers of the records of one size, `count` from `start` on, that lie on the range. */
export function* recordsOn(
  range: FileRange,
  { start, bytes, count }: { readonly start: number; readonly bytes: number; readonly count: number },
): Generator<number> {
  const first = Math.max(0, Math.floor((range.offset - start) / bytes));
  const end = Math.min(count, Math.ceil((range.offset + range.length - start) / bytes));
  for (let index = first; index < end; index += 1) yield index;
}

/** An unsigned number of any size in the byte order of the file. */
export function numberAt({ byteOrder }: FieldReader, bytes: Buffer, at: number, length: number): bigint {
  let value = 0n;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[byteOrder === 'big' ? at + index : at + length - 1 - index] ?? 0;
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

const longestValue = 200;

/** For a person: one line, not a page. */
export function shortText(text: ByteText): string {
  return displayText(text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`);
}

/** A number and what it means: `62 (Advanced Micro Devices X86-64)`. */
export function meaning(name: (value: number) => string): (value: bigint) => string {
  return value => `${hex(value)} (${name(Number(value))})`;
}

export function decimal(value: bigint): string {
  return String(value);
}
