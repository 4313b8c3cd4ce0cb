import { type BigIntStats, type Dirent, lstatSync, readdirSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** What is in a folder, each list by name, in the order of the names' bytes. Symbolic links, fifos and devices are in none. */
export interface FolderEntries {
  readonly files: readonly ByteText[];
  readonly folders: readonly ByteText[];
}

/** Views of the kernel, not files: their sizes are made up, and reading some of them acts. */
export const kernelFolders: ReadonlySet<ByteText> = new Set(['/proc', '/sys', '/dev']);

/** @throws the error of node:fs where the folder cannot be read. */
export function readFolder(folder: ByteText): FolderEntries {
  // One character a byte: much cheaper than a buffer a name, and nothing is lost.
  const entries = readdirSync(osPath(folder), { withFileTypes: true, encoding: 'latin1' });
  const named = (wanted: (entry: Dirent) => boolean): readonly ByteText[] =>
    entries
      .filter(wanted)
      .map(({ name }) => name)
      .sort()
      .map(decodeName);
  return { files: named(entry => entry.isFile()), folders: named(entry => entry.isDirectory()) };
}

const beyondAscii = /[\u0080-\u00FF]/u;

function decodeName(name: string): ByteText {
  return beyondAscii.test(name) ? decodeBytes(Buffer.from(name, 'latin1')) : name;
}

export function pathIn(folder: ByteText, name: ByteText): ByteText {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/**
 * lstat(2) of a regular file; null where it is none any more.
 * @param onUnreadable Called where nothing can be told of it, as in a folder that may be read but not entered.
 */
export function regularFileAt(path: ByteText, onUnreadable: (code: string) => void): BigIntStats | null {
  try {
    const status = lstatSync(osPath(path), { bigint: true, throwIfNoEntry: false });
    return status?.isFile() === true ? status : null;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTDIR') onUnreadable(code);
    return null;
  }
}
