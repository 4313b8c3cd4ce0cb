import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import { UserError } from '../../language-server/protocol/errors.ts';

/** What this machine has to measure with. Found once a run. */
export interface Library {
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the larger of its two symbol tables. */
  readonly symbols: number;
  /** The table of those: `symbols` or `dynamic-symbols`. */
  readonly table: string;
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

const libraryFolders = ['/usr', '/opt', '/root', '/home'];

let found: Promise<readonly Library[]> | undefined;

/** Every shared library of the machine, each once, in the order of their paths. */
export function sharedLibraries(): Promise<readonly Library[]> {
  found ??= findLibraries();
  return found;
}

export async function largestLibrary(): Promise<Library> {
  return largestBy(await sharedLibraries(), ({ sizeBytes }) => sizeBytes);
}

export async function largestSymbolTable(): Promise<Library> {
  return largestBy(await sharedLibraries(), ({ symbols }) => symbols);
}

function largestBy(libraries: readonly Library[], size: (library: Library) => number): Library {
  const [first] = libraries.toSorted((a, b) => size(b) - size(a));
  if (first === undefined) throw new Error(`There is no shared library below ${libraryFolders.join(', ')}.`);
  return first;
}

async function findLibraries(): Promise<readonly Library[]> {
  const seen = new Set<string>();
  const libraries: Library[] = [];
  for (const path of libraryFolders.flatMap(namedLikeLibraries).sort()) {
    const status = statSync(path, { throwIfNoEntry: false });
    const identity = `${status?.dev}:${status?.ino}`;
    if (status === undefined || seen.has(identity)) continue;
    seen.add(identity);
    const library = await libraryAt(path, status.size);
    if (library !== null) libraries.push(library);
  }
  return libraries;
}

/** Null: it only has such a name. */
async function libraryAt(path: string, sizeBytes: number): Promise<Library | null> {
  try {
    return await withElfFile(path, file => {
      const full = file.staticSymbols()?.count ?? 0;
      const dynamic = file.dynamicSymbols()?.count ?? 0;
      const table = full > dynamic ? 'symbols' : 'dynamic-symbols';
      return { path, sizeBytes, symbols: Math.max(full, dynamic), table };
    });
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function namedLikeLibraries(folder: string): readonly string[] {
  return filesBelow(folder, name => /\.so(?:\.|$)/u.test(name));
}

/** Paths of the regular files of some names; what cannot be read is passed over. */
export function filesBelow(folder: string, isWanted: (name: string) => boolean): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, isWanted);
      return entry.isFile() && isWanted(entry.name) ? [path] : [];
    });
  } catch {
    return [];
  }
}
