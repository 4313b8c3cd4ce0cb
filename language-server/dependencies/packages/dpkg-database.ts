import { readdirSync, readFileSync } from 'node:fs';
import { decodeBytes, encodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { fileStamp } from './file-stamp.ts';
import type { Asking, Owners, PackageDatabase } from './package-database.ts';

/** The database of dpkg(1) below `/var/lib/dpkg`, read as it stands there: its lists of files, and its diversions. */
export function openDpkgDatabase(sysroot: ByteText): PackageDatabase | null {
  const folder = `${sysroot}/var/lib/dpkg`;
  // dpkg writes a list anew whenever its package changes, which changes the folder.
  const version = fileStamp(`${folder}/info`, 'folder');
  if (version === null) return null;
  return { manager: 'dpkg', version, ownersOf: (paths, asking) => findOwners(folder, paths, asking) };
}

/** One pass through all lists. */
async function findOwners(folder: ByteText, paths: Iterable<ByteText>, { pause }: Asking): Promise<Owners> {
  const owners = new Map<ByteText, string | null>();
  const diversions = readDiversions(`${folder}/diversions`);
  // Lines are compared as the bytes that they are, one character each: to decode a million of them would take seconds.
  const wanted = new Map<string, Wanted>();
  for (const path of paths) {
    owners.set(path, null);
    const moved = diversions.find(({ to }) => to === path);
    const own = diversions.find(({ from }) => from === path);
    const line = encodeBytes(moved?.from ?? path).toString('latin1');
    // What was moved away is not of the package that moved it; what stands in its place is.
    wanted.set(line, { path, not: moved?.by, only: own?.by });
  }
  for (const name of listNames(`${folder}/info`)) {
    await pause();
    const package_ = name.slice(0, -'.list'.length);
    const bareName = package_.replace(/:.*$/u, '');
    for (const line of readLines(`${folder}/info/${name}`)) {
      const found = wanted.get(line);
      if (found === undefined || owners.get(found.path) !== null) continue;
      if (bareName === found.not || (found.only !== undefined && bareName !== found.only)) continue;
      owners.set(found.path, package_);
    }
  }
  return { packages: owners };
}

interface Wanted {
  readonly path: ByteText;
  readonly not: string | undefined;
  readonly only: string | undefined;
}

interface Diversion {
  readonly from: ByteText;
  readonly to: ByteText;
  /** The package that has its file in the place of the other; `:` stands for the administrator of the machine. */
  readonly by: string;
}

/** Three lines each (dpkg-divert(1), deb-src lib/dpkg/db-fsys-divert.c). */
function readDiversions(path: ByteText): readonly Diversion[] {
  const lines = readLines(path).map(line => decodeBytes(Buffer.from(line, 'latin1')));
  const diversions: Diversion[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) {
    diversions.push({ from: lines[at] ?? '', to: lines[at + 1] ?? '', by: lines[at + 2] ?? '' });
  }
  return diversions;
}

function listNames(folder: ByteText): readonly string[] {
  try {
    return readdirSync(osPath(folder))
      .filter(name => name.endsWith('.list'))
      .sort();
  } catch {
    return [];
  }
}

/** None where the file cannot be read: a package may be removed meanwhile. */
function readLines(path: ByteText): readonly string[] {
  try {
    return readFileSync(osPath(path), 'latin1').split('\n');
  } catch {
    return [];
  }
}
