import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Includer } from '../lint.ts';
import { cythonFileKind } from './files.ts';
import { createSourceReader, readSource } from './read-source.ts';

/** How far above a file its includers are looked for, and how many files are asked. */
const maximumLevels = 2;
const maximumSources = 400;
/** Includes within includes within includes. */
const maximumDepth = 8;

const includeLine = /^[ \t]*include[ \t]+(?:"([^"\r\n]+)"|'([^'\r\n]+)')/gmu;

/** The includes of a file as it was at a time: most files have none, and need not be read again to know it. */
const known = new LRUCache<string, readonly string[]>({ max: 5000 });

/**
 * The source that a file is compiled with because it includes it, straight or by another: in the same folder, below it, or in one
 * above. The first by name where there are several; undefined where there is none.
 */
export function includerOf(
  path: string,
  openText: (path: string) => string | undefined = () => undefined,
): Includer | undefined {
  const sources = sourcesAround(path);
  const tops = sources.filter(source => cythonFileKind(source) === 'pyx' && source !== path);
  for (const top of tops) {
    const named = nameFrom(top, path);
    if (named === undefined) continue;
    try {
      const text = openText(top) ?? readSource(top);
      return { text, kind: 'pyx', path: named, readSibling: createSourceReader(top, openText) };
    } catch {
      // It is gone since it was found.
    }
  }
  return undefined;
}

/** How the file is named by the include that leads to it, seen from the top source. */
function nameFrom(top: string, path: string): string | undefined {
  const folder = dirname(top);
  const seen = new Set([top]);
  let files: readonly string[] = [top];
  for (let depth = 0; depth < maximumDepth && files.length > 0; depth += 1) {
    const includes = files.flatMap(file => includesOf(file).map(name => resolveInclude(name, file, folder, path)));
    const found = includes.find(({ included }) => included === path);
    if (found !== undefined) return depth === 0 ? found.name : relative(folder, path);
    files = [...new Set(includes.map(({ included }) => included))].filter(included => !seen.has(included));
    for (const file of files) seen.add(file);
  }
  return undefined;
}

/** Cython looks beside the including file, then from the folder of the top one. */
function resolveInclude(name: string, file: string, folder: string, path: string) {
  const beside = normalize(join(dirname(file), name));
  return { name, included: beside === path || exists(beside) ? beside : normalize(join(folder, name)) };
}

function includesOf(path: string): readonly string[] {
  try {
    const { mtimeMs, size } = statSync(path);
    const key = `${path}\0${mtimeMs}\0${size}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const includes = [...readSource(path).matchAll(includeLine)].map(match => match[1] ?? match[2] ?? '');
    known.set(key, includes);
    return includes;
  } catch {
    return [];
  }
}

/** Cython sources in the folder of a file and below it, then in the folders above, each with what lies right below. */
function sourcesAround(path: string): readonly string[] {
  const found = new Set<string>();
  let folder = dirname(path);
  for (let level = 0; level <= maximumLevels && found.size < maximumSources; level += 1) {
    addSources(folder, 1, found);
    if (folder === dirname(folder) || exists(join(folder, '.git'))) break;
    folder = dirname(folder);
  }
  return [...found];
}

function addSources(folder: string, depth: number, found: Set<string>): void {
  for (const entry of entriesOf(folder)) {
    if (found.size >= maximumSources) return;
    const child = join(folder, entry.name);
    if (entry.isFile() && cythonFileKind(entry.name) !== null) found.add(child);
    else if (entry.isDirectory() && depth > 0 && !entry.name.startsWith('.')) addSources(child, depth - 1, found);
  }
}

function entriesOf(folder: string) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.toSorted((first, second) => (first.name < second.name ? -1 : first.name > second.name ? 1 : 0));
  } catch {
    return [];
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether a file is compiled as a part of another only, by its name. */
export function isIncludedOnly(path: string): boolean {
  return cythonFileKind(basename(path)) === 'pxi';
}
