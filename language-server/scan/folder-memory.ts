import type { BigIntStats } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { versionOf } from '../elf/open-elf.ts';
import type { ByteText } from '../protocol/elf.ts';

/** A file that is looked at again although its folder has not changed. */
export interface KnownFile {
  readonly name: ByteText;
  readonly version: string;
  readonly isElf: boolean;
}

/** What was in a folder. */
export interface KnownFolder {
  readonly folders: readonly ByteText[];
  readonly files: readonly KnownFile[];
  /** How many more regular files there are, which are no ELF files and will not become any while the folder is the same. */
  readonly others: number;
}

/** What searches saw of folders, so that the next one need not read them again. */
export interface FolderMemory {
  /** Undefined where the folder is another, has changed, or is not remembered. */
  get(folder: ByteText, version: string): KnownFolder | undefined;
  keep(folder: ByteText, status: BigIntStats, lookedAtMs: number, known: KnownFolder): void;
}

/**
 * A folder that changes within the tick of the clock in which it was read has the same times as before (what git calls
 * "racily clean"); network file systems tick by the second.
 */
const restMs = 3000;

/** @param capacityBytes about what it may take; 0 remembers nothing. */
export function createFolderMemory(capacityBytes: number): FolderMemory {
  if (capacityBytes === 0) return { get: () => undefined, keep: () => undefined };
  const folders = new LRUCache<ByteText, { readonly version: string; readonly known: KnownFolder }>({
    maxSize: capacityBytes,
    sizeCalculation: ({ known }, path) => 400 + 2 * path.length + 200 * known.files.length + 60 * known.folders.length,
  });
  return {
    get(folder, version) {
      const entry = folders.get(folder);
      return entry?.version === version ? entry.known : undefined;
    },
    keep(folder, status, lookedAtMs, known) {
      if (lookedAtMs - Number(status.mtimeMs) < restMs || lookedAtMs - Number(status.ctimeMs) < restMs) return;
      folders.set(folder, { version: versionOf(status), known });
    },
  };
}

/** Long enough for a download or a copy to end that began with an empty file. */
const settledMs = 3_600_000;
const namedLikeElf = /\.(?:so|ko|o|node|elf|out|bin|debug|dylib|axf)(?:\.|$)/iu;

/**
 * Whether a file that is no ELF file will stay none while its folder is the same. To become one it must be written in place:
 * linkers, compilers, package managers, git and rsync put a new file there, which changes the folder. So only what looks as if
 * it were meant to be one, is nearly empty, or has been written lately is looked at again.
 */
export function isSettled(name: ByteText, { mode, size, mtimeMs }: BigIntStats, nowMs: number): boolean {
  const isExecutable = (mode & 0o111n) !== 0n;
  return !isExecutable && size >= 64n && !namedLikeElf.test(name) && nowMs - Number(mtimeMs) > settledMs;
}
