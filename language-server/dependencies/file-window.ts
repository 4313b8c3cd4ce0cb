import { readSync } from 'node:fs';

/** Ranged reads of one open file, by pages that are kept until the window is dropped. */
export interface FileWindow {
  readonly sizeBytes: number;
  /** The bytes that are there: fewer than asked for at the end of the file. */
  read(offset: number, length: number): Buffer;
  /** The bytes up to the next NUL, the end of the file, or `limit` bytes. */
  string(offset: number, limit: number): Buffer;
}

const pageBytes = 4096;
/** Enough for the tables of any real file; a broken one that leads everywhere is not kept whole. */
const maximumPages = 256;

export function createFileWindow(fd: number, sizeBytes: number): FileWindow {
  const pages = new Map<number, Buffer>();
  const page = (index: number): Buffer => {
    const known = pages.get(index);
    if (known !== undefined) return known;
    const bytes = readAt(fd, index * pageBytes, Math.min(pageBytes, sizeBytes - index * pageBytes));
    if (pages.size >= maximumPages) pages.clear();
    pages.set(index, bytes);
    return bytes;
  };
  const read = (offset: number, length: number): Buffer => {
    if (offset < 0 || offset >= sizeBytes || length <= 0) return Buffer.alloc(0);
    const end = Math.min(sizeBytes, offset + length);
    const first = Math.floor(offset / pageBytes);
    const last = Math.floor((end - 1) / pageBytes);
    if (first === last) return page(first).subarray(offset - first * pageBytes, end - first * pageBytes);
    return readAt(fd, offset, end - offset);
  };
  const string = (offset: number, limit: number): Buffer => {
    for (let length = 64; ; length *= 8) {
      const bytes = read(offset, Math.min(length, limit));
      const end = bytes.indexOf(0);
      if (end >= 0) return bytes.subarray(0, end);
      if (bytes.length < length) return bytes;
    }
  };
  return { sizeBytes, read, string };
}

/** Fewer bytes than asked for where the file has become shorter meanwhile. */
function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, length));
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(fd, buffer, filled, buffer.length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
