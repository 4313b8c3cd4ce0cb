import { readdirSync } from 'node:fs';
import type { ByteText } from '../protocol/elf.ts';
import { decodeBytes, osPath } from './byte-text.ts';

/** Names of what is in a folder, sorted; none where it cannot be read. */
export function namesIn(folder: ByteText): readonly ByteText[] {
  try {
    return readdirSync(osPath(folder), { encoding: 'buffer' }).map(decodeBytes).sort();
  } catch {
    return [];
  }
}
