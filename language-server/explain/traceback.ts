import { readdirSync } from 'node:fs';
import { folderOf } from '../dependencies/loader/link-map.ts';
import { osPath } from '../native/byte-text.ts';
import { namesIn } from '../native/folder-names.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { World } from './world.ts';

const maximumModules = 400;

/** Source files of a Python traceback above a place, the innermost first. */
export function tracebackFiles(text: string): readonly ByteText[] {
  const files = [...text.matchAll(/^[ \t]*File '(?<file>\/[^'\n]+)', line \d+/gmu)].map(
    match => match.groups?.['file'] ?? '',
  );
  return [...new Set(files.reverse())];
}

/** Version of the Python that a traceback is from, by the paths in it: "3.11". */
export function tracebackPython(text: string): string | null {
  return /\/python(\d\.\d+)\//u.exec(text)?.[1] ?? null;
}

/**
 * Extension modules beside the source files of a traceback that need a library: Python does not say which module it was that
 * could not be loaded for the want of another file.
 */
export async function tracebackModules(world: World, text: string, needed: ByteText): Promise<readonly ByteText[]> {
  const modules = modulesAround(text);
  const found: ByteText[] = [];
  for (const module of modules) {
    await world.pause();
    const file = world.read(module);
    if (file?.kind !== 'elf' || file.object === null) continue;
    if (file.object.dependencies.some(({ name }) => name === needed)) found.push(module);
    else if (
      (await world.resolve(module))?.loadOrder.some(map =>
        map.edges.some(edge => edge.name === needed && edge.found === null),
      ) === true
    )
      found.push(module);
  }
  return found;
}

/** Extension modules beside the source files of a traceback, and one folder below. */
export function modulesAround(text: string): readonly ByteText[] {
  const folders = tracebackFiles(text).map(folderOf);
  const around = new Set(folders.flatMap(folder => [folder, ...subfolders(folder)]));
  return [...around].flatMap(modulesIn).slice(0, maximumModules);
}

function modulesIn(folder: ByteText): readonly ByteText[] {
  return namesIn(folder)
    .filter(name => name.endsWith('.so'))
    .map(name => `${folder}/${name}`);
}

function subfolders(folder: ByteText): readonly ByteText[] {
  try {
    return readdirSync(osPath(folder), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .slice(0, 60)
      .map(({ name }) => `${folder}/${name}`);
  } catch {
    return [];
  }
}
