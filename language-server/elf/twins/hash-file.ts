import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteText } from '../../protocol/elf.ts';
import { openRegularFile } from '../open-elf.ts';
import { readFailure } from '../refusals.ts';

/** Hashed within a millisecond or two, so that a cancel is heard in between. */
const chunkBytes = 1 << 20;

/** SHA-256 of the file, in hexadecimal; of a file of any size no more than a chunk is held. */
export async function hashFile(path: ByteText, signal?: AbortSignal): Promise<string> {
  const fd = openRegularFile(path);
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) {
      hash.update(chunk.subarray(0, count));
      await nextTurn();
      signal?.throwIfAborted();
    }
    return hash.digest('hex');
  } catch (error) {
    throw readFailure(path, error);
  } finally {
    closeSync(fd);
  }
}
