import type { FieldReader } from './fields.ts';

/** A header that stays bytes: its fields are decoded when they are asked for. Most who look for one look at one field of all. */
export abstract class LazyHeader {
  readonly index: number;
  readonly headerOffset: number;
  protected readonly fields: FieldReader;
  protected readonly bytes: Buffer;
  protected readonly start: number;

  /** @param start Where it begins in `bytes`. @param headerOffset Where it begins in the file. */
  constructor(fields: FieldReader, bytes: Buffer, start: number, index: number, headerOffset: number) {
    this.index = index;
    this.headerOffset = headerOffset;
    this.fields = fields;
    this.bytes = bytes;
    this.start = start;
  }

  protected u32(place: number): number {
    return this.fields.u32(this.bytes, this.start + place);
  }

  protected bigWord(place: number): bigint {
    return this.fields.bigWord(this.bytes, this.start + place);
  }
}
