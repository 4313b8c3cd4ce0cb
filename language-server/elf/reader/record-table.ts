import type { ByteSource } from './byte-source.ts';

/** A table of records of one size in the file. Nothing is read or decoded before it is asked for. */
export interface RecordTable<T> extends Iterable<T> {
  /** Records that lie within the file. */
  readonly count: number;
  /** Offset in the file, in bytes. */
  readonly offset: number;
  readonly entryBytes: number;
  /** Undefined outside the table, or where the file has become shorter. */
  at(index: number): T | undefined;
}

export interface RecordLayout<T> {
  /** Size of one record as its structure has it. */
  readonly bytes: number;
  decode(bytes: Buffer, index: number, offset: number): T;
}

/** @param entryBytes Distance from one record to the next, at least `layout.bytes`. */
export function createRecordTable<T>(
  source: ByteSource,
  layout: RecordLayout<T>,
  { offset, count, entryBytes }: { readonly offset: number; readonly count: number; readonly entryBytes: number },
): RecordTable<T> {
  const at = (index: number): T | undefined => {
    if (!(index >= 0 && index < count)) return undefined;
    const start = offset + index * entryBytes;
    const bytes = source.read(start, layout.bytes);
    return bytes.length < layout.bytes ? undefined : layout.decode(bytes, index, start);
  };
  const iterate = function* (): Generator<T> {
    for (let index = 0; index < count; index += 1) {
      const record = at(index);
      if (record === undefined) return;
      yield record;
    }
  };
  return { count, offset, entryBytes, at, [Symbol.iterator]: iterate };
}

export function emptyRecordTable<T>(): RecordTable<T> {
  return { count: 0, offset: 0, entryBytes: 1, at: () => undefined, [Symbol.iterator]: () => [][Symbol.iterator]() };
}

/** How many records of a table that claims `claimed` of them lie within the file. */
export function countWithin(sizeBytes: number, offset: number, entryBytes: number, claimed: number): number {
  if (!(offset >= 0 && offset < sizeBytes)) return 0;
  return Math.min(claimed, Math.floor((sizeBytes - offset) / entryBytes));
}
