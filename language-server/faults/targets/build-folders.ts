import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder that CMake or Meson was told to build in, with tests. */
export interface BuildFolder {
  readonly kind: 'ctest' | 'meson';
  readonly path: string;
}

/** "build", "out/build/debug": deeper ones are parts of others. */
const deepest = 3;
/** More folders than that are a source tree, and not the way to a build. */
const mostFolders = 4000;

/** Build folders in a workspace folder and below it, in the order of their names; what lies in one is not searched. */
export async function findBuildFolders(folder: string, signal: AbortSignal): Promise<readonly BuildFolder[]> {
  const found: BuildFolder[] = [];
  const queue: { readonly path: string; readonly depth: number }[] = [{ path: folder, depth: 0 }];
  for (let at = 0; at < queue.length && at < mostFolders; at += 1) {
    signal.throwIfAborted();
    const next = queue[at];
    if (next === undefined) break;
    const entries = await entriesOf(next.path);
    const names = new Set(entries.map(({ name }) => name));
    if (names.has('CTestTestfile.cmake') && names.has('CMakeCache.txt')) {
      found.push({ kind: 'ctest', path: next.path });
    } else if (names.has('meson-info') && names.has('meson-private')) {
      found.push({ kind: 'meson', path: next.path });
    } else if (next.depth < deepest) {
      const below = entries.filter(entry => entry.isDirectory() && !isLeftOut(entry.name)).map(({ name }) => name);
      queue.push(...below.sort().map(name => ({ path: join(next.path, name), depth: next.depth + 1 })));
    }
  }
  return found;
}

function isLeftOut(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === '__pycache__';
}

async function entriesOf(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch {
    // Gone, or not for us: then no build is there to be used either.
    return [];
  }
}
