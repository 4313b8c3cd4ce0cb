import { readFileSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { fileStamp } from './file-stamp.ts';
import { type Asking, type Owners, type PackageDatabase, unowned } from './package-database.ts';

/** Where apk(8) has it; the latter where `/lib` is `/usr/lib`. */
const places = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'];

/**
 * The database of apk: one file, a paragraph for each package, in which `P:` is its name, `F:` a folder without its first slash, and
 * `R:` a file in that folder (Alpine wiki, "Apk spec", Installed Database).
 */
export function openApkDatabase(sysroot: ByteText): PackageDatabase | null {
  for (const place of places) {
    const path = sysroot + place;
    const version = fileStamp(path, 'file');
    if (version !== null)
      return { manager: 'apk', version, ownersOf: (paths, asking) => findOwners(path, paths, asking) };
  }
  return null;
}

/** Some megabytes at most: read as a whole, looked through in pieces. */
async function findOwners(path: ByteText, paths: Iterable<ByteText>, { pause }: Asking): Promise<Owners> {
  const packages = unowned(paths);
  let text: string;
  try {
    text = decodeBytes(readFileSync(osPath(path)));
  } catch (error) {
    return { packages, problem: error instanceof Error ? error.message : String(error) };
  }
  for (const paragraph of text.split('\n\n')) {
    await pause();
    let [name, folder] = ['', ''];
    for (const line of paragraph.split('\n')) {
      const value = line.slice(2);
      if (line.startsWith('P:')) name = value;
      else if (line.startsWith('F:')) folder = value === '' ? '/' : `/${value}/`;
      else if (line.startsWith('R:') && packages.has(folder + value)) packages.set(folder + value, name);
    }
  }
  return { packages };
}
