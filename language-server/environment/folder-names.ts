import { readdirSync } from 'node:fs';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/** Names in a folder, sorted; none where it cannot be read. */
export function namesIn(folder: ByteText): readonly string[] {
  try {
    return readdirSync(osPath(folder)).sort();
  } catch {
    return [];
  }
}
