import type { FieldReader } from './fields.ts';
import { LazyHeader } from './lazy-header.ts';
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
  return {
    bytes: 16 + 6 * fields.wordBytes,
    decode: (bytes, start, index, headerOffset) => new SectionHeader(fields, bytes, start, index, headerOffset),
  };
}

/**
 * The fields are decoded when they are asked for: most who look for a section look at the type of all and at all of one.
 * Name, type, then four words, two halves of a word, and two words.
 */
class SectionHeader extends LazyHeader implements Section {
  get name(): number {
    return this.u32(0);
  }

  get type(): number {
    return this.u32(4);
  }

  get flags(): bigint {
    return this.word(0);
  }

  get address(): bigint {
    return this.word(1);
  }

  get offset(): bigint {
    return this.word(2);
  }

  get sizeBytes(): bigint {
    return this.word(3);
  }

  get link(): number {
    return this.u32(8 + 4 * this.fields.wordBytes);
  }

  get info(): number {
    return this.u32(12 + 4 * this.fields.wordBytes);
  }

  get alignment(): bigint {
    return this.word(5, 8 - this.fields.wordBytes);
  }

  get entryBytes(): bigint {
    return this.word(6, 8 - this.fields.wordBytes);
  }

  /** @param shift Of the words behind link and info, which together are as long as one word only in 64-bit files. */
  private word(place: number, shift = 0): bigint {
    return this.bigWord(8 + place * this.fields.wordBytes + shift);
  }
}
