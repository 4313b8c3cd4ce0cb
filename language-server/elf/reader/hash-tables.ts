import { type DynamicSection, dynamicTag } from './dynamic-section.ts';
import type { ElfImage } from './elf-image.ts';
import { hasWideHash } from './symbol-count.ts';

/** A table by which the loader finds symbols, and how long it has to search in it. */
export interface HashTable {
  readonly kind: '.gnu.hash' | '.hash';
  readonly buckets: number;
  /** For each number of symbols that a bucket has: how many buckets have so many. */
  readonly lengths: ReadonlyMap<number, number>;
}

/** No library has so many; a hostile size would cost time for nothing. */
const maximumEntries = 1 << 22;

/** The hash tables of the dynamic section, each as far as it lies within the file. Reads them whole. */
export function readHashTables(image: ElfImage, dynamic: DynamicSection | null): readonly HashTable[] {
  if (dynamic === null) return [];
  return [
    readGnuHash(image, dynamic.offsetOf(dynamicTag.gnuHash)),
    readSysvHash(image, dynamic.offsetOf(dynamicTag.hash)),
  ].flatMap(table => (table === null ? [] : [table]));
}

/** Buckets lead to the first symbol of a chain; the lowest bit of a hash value marks the last one (Drepper's DT_GNU_HASH). */
function readGnuHash({ source, fields }: ElfImage, offset: number): HashTable | null {
  const header = offset < 0 ? Buffer.alloc(0) : source.read(offset, 16);
  if (header.length < 16) return null;
  const buckets = fields.u32(header, 0);
  const firstHashed = fields.u32(header, 4);
  const bucketsAt = offset + 16 + fields.u32(header, 8) * fields.wordBytes;
  if (buckets > maximumEntries) return null;
  const starts = source.read(bucketsAt, buckets * 4);
  const chainsAt = bucketsAt + buckets * 4;
  const lengths = new Map<number, number>();
  let budget = maximumEntries;
  for (let at = 0; at + 4 <= starts.length; at += 4) {
    const first = fields.u32(starts, at);
    const length = first < firstHashed ? 0 : chainLength(source, fields, chainsAt + (first - firstHashed) * 4, budget);
    budget -= length;
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  return { kind: '.gnu.hash', buckets, lengths };
}

function chainLength({ read }: ElfImage['source'], fields: ElfImage['fields'], offset: number, budget: number): number {
  for (let length = 0; length < budget; ) {
    const bytes = read(offset + length * 4, 64);
    if (bytes.length < 4) return length;
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      length += 1;
      if ((fields.u32(bytes, at) & 1) !== 0) return length;
    }
  }
  return budget;
}

/** Buckets lead to a symbol, and each symbol to the next one with the same bucket (gABI, "Hash Table"). */
function readSysvHash(image: ElfImage, offset: number): HashTable | null {
  const { source, fields } = image;
  const entryBytes = hasWideHash(image) ? 8 : 4;
  const entry = (bytes: Buffer, at: number): number =>
    entryBytes === 8 ? fields.word(bytes, at) : fields.u32(bytes, at);
  const header = offset < 0 ? Buffer.alloc(0) : source.read(offset, 2 * entryBytes);
  if (header.length < 2 * entryBytes) return null;
  const [buckets, symbols] = [entry(header, 0), entry(header, entryBytes)];
  if (buckets > maximumEntries || symbols > maximumEntries) return null;
  const words = source.read(offset + 2 * entryBytes, (buckets + symbols) * entryBytes);
  const next = (index: number): number =>
    (index + 1) * entryBytes <= words.length ? entry(words, index * entryBytes) : 0;
  const lengths = new Map<number, number>();
  let budget = symbols;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    let length = 0;
    for (let symbol = next(bucket); symbol > 0 && symbol < symbols && budget > 0; symbol = next(buckets + symbol)) {
      length += 1;
      budget -= 1;
    }
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  return { kind: '.hash', buckets, lengths };
}
