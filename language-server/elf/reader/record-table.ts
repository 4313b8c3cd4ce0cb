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
  /**
   * @param start Where the record begins in `bytes`, which hold all of it.
   * @param offset Where it begins in the file.
   */
  decode(bytes: Buffer, start: number, index: number, offset: number): T;
}

/** Most tables are smaller, and are read in one go. */
const chunkBytes = 4096;

/** @param entryBytes Distance from one record to the next, at least `layout.bytes`. */
export function createRecordTable<T>(
  source: ByteSource,
  layout: RecordLayout<T>,
  { offset, count, entryBytes }: { readonly offset: number; readonly count: number; readonly entryBytes: number },
): RecordTable<T> {
  const chunkRecords = Math.max(1, Math.floor(chunkBytes / entryBytes));
  let records: readonly T[] = [];
  let recordsFirst = -1;
  const load = (first: number): readonly T[] => {
    if (first === recordsFirst) return records;
    const wanted = Math.min(chunkRecords, count - first);
    if (wanted <= 0) return [];
    const start = offset + first * entryBytes;
    // Without what is behind the last one: a broken header can make the distance many times the record.
    const bytes = source.read(start, (wanted - 1) * entryBytes + layout.bytes);
    const decoded: T[] = [];
    for (let at = 0; at + layout.bytes <= bytes.length; at += entryBytes) {
      decoded.push(layout.decode(bytes, at, first + decoded.length, start + at));
    }
    records = decoded;
    recordsFirst = first;
    return records;
  };
  const at = (index: number): T | undefined => {
    if (!(index >= 0 && index < count)) return undefined;
    const place = index % chunkRecords;
    return load(index - place)[place];
  };
  const iterate = function* (): Generator<T> {
    for (let index = 0; index < count; index += 1) {
      const record = at(index);
      if (record === undefined) return;
      yield record;
    }
  };
  const iterator = (): Iterator<T> => (count <= chunkRecords ? load(0).values() : iterate());
  return { count, offset, entryBytes, at, [Symbol.iterator]: iterator };
}

export function emptyRecordTable<T>(): RecordTable<T> {
  return { count: 0, offset: 0, entryBytes: 1, at: () => undefined, [Symbol.iterator]: () => [][Symbol.iterator]() };
}

/** How many records of a table that claims `claimed` of them lie within the file. */
export function countWithin(sizeBytes: number, offset: number, entryBytes: number, claimed: number): number {
  if (!(offset >= 0 && offset < sizeBytes)) return 0;
  return Math.min(claimed, Math.floor((sizeBytes - offset) / entryBytes));
}
