import type { LoaderEnvironment } from '../dependencies/loader/environment.ts';
import type { LinkMap } from '../dependencies/loader/link-map.ts';
import { type ResolvedFile, resolveFile } from '../dependencies/resolve-file.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { PathEntry } from '../protocol/environment.ts';

/** The tree of a file with the variables that are set, and what it would be without. */
export interface TreeEffects {
  readonly resolved: ResolvedFile;
  /** Elements of LD_LIBRARY_PATH with what comes from each. */
  libraryPath(entries: readonly PathEntry[]): readonly PathEntry[];
  preload(entries: readonly PathEntry[]): readonly PathEntry[];
}

export async function treeEffects(
  path: ByteText,
  environment: LoaderEnvironment,
  signal: AbortSignal,
): Promise<TreeEffects> {
  const resolved = await resolveFile(path, environment, signal);
  const { libraryPath: _libraryPath, preload: _preload, ...rest } = environment;
  const without =
    environment.libraryPath === undefined
      ? resolved
      : await resolveFile(
          path,
          { ...rest, ...(environment.preload !== undefined && { preload: environment.preload }) },
          signal,
        );
  return {
    resolved,
    libraryPath: entries => entries.map(entry => ({ ...entry, objects: objectsOf(resolved, without, entry) })),
    preload: entries => entries.map(entry => preloadOf(resolved, entry)),
  };
}

/** Objects that an element of LD_LIBRARY_PATH is the reason for. */
function objectsOf(resolved: ResolvedFile, without: ResolvedFile, { number }: PathEntry): PathEntry['objects'] {
  const found = new Map<LinkMap, ByteText>();
  for (const { edges } of resolved.loadOrder) {
    for (const { found: map, how, name } of edges) {
      if (map !== null && how?.rule === 'library-path' && how.entryNumber === number) found.set(map, name);
    }
  }
  return [...found].map(([map, name]) => ({ path: map.shownPath, insteadOf: foundAs(without, name) }));
}

function foundAs({ loadOrder }: ResolvedFile, name: ByteText): ByteText | null {
  for (const { edges } of loadOrder) {
    const edge = edges.find(candidate => candidate.name === name && candidate.found !== null);
    if (edge?.found) return edge.found.shownPath;
  }
  return null;
}

function preloadOf({ main, loadOrder }: ResolvedFile, entry: PathEntry): PathEntry {
  const edge = main.edges.find(({ kind, name }) => kind === 'preload' && name === entry.written);
  if (edge === undefined) return entry;
  if (edge.found === null) {
    return {
      ...entry,
      state: 'missing',
      notes: [...entry.notes, `the loader goes on without it: ${edge.error ?? 'it is not found'}`],
    };
  }
  return {
    ...entry,
    state: 'found',
    objects: loadOrder.includes(edge.found) ? [{ path: edge.found.shownPath, insteadOf: null }] : [],
  };
}
