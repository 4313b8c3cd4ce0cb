import { LRUCache } from 'lru-cache';
import { isVersionAtRest } from '../../dependencies/files/file-version.ts';

/** What tells a copy of a library from the library itself. */
export interface LibraryFacts {
  readonly class: 32 | 64;
  readonly buildId: string | null;
  readonly sha256: string;
}

/** As pairs of a file's version and its facts. */
export type StoredLibraryFacts = { readonly facts: readonly (readonly [string, LibraryFacts])[] };

/** What is in libraries that were read as a whole, by device, inode, size and times. */
export interface LibraryFactsMemory {
  get(version: string): LibraryFacts | undefined;
  keep(version: string, readAtMs: number, facts: LibraryFacts): void;
  restore(stored: StoredLibraryFacts): void;
  /** How often something was kept. */
  changes(): number;
  stored(): StoredLibraryFacts;
}

export function createLibraryFactsMemory(): LibraryFactsMemory {
  const known = new LRUCache<string, { readonly facts: LibraryFacts; readonly isCertain: boolean }>({ max: 20_000 });
  let changes = 0;
  return {
    get: version => known.get(version)?.facts,
    keep(version, readAtMs, facts) {
      changes += 1;
      known.set(version, { facts, isCertain: isVersionAtRest(version, readAtMs) });
    },
    restore({ facts: all }) {
      for (const [version, facts] of all) known.set(version, { facts, isCertain: true });
    },
    changes: () => changes,
    stored: () => ({
      facts: [...known].flatMap(([version, { facts, isCertain }]) => (isCertain ? [[version, facts] as const] : [])),
    }),
  };
}

/** A file is the same whoever asks about it: one for the process. */
export const libraryFactsMemory = createLibraryFactsMemory();
