import { createHash } from 'node:crypto';
import { getegid, geteuid, getgroups } from 'node:process';
import { LRUCache } from 'lru-cache';
import { type AnswerMemory, createAnswerMemory, type StoredAnswers } from '../../dependencies/files/answer-memory.ts';
import { thisCpu } from '../../dependencies/glibc/cpu.ts';
import { environmentFromProcess } from '../../dependencies/loader/environment.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ScannedFile } from '../../protocol/scan.ts';
import type { ScanMemory, ScanOptions } from '../scan-files.ts';
import { createFolderMemory, type FolderMemory, type StoredFolders } from './folder-memory.ts';
import { libraryFactsMemory, type StoredLibraryFacts } from './library-facts-memory.ts';
import type { MemoryStore } from './memory-store.ts';

/** What scans remember, for those who ask again. */
export interface ScanMemories {
  /** The memory of the last question like this one. */
  of(paths: readonly ByteText[], options: ScanOptions): ScanMemory;
  /** Writes down what has come up since it was last written, for other processes. Never rejects. */
  keep(): Promise<void>;
}

/** A window asks about its workspace, whose folders can differ in their settings, and perhaps about a sysroot or the system. */
const rememberedQuestions = 4;
/** Enough for some 50,000 folders. */
const folderBytes = 48 << 20;
const resolutionBytes = 64 << 20;
/** Less is scanned anew as fast as it is read. */
const worthKeeping = 50;

/**
 * Memory of folders by what is scanned and left out, of resolutions by what they depend on.
 *
 * @param store what other processes have written down; absent: each process begins with nothing.
 * @param fewestChanges how many folders or files must have been looked at anew, for it to be written down again.
 */
export function createScanMemories(store?: MemoryStore, fewestChanges = worthKeeping): ScanMemories {
  const folders = createKind<FolderMemory, StoredFolders>('folders', store, fewestChanges, before =>
    createFolderMemory(folderBytes, before),
  );
  const resolutions = createKind<AnswerMemory<ScannedFile>, StoredAnswers<ScannedFile>>(
    'resolutions',
    store,
    fewestChanges,
    before => createAnswerMemory(resolutionBytes, weightOfFile, before),
  );
  const facts = createKind<typeof libraryFactsMemory, StoredLibraryFacts>('copies', store, 1, before => {
    if (before !== undefined) libraryFactsMemory.restore(before);
    return libraryFactsMemory;
  });
  return {
    of(
      paths,
      { exclude = [], elsewhere = [], signal: _signal, onStep: _onStep, memory: _memory, shard: _shard, ...options },
    ) {
      const environment = options.environment ?? environmentFromProcess();
      facts.of('');
      return {
        folders: folders.of(JSON.stringify([paths, exclude, elsewhere, whoAsks()])),
        resolutions: resolutions.of(JSON.stringify([options, environment, whoAsks(), processor()])),
      };
    },
    async keep() {
      for (const kind of [folders, resolutions, facts]) await kind.keep();
    },
  };
}

/** What of this process decides which files it may read. */
function whoAsks(): readonly unknown[] {
  return [geteuid?.(), getegid?.(), getgroups?.()];
}

function processor(): string {
  const { vendor, flags } = thisCpu();
  return createHash('sha256')
    .update([process.arch, vendor, ...flags].join(' '))
    .digest('hex');
}

function weightOfFile({ path, needs, problems }: ScannedFile): number {
  return 1000 + path.length + 120 * needs.length + 2000 * problems.length;
}

interface Memory<Stored extends object> {
  changes(): number;
  stored(): Stored;
}

interface Kind<Of> {
  of(key: string): Of;
  keep(): Promise<void>;
}

function createKind<Of extends Memory<Stored>, Stored extends object>(
  name: string,
  store: MemoryStore | undefined,
  fewestChanges: number,
  create: (before: Stored | undefined) => Of,
): Kind<Of> {
  const known = new LRUCache<string, { readonly memory: Of; keptChanges: number }>({ max: rememberedQuestions });
  const fullKey = (key: string): string => `${name} ${key}`;
  return {
    of(key) {
      const found = known.get(key);
      if (found !== undefined) return found.memory;
      // The sum of a file says that it was written by this very program.
      const memory = create(store?.load(fullKey(key)) as Stored | undefined);
      known.set(key, { memory, keptChanges: memory.changes() });
      return memory;
    },
    async keep() {
      if (store === undefined) return;
      for (const [key, entry] of [...known]) {
        const changes = entry.memory.changes();
        if (changes - entry.keptChanges < fewestChanges) continue;
        entry.keptChanges = changes;
        await store.save(fullKey(key), entry.memory.stored());
      }
    },
  };
}
