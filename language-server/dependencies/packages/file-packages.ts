import { LRUCache } from 'lru-cache';
import type { ByteText } from '../../protocol/elf.ts';
import type { FilePackages, FilePackagesParams } from '../../protocol/file-packages.ts';
import { isBelow, realPath } from '../files/loader-files.ts';
import { createPause } from '../pause.ts';
import { type DpkgDatabase, openDpkgDatabase } from './dpkg-database.ts';

/** Owners by the version of their database and the path: as many as a few hundred trees have. */
const remembered = new LRUCache<string, { readonly owner: string | null }>({ max: 50_000 });

/**
 * The package of each file. What was asked before is remembered for as long as nothing is installed or removed.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function findFilePackages(
  { paths, sysroot }: FilePackagesParams,
  signal: AbortSignal | undefined,
): Promise<FilePackages> {
  const database = openDpkgDatabase(sysroot);
  if (database === null) return { manager: null, packages: {} };
  const names = new Map(paths.map(path => [path, namesOf(path, sysroot)]));
  const owners = await ownersOf(database, new Set([...names.values()].flat()), signal);
  const packages = Object.create(null) as Record<ByteText, string>;
  for (const [path, candidates] of names) {
    const owner = candidates.map(name => owners.get(name)).find(found => typeof found === 'string');
    if (owner) packages[path] = owner;
  }
  return { manager: 'dpkg', packages };
}

async function ownersOf(
  database: DpkgDatabase,
  names: ReadonlySet<ByteText>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<ByteText, string | null>> {
  const keyOf = (name: ByteText): string => `${database.version} ${name}`;
  const owners = new Map<ByteText, string | null>();
  const unknown = new Set<ByteText>();
  for (const name of names) {
    const known = remembered.get(keyOf(name));
    if (known === undefined) unknown.add(name);
    else owners.set(name, known.owner);
  }
  if (unknown.size > 0) {
    for (const [name, owner] of await database.ownersOf(unknown, createPause(signal))) {
      owners.set(name, owner);
      remembered.set(keyOf(name), { owner });
    }
  }
  return owners;
}

/**
 * The names under which a list may have a file, best first: its own, then that of the file behind its links (a SONAME may be a
 * link that ldconfig or an alternative has made); each also with the folder that a merged `/usr` has moved it from or to.
 */
function namesOf(path: ByteText, sysroot: ByteText | undefined): readonly ByteText[] {
  if (!path.startsWith('/')) return [];
  const inside = (host: ByteText): ByteText => {
    const root = sysroot?.replace(/\/+$/u, '') || undefined;
    return root !== undefined && isBelow(host, root) ? host.slice(root.length) : host;
  };
  const real = realPath(path);
  const plain = [path, ...(real === null || real === path ? [] : [real])].map(inside);
  return [...new Set(plain.flatMap(name => [name, otherSideOfUsr(name)]))];
}

function otherSideOfUsr(name: ByteText): ByteText {
  return name.startsWith('/usr/') ? name.slice('/usr'.length) : `/usr${name}`;
}
