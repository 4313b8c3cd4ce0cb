import { encodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/** One of several parts that a scan is divided into: `index` from 1 to `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Whether a file belongs to a part: by its path below the scanned folder alone, so that every machine that has the same files,
 * wherever it has them, divides them alike, without knowing of the others (FNV-1a, 32 bits).
 */
export function isInShard({ index, count }: Shard, relativePath: ByteText): boolean {
  let hash = 0x811c9dc5;
  for (const byte of encodeBytes(relativePath)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % count === index - 1;
}
