import { readFileSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import { namesIn } from '../../native/folder-names.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { fileStamp } from './file-stamp.ts';
import { type Asking, type Owners, type PackageDatabase, unowned } from './package-database.ts';

/**
 * The database of pacman(8) below `/var/lib/pacman/local`: a folder `NAME-VERSION-RELEASE` for each package, whose `files` has,
 * after `%FILES%`, a path without its first slash in each line up to an empty one (libalpm, be_local.c).
 */
export function openPacmanDatabase(sysroot: ByteText): PackageDatabase | null {
  const folder = `${sysroot}/var/lib/pacman/local`;
  const version = fileStamp(folder, 'folder');
  if (version === null) return null;
  return { manager: 'pacman', version, ownersOf: (paths, asking) => findOwners(folder, paths, asking) };
}

async function findOwners(folder: ByteText, paths: Iterable<ByteText>, { pause }: Asking): Promise<Owners> {
  const packages = unowned(paths);
  for (const entry of namesIn(folder)) {
    await pause();
    // Neither a version nor a release has a hyphen (PKGBUILD(5)).
    const name = entry.replace(/-[^-]+-[^-]+$/u, '');
    for (const file of filesIn(`${folder}/${entry}/files`)) {
      const path = `/${file}`;
      if (packages.has(path)) packages.set(path, name);
    }
  }
  return { packages };
}

/** None where it cannot be read: a package may be removed meanwhile, and not all that is there is one. */
function filesIn(path: ByteText): readonly ByteText[] {
  try {
    const text = decodeBytes(readFileSync(osPath(path)));
    const start = text.startsWith('%FILES%\n') ? 0 : text.indexOf('\n%FILES%\n');
    if (start < 0) return [];
    const list = text.slice(text.indexOf('%FILES%\n', start) + '%FILES%\n'.length);
    const end = list.indexOf('\n\n');
    return (end < 0 ? list : list.slice(0, end)).split('\n');
  } catch {
    return [];
  }
}
