import { closeSync, fstatSync, mkdtempSync, openSync, read as readFile, rmSync, write as writeFile } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { openRegularFile } from '../../elf/open-elf.ts';
import type { ByteText } from '../../protocol/elf.ts';

const readAt = promisify(readFile);
const writeTo = promisify(writeFile);

/** Bytes that are read by ranges, off the main thread: an array is read in pieces of megabytes. */
export interface RangedFile {
  readonly sizeBytes: number;
  /** Into memory of its own, aligned for every type; fewer bytes than asked for at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): void;
}

/** Throws UserError notFound, unreadable, notRegularFile. */
export function openRangedFile(path: ByteText): RangedFile & { readonly fd: number } {
  return rangedFile(openRegularFile(path));
}

function rangedFile(fd: number): RangedFile & { readonly fd: number } {
  const sizeBytes = fstatSync(fd).size;
  return {
    fd,
    sizeBytes,
    read: (offset, length) => readRange(fd, sizeBytes, offset, length),
    close: () => closeSync(fd),
  };
}

/** The part of a file that is a file of its own: a member that an archive stores as it is. */
export function partOf(file: RangedFile, start: number, sizeBytes: number): RangedFile {
  const length = Math.max(0, Math.min(sizeBytes, file.sizeBytes - start));
  return {
    sizeBytes: length,
    read: (offset, wanted) => file.read(start + offset, Math.max(0, Math.min(wanted, length - offset))),
    close: () => file.close(),
  };
}

async function readRange(fd: number, sizeBytes: number, offset: number, length: number): Promise<Buffer> {
  const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
  // A buffer of Node's pool may begin at any byte; a Float64Array cannot.
  const buffer = Buffer.from(new ArrayBuffer(wanted));
  let filled = 0;
  while (filled < wanted) {
    const { bytesRead } = await readAt(fd, buffer, filled, wanted - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/**
 * A stream as a file: what is compressed has to be unpacked before any part of it can be read again. It is kept in a file that has
 * no name any more when this returns, so that nothing is left of it however the process ends.
 * @param limitBytes More makes the promise reject with what `tooLarge` makes.
 */
export async function spool(
  stream: Readable,
  limitBytes: number,
  tooLarge: () => Error,
  signal: AbortSignal,
): Promise<RangedFile> {
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-array-'));
  const path = join(folder, 'array');
  const fd = openSync(path, 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  try {
    let written = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      if (written + chunk.length > limitBytes) throw tooLarge();
      for (let done = 0; done < chunk.length; )
        done += (await writeTo(fd, chunk, done, chunk.length - done, written + done)).bytesWritten;
      written += chunk.length;
    }
  } catch (error) {
    stream.destroy();
    closeSync(fd);
    throw error;
  }
  return rangedFile(fd);
}
