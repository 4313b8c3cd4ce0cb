import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ByteSource } from '../reader/byte-source.ts';
import { hex } from '../reader/fields.ts';
import type { FindingList } from '../reader/finding-list.ts';

export type SymbolIndexFormat = 'gnu32' | 'gnu64' | 'bsd32' | 'bsd64';

/** Which member defines a symbol, as the linker looks it up (`nm -s`). Names are decoded when asked for. */
export interface ArchiveSymbolIndex {
  readonly format: SymbolIndexFormat;
  readonly count: number;
  /** Offset of the header of the member that defines each symbol. */
  readonly memberOffsets: Float64Array;
  name(index: number): ByteText;
}

interface Place {
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * GNU: a count, so many offsets, so many strings; all numbers big-endian (`bfd/archive.c`, do_slurp_coff_armap). BSD: the
 * size of an array of pairs (offset of the name, offset of the member), the array, the size of the strings, the strings
 * (`<ranlib.h>`), in the byte order of the machine. What does not fit is left out, with a finding.
 */
export function readSymbolIndex(
  source: ByteSource,
  format: SymbolIndexFormat,
  place: Place,
  findings: FindingList,
): ArchiveSymbolIndex {
  const bytes = source.read(place.offset, place.sizeBytes);
  return format === 'gnu32' || format === 'gnu64'
    ? readGnuIndex(bytes, format, place.offset, findings)
    : readBsdIndex(bytes, format, place.offset, findings);
}

function readGnuIndex(
  bytes: Buffer,
  format: 'gnu32' | 'gnu64',
  offset: number,
  findings: FindingList,
): ArchiveSymbolIndex {
  const wordBytes = format === 'gnu64' ? 8 : 4;
  const word = (at: number): number => wordAt(bytes, at, wordBytes, 'big');
  const claimed = bytes.length < wordBytes ? 0 : word(0);
  const room = Math.max(0, Math.floor((bytes.length - wordBytes) / wordBytes));
  let count = Math.min(claimed, room);
  const stringsStart = wordBytes * (count + 1);
  const nameOffsets = new Float64Array(count);
  let at = stringsStart;
  for (let index = 0; index < count; index += 1) {
    if (at >= bytes.length) {
      count = index;
      break;
    }
    nameOffsets[index] = at;
    const end = bytes.indexOf(0, at);
    at = end < 0 ? bytes.length : end + 1;
  }
  if (count < claimed || bytes.length < wordBytes) truncated(findings, offset, claimed, count);
  const memberOffsets = new Float64Array(count);
  for (let index = 0; index < count; index += 1) memberOffsets[index] = word(wordBytes * (index + 1));
  return {
    format,
    count,
    memberOffsets,
    name: index => nameAt(bytes, index < count ? (nameOffsets[index] ?? -1) : -1),
  };
}

function readBsdIndex(
  bytes: Buffer,
  format: 'bsd32' | 'bsd64',
  offset: number,
  findings: FindingList,
): ArchiveSymbolIndex {
  const wordBytes = format === 'bsd64' ? 8 : 4;
  const order = bsdByteOrder(bytes, wordBytes);
  const word = (at: number): number => wordAt(bytes, at, wordBytes, order);
  const claimedBytes = bytes.length < wordBytes ? 0 : word(0);
  const claimed = Math.floor(claimedBytes / (2 * wordBytes));
  const room = Math.max(0, Math.floor((bytes.length - 2 * wordBytes) / (2 * wordBytes)));
  const count = Math.min(claimed, room);
  if (count < claimed || bytes.length < wordBytes) truncated(findings, offset, claimed, count);
  const stringsStart = wordBytes * (2 + 2 * count);
  const nameOffsets = new Float64Array(count);
  const memberOffsets = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    nameOffsets[index] = stringsStart + word(wordBytes * (1 + 2 * index));
    memberOffsets[index] = word(wordBytes * (2 + 2 * index));
  }
  return {
    format,
    count,
    memberOffsets,
    name: index => nameAt(bytes, index < count ? (nameOffsets[index] ?? -1) : -1),
  };
}

/** Nothing says which it is: it is the one in which the array lies within the index. */
function bsdByteOrder(bytes: Buffer, wordBytes: 4 | 8): 'little' | 'big' {
  if (bytes.length < wordBytes) return 'little';
  const little = wordAt(bytes, 0, wordBytes, 'little');
  const big = wordAt(bytes, 0, wordBytes, 'big');
  return little > bytes.length && big <= bytes.length ? 'big' : 'little';
}

function wordAt(bytes: Buffer, at: number, wordBytes: 4 | 8, order: 'little' | 'big'): number {
  if (wordBytes === 4) return order === 'little' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return Number(order === 'little' ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

const maximumNameBytes = 64 << 10;

function nameAt(bytes: Buffer, start: number): ByteText {
  if (start < 0 || start >= bytes.length) return '<corrupt>';
  const end = bytes.indexOf(0, start);
  return decodeBytes(bytes.subarray(start, Math.min(end < 0 ? bytes.length : end, start + maximumNameBytes)));
}

function truncated(findings: FindingList, offset: number, claimed: number, count: number): void {
  findings.add({
    code: 'archive/index-truncated',
    severity: 'warning',
    message:
      'The symbol index of the archive is shorter than the number of its symbols needs; "ranlib" makes a new one.',
    offset,
    expected: `${hex(claimed)} symbols`,
    actual: `${hex(count)} that lie within it`,
    evidence: { rule: 'ar(5): symbol index' },
  });
}
