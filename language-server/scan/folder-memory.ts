import type { BigIntStats } from 'node:fs';
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
  /** A search begins. */
  begin(): void;
  /** Undefined where the folder is another, has changed, or is not remembered. */
  get(folder: ByteText, status: BigIntStats): KnownFolder | undefined;
  keep(folder: ByteText, status: BigIntStats, lookedAtMs: number, known: KnownFolder): void;
}

/**
 * A folder that changes within the tick of the clock in which it was read has the same times as before (what git calls
 * "racily clean"); network file systems tick by the second.
 */
const restMs = 3000;

interface Remembered {
  readonly status: BigIntStats;
  readonly known: KnownFolder;
  readonly weight: number;
  /** The search that met it last. */
  search: number;
}

/**
 * What does not fit is read each time; what fits stays. (To drop what was met longest ago would drop everything just before its
 * turn, since every search meets the folders in the same order.) Folders that searches do not meet any more make room.
 *
 * @param capacityBytes about what it may take; 0 remembers nothing.
 */
export function createFolderMemory(capacityBytes: number): FolderMemory {
  const folders = new Map<ByteText, Remembered>();
  let total = 0;
  let search = 0;
  let sweptIn = 0;
  const drop = (folder: ByteText): void => {
    total -= folders.get(folder)?.weight ?? 0;
    folders.delete(folder);
  };
  const sweep = (): void => {
    if (sweptIn === search) return;
    sweptIn = search;
    for (const [folder, entry] of folders) if (entry.search < search - 1) drop(folder);
  };
  return {
    begin() {
      search += 1;
    },
    get(folder, status) {
      const entry = folders.get(folder);
      if (entry === undefined || !isUnchanged(entry.status, status)) return undefined;
      entry.search = search;
      return entry.known;
    },
    keep(folder, status, lookedAtMs, known) {
      drop(folder);
      if (lookedAtMs - Number(status.mtimeMs) < restMs || lookedAtMs - Number(status.ctimeMs) < restMs) return;
      const weight = weightOf(folder, known);
      if (total + weight > capacityBytes) sweep();
      if (total + weight > capacityBytes) return;
      total += weight;
      folders.set(folder, { status, known, weight, search });
    },
  };
}

/** Compared as they are: there are many folders, and a text of each would take longer than to ask the system. */
function isUnchanged(before: BigIntStats, now: BigIntStats): boolean {
  return (
    before.mtimeNs === now.mtimeNs && before.ctimeNs === now.ctimeNs && before.ino === now.ino && before.dev === now.dev
  );
}

/** As measured, roughly: an entry with its texts, a name, a name with its version. */
function weightOf(folder: ByteText, { folders, files }: KnownFolder): number {
  return 700 + folder.length + 40 * folders.length + 180 * files.length;
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
