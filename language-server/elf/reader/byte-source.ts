import { readSync } from 'node:fs';

/** Ranged reads of one open file, by pages that are kept up to a limit. */
export interface ByteSource {
  /** Size of the file when it was opened, in bytes. */
  readonly sizeBytes: number;
  /**
   * The bytes that are there: fewer than asked for at the end of the file. Offsets may be any number, also beyond 2^53. The
   * buffer may be a view of a kept page: it is only to be read.
   * @param into Memory of at least `length` bytes for a long range, in place of a new buffer: for one who reads piece by piece
   * and is done with one before asking for the next.
   */
  read(offset: number, length: number, into?: Buffer): Buffer;
  /** The bytes from `offset` up to the next NUL, the end of the file, or `limit` bytes. */
  string(offset: number, limit: number): Buffer;
  /** Bytes read from the file so far. */
  bytesRead(): number;
  /** Whether a read got less than the size of the file had promised: it has become shorter meanwhile. */
  hasShrunk(): boolean;
}

export interface ByteSourceOptions {
  /** A power of two; default 4096, which costs least where single structures are read here and there. */
  readonly pageBytes?: number;
  /** Default 256. */
  readonly maximumPages?: number;
}

/** What lies in so few pages is read whole and kept; a longer range is read as it is asked for, and not kept. */
const maximumPagesAtOnce = 4;

export function createByteSource(fd: number, sizeBytes: number, options: ByteSourceOptions = {}): ByteSource {
  const { pageBytes = 4096, maximumPages = 256 } = options;
  const pages = new Map<number, Buffer>();
  let bytesRead = 0;
  let shrunk = false;
  let whole: Buffer | undefined;
  const isSmall = sizeBytes <= maximumPagesAtOnce * pageBytes;

  const readAt = (offset: number, length: number, buffer: Buffer): Buffer => {
    let filled = 0;
    while (filled < length) {
      const count = readSync(fd, buffer, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    bytesRead += filled;
    if (filled < length) shrunk = true;
    return buffer.subarray(0, filled);
  };
  const page = (index: number): Buffer => {
    const known = pages.get(index);
    if (known !== undefined) return known;
    const length = Math.min(pageBytes, sizeBytes - index * pageBytes);
    const bytes = readAt(index * pageBytes, length, newBuffer(length));
    // What is read again and again (a string table) is soon back; keeping track of its use would cost each read.
    if (pages.size >= maximumPages) pages.clear();
    pages.set(index, bytes);
    return bytes;
  };
  const isAnyKnown = (first: number, last: number): boolean => {
    for (let index = first; index <= last; index += 1) if (pages.has(index)) return true;
    return false;
  };
  /** Pages that lie one behind the other, in one read. */
  const neighbours = (first: number, last: number): Buffer => {
    const length = Math.min((last - first + 1) * pageBytes, sizeBytes - first * pageBytes);
    const bytes = readAt(first * pageBytes, length, newBuffer(length));
    if (pages.size + last - first >= maximumPages) pages.clear();
    for (let index = first; index <= last; index += 1) {
      const start = (index - first) * pageBytes;
      pages.set(index, bytes.subarray(start, start + pageBytes));
    }
    return bytes;
  };
  /** Copies only where the pages do not lie one behind the other in memory, as those do that were read one after the other. */
  const joined = (first: number, last: number, offset: number, end: number): Buffer => {
    const parts: Buffer[] = [];
    for (let index = first; index <= last; index += 1) {
      const start = index * pageBytes;
      parts.push(page(index).subarray(Math.max(0, offset - start), Math.max(0, end - start)));
    }
    return oneBehindTheOther(parts) ?? Buffer.concat(parts);
  };
  const read = (offset: number, length: number, into?: Buffer): Buffer => {
    if (!(offset >= 0 && offset < sizeBytes && length > 0)) return Buffer.alloc(0);
    const end = Math.min(sizeBytes, offset + length);
    if (isSmall) {
      whole ??= readAt(0, sizeBytes, newBuffer(sizeBytes));
      return whole.subarray(offset, end);
    }
    const first = Math.floor(offset / pageBytes);
    const last = Math.floor((end - 1) / pageBytes);
    if (first === last) return page(first).subarray(offset - first * pageBytes, end - first * pageBytes);
    if (last - first >= maximumPagesAtOnce) return readAt(offset, end - offset, into ?? newBuffer(end - offset));
    if (isAnyKnown(first, last)) return joined(first, last, offset, end);
    return neighbours(first, last).subarray(offset - first * pageBytes, end - first * pageBytes);
  };
  const string = (offset: number, limit: number): Buffer => {
    for (let length = 64; ; length *= 8) {
      const bytes = read(offset, Math.min(length, limit));
      const end = bytes.indexOf(0);
      if (end >= 0) return bytes.subarray(0, end);
      if (bytes.length < length) return bytes;
    }
  };
  return { sizeBytes, read, string, bytesRead: () => bytesRead, hasShrunk: () => shrunk };
}

/** The same bytes without a copy; undefined: they are in several places. */
function oneBehindTheOther(parts: readonly Buffer[]): Buffer | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  let length = 0;
  for (const part of parts) {
    if (part.buffer !== first.buffer || part.byteOffset !== first.byteOffset + length) return undefined;
    length += part.length;
  }
  return Buffer.from(first.buffer, first.byteOffset, length);
}

const slabBytes = 64 << 10;
let slab = Buffer.alloc(0);
let slabUsed = 0;

/**
 * Memory for one read. Pages are cut from a larger piece, which is never used again and lives as long as a view of it: to
 * allocate one by one costs more than to read it (Node's own pool is for smaller ones).
 */
function newBuffer(length: number): Buffer {
  if (length > slabBytes / 4) return Buffer.allocUnsafeSlow(length);
  if (slabUsed + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    slabUsed = 0;
  }
  const buffer = slab.subarray(slabUsed, slabUsed + length);
  slabUsed += length;
  return buffer;
}

/** Bytes in memory behind the same face. */
export function createMemorySource(bytes: Buffer): ByteSource {
  const read = (offset: number, length: number): Buffer =>
    offset >= 0 && offset < bytes.length && length > 0
      ? bytes.subarray(offset, Math.min(bytes.length, offset + length))
      : Buffer.alloc(0);
  const string = (offset: number, limit: number): Buffer => {
    const rest = read(offset, limit);
    const end = rest.indexOf(0);
    return end < 0 ? rest : rest.subarray(0, end);
  };
  return { sizeBytes: bytes.length, read, string, bytesRead: () => 0, hasShrunk: () => false };
}
