import { realPath } from '../dependencies/files/loader-files.ts';
import { folderOf } from '../dependencies/loader/link-map.ts';
import type { LoaderTarget } from '../dependencies/objects/loader-object.ts';
import { readLoaderFile } from '../dependencies/objects/read-loader-file.ts';
import { verifyCandidate } from '../dependencies/objects/verify-candidate.ts';
import { namesIn } from '../native/folder-names.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { World } from './world.ts';

/** A file of a library's name somewhere on this machine. */
export interface LibraryCopy {
  readonly path: ByteText;
  /** Why the loader would not take it, in its words; null: it would. */
  readonly problem: string | null;
}

const nearFolders = ['', '/lib', '/lib64', '/libs', '/.libs', '/../lib', '/../lib64', '/../libs', '/..'];

/**
 * Files of a name where they usually are: beside who needs it, in the folders at hand, where packages have put them, below
 * /usr/local and /opt.
 *
 * @param near Files that need it.
 * @param target What they are built for; null: not known.
 */
export async function copiesOf(
  world: World,
  name: ByteText,
  near: readonly ByteText[],
  target: LoaderTarget | null,
): Promise<readonly LibraryCopy[]> {
  const beside = near.flatMap(file => nearFolders.map(folder => `${folderOf(realPath(file) ?? file)}${folder}`));
  const candidates = [
    ...[...beside, ...usualFolders(world)].map(folder => `${folder}/${name}`),
    ...world.findByName(fileName => fileName === name),
    ...(await world.packages.shipping(name))
      .filter(({ isInstalled }) => isInstalled)
      .map(({ path }) => inRoot(world, path)),
  ];
  const copies = new Map<ByteText, LibraryCopy>();
  for (const candidate of candidates) {
    const real = realPath(candidate);
    if (real === null || copies.has(real)) continue;
    const copy = judge(world, shortest(candidate, real), target);
    if (copy !== null) copies.set(real, copy);
  }
  // What fits first, each in the order in which it was looked for.
  const all = [...copies.values()];
  return [...all.filter(({ problem }) => problem === null), ...all.filter(({ problem }) => problem !== null)];
}

/** Names of the same library with another version: `libssl.so.1.1` beside `libssl.so.3`. */
export function otherVersions(world: World, name: ByteText, folders: readonly ByteText[]): readonly ByteText[] {
  const stem = /^(.+?\.so)(?:\.[\d.]+)?$/u.exec(name)?.[1];
  if (stem === undefined) return [];
  const isOther = (fileName: ByteText): boolean =>
    fileName !== name &&
    (fileName === stem || fileName.startsWith(`${stem}.`)) &&
    /\.so(?:\.\d[\w.]*)?$/u.test(fileName);
  const found = [...new Set([...folders, ...usualFolders(world)])].flatMap(folder =>
    namesIn(folder)
      .filter(isOther)
      .map(fileName => `${folder}/${fileName}`),
  );
  // Each file once, by the name that stands for its interface; `libssl.so` alone is for the link editor.
  const files = new Map<ByteText, ByteText>();
  for (const path of [...found, ...world.findByName(isOther)]) {
    const real = realPath(path);
    if (real !== null && !path.endsWith('.so') && !files.has(real)) files.set(real, path);
  }
  return [...files.values()];
}

/** Folders of libraries that no rule of the loader leads to by itself, and those that one may. */
function usualFolders(world: World): readonly ByteText[] {
  const conda = process.env['CONDA_PREFIX'];
  const triplets = namesIn(inRoot(world, '/usr/lib')).filter(name => /-linux-/u.test(name));
  const opt = namesIn(inRoot(world, '/opt')).flatMap(name => [`/opt/${name}/lib`, `/opt/${name}/lib64`]);
  return [
    ...['/usr/local/lib', '/usr/local/lib64', '/lib', '/usr/lib', '/lib64', '/usr/lib64'],
    ...triplets.flatMap(triplet => [`/usr/lib/${triplet}`, `/lib/${triplet}`, `/usr/local/lib/${triplet}`]),
    ...opt,
    '/usr/local/cuda/lib64',
  ]
    .map(folder => inRoot(world, folder))
    .concat(conda === undefined ? [] : [`${conda}/lib`]);
}

export function inRoot({ environment }: World, path: ByteText): ByteText {
  return `${environment.sysroot ?? ''}${path}`;
}

function judge(world: World, path: ByteText, target: LoaderTarget | null): LibraryCopy | null {
  const file = world.read(path);
  if (file === null) return null;
  if (file.kind === 'unreadable') return { path, problem: 'it may not be read' };
  if (target === null) return { path, problem: file.kind === 'elf' ? null : 'it is no ELF file' };
  const files = { ...world.files, status: world.files.status };
  const inner = world.environment.sysroot === undefined ? path : path.slice(world.environment.sysroot.length);
  const verdict = verifyCandidate(inner, files, readLoaderFile, target);
  return { path, problem: verdict.kind === 'taken' ? null : verdict.outcome };
}

/** The path as it was looked for, without the detours. */
function shortest(candidate: ByteText, real: ByteText): ByteText {
  return candidate.includes('/..') || candidate.includes('//')
    ? `${folderOf(real)}/${candidate.slice(candidate.lastIndexOf('/') + 1)}`
    : candidate;
}
