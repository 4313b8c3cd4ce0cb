import type { FieldReader } from './fields.ts';
import type { RecordLayout } from './record-table.ts';

/** A section header (gABI, "Sections"). */
export interface Section {
  readonly index: number;
  /** Where the header itself stands in the file. */
  readonly headerOffset: number;
  /** Offset of the name in the section that holds section names. */
  readonly name: number;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: bigint;
  readonly sizeBytes: bigint;
  readonly link: number;
  readonly info: number;
  readonly alignment: bigint;
  readonly entryBytes: bigint;
}

export const sectionType = {
  null: 0,
  progbits: 1,
  symbolTable: 2,
  stringTable: 3,
  rela: 4,
  hash: 5,
  dynamic: 6,
  note: 7,
  nobits: 8,
  rel: 9,
  dynamicSymbols: 11,
  symbolSectionIndices: 18,
  gnuHash: 0x6ffffff6,
  versionDefinitions: 0x6ffffffd,
  versionNeeds: 0x6ffffffe,
  versionSymbols: 0x6fffffff,
} as const;

export const sectionFlag = { write: 1n, alloc: 2n, execute: 4n, tls: 0x400n, compressed: 0x800n } as const;

export function sectionHeaderLayout(fields: FieldReader): RecordLayout<Section> {
  const { wordBytes } = fields;
  // name, type, then four words, two halves of a word, and two words.
  const link = 8 + 4 * wordBytes;
  return {
    bytes: 16 + 6 * wordBytes,
    decode: (bytes, index, headerOffset) => ({
      index,
      headerOffset,
      name: fields.u32(bytes, 0),
      type: fields.u32(bytes, 4),
      flags: fields.bigWord(bytes, 8),
      address: fields.bigWord(bytes, 8 + wordBytes),
      offset: fields.bigWord(bytes, 8 + 2 * wordBytes),
      sizeBytes: fields.bigWord(bytes, 8 + 3 * wordBytes),
      link: fields.u32(bytes, link),
      info: fields.u32(bytes, link + 4),
      alignment: fields.bigWord(bytes, link + 8),
      entryBytes: fields.bigWord(bytes, link + 8 + wordBytes),
    }),
  };
}
