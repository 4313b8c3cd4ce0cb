import { statSync } from 'node:fs';
import { osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** What changes when a file or folder of a package manager does; null where it is not there, or is of the other kind. */
export function fileStamp(path: ByteText, kind: 'file' | 'folder'): string | null {
  try {
    const found = statSync(osPath(path), { bigint: true });
    if (!(kind === 'folder' ? found.isDirectory() : found.isFile())) return null;
    return `${path} ${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
  } catch {
    return null;
  }
}
