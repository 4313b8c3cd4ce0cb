import type { FieldReader } from './fields.ts';
import { LazyHeader } from './lazy-header.ts';
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
  return {
    bytes: fields.class === 64 ? 56 : 32,
    decode: (bytes, start, index, headerOffset) => new ProgramHeader(fields, bytes, start, index, headerOffset),
  };
}

/** The fields are decoded when they are asked for, as those of sections are. */
class ProgramHeader extends LazyHeader implements Segment {
  get type(): number {
    return this.u32(0);
  }

  /** They moved up in 64-bit files so that the words are aligned. */
  get flags(): number {
    return this.u32(this.fields.class === 64 ? 4 : 24);
  }

  get offset(): bigint {
    return this.word(0);
  }

  get virtualAddress(): bigint {
    return this.word(1);
  }

  get physicalAddress(): bigint {
    return this.word(2);
  }

  get fileBytes(): bigint {
    return this.word(3);
  }

  get memoryBytes(): bigint {
    return this.word(4);
  }

  get alignment(): bigint {
    return this.bigWord(this.fields.class === 64 ? 48 : 28);
  }

  private word(place: number): bigint {
    const { wordBytes } = this.fields;
    return this.bigWord((1 + place) * wordBytes);
  }
}
