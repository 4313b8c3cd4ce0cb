import { LRUCache } from 'lru-cache';
import type { ByteText } from '../../protocol/elf.ts';
import type { FilePackages, FilePackagesParams } from '../../protocol/file-packages.ts';
import { isBelow, realPath } from '../files/loader-files.ts';
import { createPause } from '../pause.ts';
import { openApkDatabase } from './apk-database.ts';
import { openDpkgDatabase } from './dpkg-database.ts';
import type { Asking, OpenPackageDatabase, Owners, PackageDatabase } from './package-database.ts';
import { openPacmanDatabase } from './pacman-database.ts';
import { openRpmDatabase } from './rpm-database.ts';

/** A package manager is a line here, and a file. Who must be asked by a program comes last. */
const managers: readonly OpenPackageDatabase[] = [
  openDpkgDatabase,
  openApkDatabase,
  openPacmanDatabase,
  openRpmDatabase,
];

/** Owners by the version of their database and the path: as many as a few hundred trees have. */
const remembered = new LRUCache<string, { readonly owner: string | null }>({ max: 50_000 });

/**
 * The package of each file. What was asked before is remembered for as long as nothing is installed or removed. Where several
 * managers have a database (rpm on a Debian machine, with hardly anything in it), each is asked for what those before it do not
 * have.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function findFilePackages(
  { paths, sysroot }: FilePackagesParams,
  door: Asking['door'],
  signal: AbortSignal | undefined,
): Promise<FilePackages> {
  const root = sysroot?.replace(/\/+$/u, '') ?? '';
  const databases = managers.flatMap(open => open(root) ?? []);
  const names = new Map(paths.map(path => [path, namesOf(path, root)]));
  const packages = Object.create(null) as Record<ByteText, string>;
  const asking = { pause: createPause(signal), door, signal };
  const problems: string[] = [];
  let manager = databases[0]?.manager ?? null;
  for (const database of databases) {
    const pending = [...names].filter(([path]) => packages[path] === undefined);
    const { packages: owners, problem } = await ownersOf(database, new Set(pending.flatMap(([, own]) => own)), asking);
    if (problem !== undefined) problems.push(problem);
    const isFirst = Object.keys(packages).length === 0;
    for (const [path, candidates] of pending) {
      const owner = candidates.map(name => owners.get(name)).find(found => typeof found === 'string');
      if (owner !== undefined && owner !== null) packages[path] = owner;
    }
    if (isFirst && Object.keys(packages).length > 0) manager = database.manager;
  }
  return { manager, packages, problems };
}

async function ownersOf(database: PackageDatabase, names: ReadonlySet<ByteText>, asking: Asking): Promise<Owners> {
  const keyOf = (name: ByteText): string => `${database.version} ${name}`;
  const owners = new Map<ByteText, string | null>();
  const unknown = new Set<ByteText>();
  for (const name of names) {
    const known = remembered.get(keyOf(name));
    if (known === undefined) unknown.add(name);
    else owners.set(name, known.owner);
  }
  if (unknown.size === 0) return { packages: owners };
  const { packages, problem } = await database.ownersOf(unknown, asking);
  for (const [name, owner] of packages) {
    owners.set(name, owner);
    if (problem === undefined) remembered.set(keyOf(name), { owner });
  }
  return problem === undefined ? { packages: owners } : { packages: owners, problem };
}

/**
 * The names under which a list may have a file, best first: its own, then that of the file behind its links (a SONAME may be a
 * link that ldconfig or an alternative has made); each also with the folder that a merged `/usr` has moved it from or to.
 */
function namesOf(path: ByteText, root: ByteText): readonly ByteText[] {
  if (!path.startsWith('/')) return [];
  const inside = (host: ByteText): ByteText => (root !== '' && isBelow(host, root) ? host.slice(root.length) : host);
  const real = realPath(path);
  const plain = [path, ...(real === null || real === path ? [] : [real])].map(inside);
  return [...new Set(plain.flatMap(name => [name, otherSideOfUsr(name)]))];
}

function otherSideOfUsr(name: ByteText): ByteText {
  return name.startsWith('/usr/') ? name.slice('/usr'.length) : `/usr${name}`;
}
