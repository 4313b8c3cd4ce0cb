import type { FieldReader } from './fields.ts';
import type { RecordLayout } from './record-table.ts';

/** A program header (gABI, "Program Header"). */
export interface Segment {
  readonly index: number;
  /** Where the header itself stands in the file. */
  readonly headerOffset: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: bigint;
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  readonly fileBytes: bigint;
  readonly memoryBytes: bigint;
  readonly alignment: bigint;
}

export const segmentType = {
  null: 0,
  load: 1,
  dynamic: 2,
  interpreter: 3,
  note: 4,
  tls: 7,
  gnuEhFrame: 0x6474e550,
  gnuStack: 0x6474e551,
  gnuRelro: 0x6474e552,
  gnuProperty: 0x6474e553,
} as const;

export const segmentFlag = { execute: 1, write: 2, read: 4 } as const;

export function programHeaderLayout(fields: FieldReader): RecordLayout<Segment> {
  const { class: elfClass, wordBytes } = fields;
  // The flags moved up in 64-bit files so that the words are aligned.
  const flagsAt = elfClass === 64 ? 4 : 24;
  const first = elfClass === 64 ? 8 : 4;
  const alignmentAt = elfClass === 64 ? 48 : 28;
  return {
    bytes: elfClass === 64 ? 56 : 32,
    decode: (bytes, index, headerOffset) => ({
      index,
      headerOffset,
      type: fields.u32(bytes, 0),
      flags: fields.u32(bytes, flagsAt),
      offset: fields.bigWord(bytes, first),
      virtualAddress: fields.bigWord(bytes, first + wordBytes),
      physicalAddress: fields.bigWord(bytes, first + 2 * wordBytes),
      fileBytes: fields.bigWord(bytes, first + 3 * wordBytes),
      memoryBytes: fields.bigWord(bytes, first + 4 * wordBytes),
      alignment: fields.bigWord(bytes, alignmentAt),
    }),
  };
}
