import { readFileSync } from 'node:fs';
import { osPath } from '../native/byte-text.ts';
import { type Distribution, distributionOf } from '../native/distribution.ts';
import type { ByteText } from '../protocol/elf.ts';

export type { Distribution };

/** @param root Host path of the folder that is `/`, without a slash at its end. Null: none that we know. */
export function distributionAt(root: ByteText): Distribution | null {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return distributionOf(readFileSync(osPath(root + path), 'utf8'));
    } catch {
      // os-release(5) names both places.
    }
  }
  return null;
}
