import { readFileSync, statSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import type { Pause } from '../dependencies/pause.ts';
import { osPath } from '../native/byte-text.ts';
import { namesIn } from '../native/folder-names.ts';
import type { ByteText } from '../protocol/elf.ts';
import { linesOfLists, packageNames } from './apt-lists.ts';

/** A package that has a file. */
export interface OwningPackage {
  readonly name: string;
  /** Where it puts the file. */
  readonly path: ByteText;
  readonly isInstalled: boolean;
  /** The database that says so. */
  readonly source: string;
}

/** The package databases of a machine, read as data: no package manager is run. */
export interface Packages {
  /** Packages with a file of that name, the installed ones first. */
  shipping(fileName: ByteText): Promise<readonly OwningPackage[]>;
  /** Names of all packages that apt's lists have; null: there are no lists. */
  available(): Promise<ReadonlySet<string> | null>;
  /** The installed package that put this very file there. */
  owner(path: ByteText): Promise<OwningPackage | null>;
}

const maximumBytes = 64 << 20;

/** @param root Host path of the folder that is `/`, without a slash at its end. */
export function createPackages(root: ByteText, pause: Pause): Packages {
  const search = async (wanted: (path: ByteText) => boolean, needle: ByteText): Promise<readonly OwningPackage[]> => [
    ...(await searchDpkg(root, wanted, needle, pause)),
    ...searchApk(root, wanted, needle),
  ];
  return {
    shipping: async fileName => {
      const installed = await search(path => path.endsWith(`/${fileName}`), `/${fileName}`);
      return installed.length > 0 ? installed : await searchContents(root, fileName, pause);
    },
    available: () => packageNames(root, pause),
    owner: async path => {
      const inner = path.startsWith(`${root}/`) ? path.slice(root.length) : path;
      // With /usr merged, packages list either of the two.
      const names = new Set([inner, inner.replace(/^\/usr/u, ''), inner.startsWith('/usr') ? inner : `/usr${inner}`]);
      const [found] = await search(candidate => names.has(candidate), inner.slice(inner.lastIndexOf('/')));
      return found ?? null;
    },
  };
}

/** The lists of a machine are some megabytes, and change when something is installed: then the folder does, too. */
const lists = new LRUCache<string, ReadonlyMap<string, string>>({ max: 2 });

async function fileLists(folder: ByteText, pause: Pause): Promise<ReadonlyMap<string, string>> {
  const status = statSync(osPath(folder), { throwIfNoEntry: false });
  const key = `${folder}\0${status?.mtimeMs}`;
  const known = lists.get(key);
  if (known !== undefined) return known;
  const texts = new Map<string, string>();
  for (const file of namesIn(folder).filter(name => name.endsWith('.list'))) {
    await pause();
    texts.set(file, read(`${folder}/${file}`) ?? '');
  }
  lists.set(key, texts);
  return texts;
}

/** dpkg's list of the files of each installed package (`/var/lib/dpkg/info/NAME[:ARCH].list`). */
async function searchDpkg(
  root: ByteText,
  wanted: (path: ByteText) => boolean,
  needle: ByteText,
  pause: Pause,
): Promise<readonly OwningPackage[]> {
  const folder = `${root}/var/lib/dpkg/info`;
  const found: OwningPackage[] = [];
  for (const [file, text] of await fileLists(folder, pause)) {
    await pause();
    if (!text.includes(needle)) continue;
    const name = file.slice(0, -'.list'.length);
    for (const path of text.split('\n').filter(wanted)) {
      found.push({ name, path, isInstalled: true, source: `${folder}/${file}` });
    }
  }
  return found;
}

/** apk's one file for all installed packages: P: name, F: folder, R: file in it (apk-tools wiki, "Apk spec"). */
function searchApk(root: ByteText, wanted: (path: ByteText) => boolean, needle: ByteText): readonly OwningPackage[] {
  const source = `${root}/lib/apk/db/installed`;
  const text = read(source);
  if (text === null || !text.includes(needle.slice(needle.lastIndexOf('/') + 1))) return [];
  const found: OwningPackage[] = [];
  let [name, folder] = ['', ''];
  for (const line of text.split('\n')) {
    const value = line.slice(2);
    if (line.startsWith('P:')) name = value;
    else if (line.startsWith('F:')) folder = value;
    else if (line.startsWith('R:') && wanted(`/${folder}/${value}`)) {
      found.push({ name, path: `/${folder}/${value}`, isInstalled: true, source });
    }
  }
  return found;
}

/**
 * apt's lists of all files of all packages (`*_Contents-ARCH`), which are there where apt-file is: a path without its first
 * slash, blanks, then `section/package` with commas between several.
 */
async function searchContents(root: ByteText, fileName: ByteText, pause: Pause): Promise<readonly OwningPackage[]> {
  const lines = (await linesOfLists(root, /_Contents-[^/]*$/u, `/${fileName} `, pause)) ?? [];
  return lines.flatMap(({ line, source }) => {
    const path = `/${line.slice(0, line.indexOf(`/${fileName} `) + fileName.length + 1)}`;
    const names = line.slice(line.lastIndexOf(' ') + 1).split(',');
    return names.map(name => ({ name: name.slice(name.lastIndexOf('/') + 1), path, isInstalled: false, source }));
  });
}

function read(path: ByteText): string | null {
  try {
    const bytes = readFileSync(osPath(path));
    return bytes.length > maximumBytes ? null : bytes.toString('utf8');
  } catch {
    return null;
  }
}
