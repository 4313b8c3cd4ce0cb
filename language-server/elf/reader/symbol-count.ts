import { machine } from '../names/machines.ts';
import { type DynamicSection, dynamicTag } from './dynamic-section.ts';
import type { ElfImage } from './elf-image.ts';

/**
 * How many dynamic symbols there are, for files without section headers: the dynamic section does not say it, but the hash
 * tables reach every symbol that can be looked up. Null: cannot be known.
 */
export function countDynamicSymbols(image: ElfImage, dynamic: DynamicSection): number | null {
  const mipsCount = dynamic.value(dynamicTag.mipsSymbolCount);
  const { machine: code } = image.header;
  if ((code === machine.mips || code === machine.mipsLittleEndian) && mipsCount !== undefined) return Number(mipsCount);
  return countBySysvHash(image, dynamic) ?? countByGnuHash(image, dynamic) ?? countByNeighbour(image, dynamic);
}

/** `nchain` of DT_HASH is the number of symbols (gABI, "Hash Table"). */
function countBySysvHash(image: ElfImage, dynamic: DynamicSection): number | null {
  const { source, fields } = image;
  const offset = dynamic.offsetOf(dynamicTag.hash);
  if (offset < 0) return null;
  const wide = hasWideHash(image);
  const bytes = source.read(offset, wide ? 16 : 8);
  if (bytes.length < (wide ? 16 : 8)) return null;
  return wide ? fields.word(bytes, 8) : fields.u32(bytes, 4);
}

/** The psABIs of 64-bit s390 and Alpha have hash tables of 64-bit words. */
export function hasWideHash({ fields, header: { machine: code } }: ElfImage): boolean {
  return fields.class === 64 && (code === machine.s390 || code === machine.s390Old || code === machine.alpha);
}

const chunkWords = 16 << 10;
/** 64 MiB of words; what is beyond is not a table of a working file. */
const maximumWords = 16 << 20;

/**
 * The symbols that DT_GNU_HASH reaches are sorted by bucket, from `symoffset` on: the last one is at the end of the chain
 * that begins at the highest bucket. The symbols before are those that nobody can look up (undefined ones).
 */
function countByGnuHash({ source, fields }: ElfImage, dynamic: DynamicSection): number | null {
  const offset = dynamic.offsetOf(dynamicTag.gnuHash);
  if (offset < 0) return null;
  const start = source.read(offset, 16);
  if (start.length < 16) return null;
  const bucketCount = fields.u32(start, 0);
  const firstHashed = fields.u32(start, 4);
  const bloomWords = fields.u32(start, 8);
  const buckets = offset + 16 + bloomWords * fields.wordBytes;
  if (bucketCount > maximumWords) return null;
  let highest = 0;
  for (let first = 0; first < bucketCount; first += chunkWords) {
    const words = Math.min(chunkWords, bucketCount - first);
    const bytes = source.read(buckets + first * 4, words * 4);
    if (bytes.length < words * 4) return null;
    for (let at = 0; at < bytes.length; at += 4) highest = Math.max(highest, fields.u32(bytes, at));
  }
  if (highest < firstHashed) return firstHashed;
  const chains = buckets + bucketCount * 4;
  for (let index = highest; index - highest < maximumWords; ) {
    const bytes = source.read(chains + (index - firstHashed) * 4, 256);
    if (bytes.length < 4) return null;
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      index += 1;
      // The lowest bit marks the end of a chain.
      if ((fields.u32(bytes, at) & 1) !== 0) return index;
    }
  }
  return null;
}

/** Every linker puts the string table behind the symbols; without any hash table that is all there is to go by. */
function countByNeighbour({ fields }: ElfImage, dynamic: DynamicSection): number | null {
  const symbols = dynamic.offsetOf(dynamicTag.symbolTable);
  const strings = dynamic.strings?.offset ?? -1;
  if (symbols < 0 || strings <= symbols) return null;
  return Math.floor((strings - symbols) / (fields.class === 64 ? 24 : 16));
}
