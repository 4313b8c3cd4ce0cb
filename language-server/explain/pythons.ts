import { homedir } from 'node:os';
import { realPath } from '../dependencies/files/loader-files.ts';
import { compareVersions } from '../elf/versions/version-floors.ts';
import { namesIn } from '../native/folder-names.ts';
import type { ByteText } from '../protocol/elf.ts';
import { inRoot } from './library-copies.ts';
import { exporterOf } from './symbol-search.ts';
import type { World } from './world.ts';

/** A Python that is installed here. */
export interface InstalledPython {
  readonly path: ByteText;
  /** "3.11" */
  readonly version: string;
}

/** Pythons where they usually are, each once, by the number in the name of their program, the newest first. None is run. */
export function installedPythons(world: World): readonly InstalledPython[] {
  const home = homedir();
  const pyenv = namesIn(`${home}/.pyenv/versions`).map(name => `${home}/.pyenv/versions/${name}/bin`);
  const opt = namesIn(inRoot(world, '/opt')).map(name => inRoot(world, `/opt/${name}/bin`));
  const path = (process.env['PATH'] ?? '').split(':').filter(folder => folder.startsWith('/'));
  const folders = new Set([
    ...path,
    ...['/usr/bin', '/usr/local/bin'].map(folder => inRoot(world, folder)),
    ...pyenv,
    ...opt,
  ]);
  const found = new Map<ByteText, InstalledPython>();
  for (const folder of folders) {
    for (const name of namesIn(folder)) {
      const version = /^python(\d\.\d+)$/u.exec(name)?.[1];
      const real = version === undefined ? null : realPath(`${folder}/${name}`);
      if (version === undefined || real === null || world.read(real)?.kind !== 'elf') continue;
      if (!found.has(real)) found.set(real, { path: real, version });
    }
  }
  return [...found.values()].sort((a, b) => compareVersions(b.version, a.version));
}

/** Those that define a symbol, in themselves or in the library of Python that they are linked with, and those that do not. */
export async function pythonsWith(
  world: World,
  symbol: ByteText,
): Promise<{ readonly having: readonly InstalledPython[]; readonly lacking: readonly InstalledPython[] }> {
  const having: InstalledPython[] = [];
  const lacking: InstalledPython[] = [];
  for (const python of installedPythons(world)) {
    await world.pause();
    ((await definesSymbol(world, python.path, symbol)) ? having : lacking).push(python);
  }
  return { having, lacking };
}

async function definesSymbol(world: World, path: ByteText, symbol: ByteText): Promise<boolean> {
  if ((await exporterOf(path, symbol)) !== null) return true;
  const library = (await world.resolve(path))?.loadOrder.find(map => /\/libpython\d/u.test(map.shownPath));
  return library !== undefined && (await exporterOf(library.shownPath, symbol)) !== null;
}
