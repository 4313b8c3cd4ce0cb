import { type DynamicSection, dynamicTag } from '../../elf/reader/dynamic-section.ts';
import type { ElfImage } from '../../elf/reader/elf-image.ts';
import { hasWideHash } from '../../elf/reader/symbol-count.ts';
import type { SymbolName } from './symbol-name.ts';

/** A hash table of dynamic symbols, by which one is found without reading the others. */
export interface HashLookup {
  /** False where the filter says that no symbol has the name, as is so for nearly all that an object does not have. */
  mayHave(name: SymbolName): boolean;
  /** Indices of symbols that may have the name, in the order of the table: most are it, none is missing. */
  find(name: SymbolName): Iterable<number>;
  /**
   * The symbols that can be found, each with 31 bits by which equal names are equal; where the table has no such bits, null.
   */
  entries(): Iterable<readonly [index: number, bits: number | null]>;
}

/** What is left of the steps along chains that one question may take: in a damaged table they can go round in circles. */
export interface StepBudget {
  steps: number;
}

/** No library has so large a filter; a hostile size would fill the memory. */
const maximumFilterBytes = 16 << 20;
const maximumBuckets = 1 << 24;

/** The table that the loader uses: DT_GNU_HASH where there is one (glibc `_dl_setup_hash`); null where symbols cannot be found. */
export function openHashLookup(image: ElfImage, dynamic: DynamicSection, budget: StepBudget): HashLookup | null {
  if (dynamic.value(dynamicTag.gnuHash) !== undefined) return openGnuHash(image, dynamic, budget);
  return dynamic.value(dynamicTag.hash) === undefined ? null : openSysvHash(image, dynamic, budget);
}

/** A Bloom filter with two bits a name, buckets that lead to the first symbol of a chain, and a hash value for each symbol. */
function openGnuHash(image: ElfImage, dynamic: DynamicSection, budget: StepBudget): HashLookup | null {
  const { source, fields } = image;
  const offset = dynamic.offsetOf(dynamicTag.gnuHash);
  const header = offset < 0 ? Buffer.alloc(0) : source.read(offset, 16);
  if (header.length < 16) return null;
  const [buckets, firstHashed, filterWords, shift] = [0, 4, 8, 12].map(at => fields.u32(header, at)) as Four;
  const filterBytes = filterWords * fields.wordBytes;
  if (buckets === 0 || buckets > maximumBuckets || filterBytes === 0 || filterBytes > maximumFilterBytes) return null;
  const filter = Buffer.from(source.read(offset + 16, filterBytes));
  if (filter.length < filterBytes) return null;
  const wordBits = 8 * fields.wordBytes;
  const bucketsAt = offset + 16 + filterBytes;
  const chainsAt = bucketsAt + 4 * buckets;
  const isSet = (word: number, bit: number): boolean => {
    const byte = fields.byteOrder === 'little' ? bit >> 3 : fields.wordBytes - 1 - (bit >> 3);
    return (((filter[word * fields.wordBytes + byte] ?? 0) >> (bit & 7)) & 1) !== 0;
  };
  const mayHave = (name: SymbolName): boolean => {
    const hash = name.gnuHash();
    // glibc takes the number of words for a power of two.
    const word = Math.floor(hash / wordBits) & (filterWords - 1);
    return isSet(word, hash & (wordBits - 1)) && isSet(word, (hash >>> (shift & 31)) & (wordBits - 1));
  };
  const u32 = (at: number): number | null => {
    const bytes = source.read(at, 4);
    return bytes.length < 4 ? null : fields.u32(bytes, 0);
  };
  function* chain(first: number): Generator<readonly [index: number, value: number]> {
    for (let index = first; budget.steps > 0; index += 1) {
      budget.steps -= 1;
      const value = u32(chainsAt + 4 * (index - firstHashed));
      if (value === null) return;
      yield [index, value];
      if ((value & 1) !== 0) return;
    }
  }
  return {
    mayHave,
    *find(name) {
      if (!mayHave(name)) return;
      const hash = name.gnuHash();
      const first = u32(bucketsAt + 4 * (hash % buckets)) ?? 0;
      if (first === 0) return;
      for (const [index, value] of chain(first)) if ((value ^ hash) >>> 1 === 0) yield index;
    },
    *entries() {
      for (let bucket = 0; bucket < buckets && budget.steps > 0; bucket += 1) {
        budget.steps -= 1;
        const first = u32(bucketsAt + 4 * bucket);
        if (first === null) return;
        if (first !== 0) for (const [index, value] of chain(first)) yield [index, value >>> 1];
      }
    },
  };
}

type Four = [number, number, number, number];

/** Buckets lead to a symbol, and each symbol to the next one with the same bucket (gABI, "Hash Table"). */
function openSysvHash(image: ElfImage, dynamic: DynamicSection, budget: StepBudget): HashLookup | null {
  const { source, fields } = image;
  const offset = dynamic.offsetOf(dynamicTag.hash);
  const entryBytes = hasWideHash(image) ? 8 : 4;
  const entry = (index: number): number => {
    const bytes = source.read(offset + index * entryBytes, entryBytes);
    if (bytes.length < entryBytes) return 0;
    return entryBytes === 8 ? fields.word(bytes, 0) : fields.u32(bytes, 0);
  };
  if (offset < 0) return null;
  const [buckets, symbols] = [entry(0), entry(1)];
  if (buckets === 0 || buckets > maximumBuckets) return null;
  return {
    mayHave: () => true,
    *find(name) {
      let index = entry(2 + (name.sysvHash() % buckets));
      for (let step = 0; index !== 0 && step < symbols && budget.steps > 0; step += 1) {
        budget.steps -= 1;
        yield index;
        index = entry(2 + buckets + index);
      }
    },
    *entries() {
      for (let index = 1; index < symbols && budget.steps > 0; index += 1) {
        budget.steps -= 1;
        yield [index, null];
      }
    },
  };
}
