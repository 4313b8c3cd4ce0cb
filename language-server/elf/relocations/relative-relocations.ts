import type { ElfImage } from '../reader/elf-image.ts';
import type { FieldReader } from '../reader/fields.ts';
import { relativeType } from './relative-type.ts';
import { createBlock, type RelocationBlock, type RelocationList } from './relocation-block.ts';
import type { RelocationSection } from './relocation-sections.ts';

/** Words between two places from which decoding can begin. */
const stride = 512;

/** What is known before a word: how many relocations come from those before it, and the address that a bitmap begins at. */
interface Checkpoint {
  readonly relocations: number;
  readonly base: bigint;
}

interface Table {
  readonly fields: FieldReader;
  readonly words: number;
  /** Bytes of the words from one on, `stride` of them at most. */
  read(firstWord: number): Buffer;
}

interface Index {
  readonly checkpoints: readonly Checkpoint[];
  readonly relocations: number;
}

/**
 * RELR: an even word is the address of a relocation; an odd one is a bitmap of which of the words behind it are relocated too,
 * 31 or 63 of them (gABI, "Relative Relocation Table"). Only the places in between are kept in memory.
 */
export function openRelativeRelocations(image: ElfImage, section: RelocationSection): RelocationList {
  const { source, fields, findings, header } = image;
  const { wordBytes } = fields;
  const words = Math.floor(section.sizeBytes / wordBytes);
  const read = (first: number): Buffer =>
    source.read(section.offset + first * wordBytes, Math.min(stride, words - first) * wordBytes);
  const table: Table = { fields, words, read };
  if (words > 0 && (lowHalf(fields, read(0), 0) & 1) !== 0) {
    findings.add({
      code: 'elf/relr-bitmap',
      severity: 'warning',
      message: `The relative relocations ${section.name} begin with a bitmap, before there is an address that it could follow.`,
      offset: section.offset,
      expected: 'an even word',
      evidence: { rule: 'gABI: Relative Relocation Table' },
    });
  }
  const index = indexWords(table);
  const type = relativeType(header.machine, fields.class);
  const block = (first: number, wanted: number): RelocationBlock => {
    const count = Math.max(0, Math.min(wanted, index.relocations - first));
    const result = createBlock(count, false);
    result.types.fill(type);
    decodeWords(table, index, first, result.offsets);
    return result;
  };
  return { count: index.relocations, block };
}

function indexWords({ fields, words, read }: Table): Index {
  const { wordBytes } = fields;
  const covered = BigInt((8 * wordBytes - 1) * wordBytes);
  const checkpoints: Checkpoint[] = [];
  let relocations = 0;
  let base = 0n;
  for (let first = 0; first < words; first += stride) {
    checkpoints.push({ relocations, base });
    const bytes = read(first);
    for (let at = 0; at + wordBytes <= bytes.length; at += wordBytes) {
      const low = lowHalf(fields, bytes, at);
      if ((low & 1) === 0) {
        base = fields.bigWord(bytes, at) + BigInt(wordBytes);
        relocations += 1;
      } else {
        base += covered;
        relocations += bitCount(low) + (wordBytes === 4 ? 0 : bitCount(highHalf(fields, bytes, at))) - 1;
      }
    }
  }
  return { checkpoints, relocations };
}

/** Fills `offsets` with those of the relocations from `first` on. */
function decodeWords({ fields, read }: Table, { checkpoints }: Index, first: number, offsets: BigUint64Array): void {
  const { wordBytes } = fields;
  const step = BigInt(wordBytes);
  const covered = BigInt((8 * wordBytes - 1) * wordBytes);
  let chunk = lastBefore(checkpoints, first);
  let place = (checkpoints[chunk]?.relocations ?? 0) - first;
  let base = checkpoints[chunk]?.base ?? 0n;
  const put = (offset: bigint): void => {
    // A typed array has no elements outside, and takes the lowest 64 bits.
    offsets[place] = BigInt.asUintN(8 * wordBytes, offset);
    place += 1;
  };
  for (; place < offsets.length && chunk < checkpoints.length; chunk += 1) {
    const bytes = read(chunk * stride);
    for (let at = 0; at + wordBytes <= bytes.length && place < offsets.length; at += wordBytes) {
      const word = fields.bigWord(bytes, at);
      if ((word & 1n) === 0n) {
        put(word);
        base = word + step;
      } else {
        eachBit(word >> 1n, bit => put(base + bit * step));
        base += covered;
      }
    }
  }
}

function eachBit(bitmap: bigint, use: (bit: bigint) => void): void {
  let bit = 0n;
  for (let rest = bitmap; rest !== 0n; rest >>= 1n) {
    if ((rest & 1n) !== 0n) use(bit);
    bit += 1n;
  }
}

/** The last checkpoint at or before a relocation. */
function lastBefore(checkpoints: readonly Checkpoint[], relocation: number): number {
  let low = 0;
  let high = checkpoints.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((checkpoints[middle]?.relocations ?? 0) <= relocation) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}

function lowHalf(fields: FieldReader, bytes: Buffer, at: number): number {
  if (bytes.length < at + fields.wordBytes) return 0;
  return fields.u32(bytes, fields.byteOrder === 'little' ? at : at + fields.wordBytes - 4);
}

function highHalf(fields: FieldReader, bytes: Buffer, at: number): number {
  return fields.u32(bytes, fields.byteOrder === 'little' ? at + 4 : at);
}

function bitCount(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
