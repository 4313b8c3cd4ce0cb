import type { ByteSource } from '../reader/byte-source.ts';

/**
 * A part of a source behind the same face, so that a file within a file (a member of an archive) is read in place. A window
 * that reaches beyond the source ends with it.
 */
export function createSourceWindow(source: ByteSource, offset: number, sizeBytes: number): ByteSource {
  const start = Math.max(0, Math.min(offset, source.sizeBytes));
  const size = Math.max(0, Math.min(sizeBytes, source.sizeBytes - start));
  const read = (at: number, length: number, into?: Buffer): Buffer =>
    at >= 0 && at < size && length > 0 ? source.read(start + at, Math.min(length, size - at), into) : Buffer.alloc(0);
  const string = (at: number, limit: number): Buffer =>
    at >= 0 && at < size && limit > 0 ? source.string(start + at, Math.min(limit, size - at)) : Buffer.alloc(0);
  return { sizeBytes: size, read, string, bytesRead: source.bytesRead, hasShrunk: source.hasShrunk };
}
