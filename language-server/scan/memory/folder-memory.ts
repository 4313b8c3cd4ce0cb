import type { BigIntStats } from 'node:fs';
import { isAtRest } from '../../dependencies/files/file-version.ts';
import type { ByteText } from '../../protocol/elf.ts';

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
  /** How often something was kept: whether there is something new to write down. */
  changes(): number;
  stored(): StoredFolders;
}

/** As columns of plain values, which are written and read fast. */
export interface StoredFolders {
  readonly folders: readonly ByteText[];
  /** Device, inode, modification, status change of each. */
  readonly states: readonly string[];
  readonly lookedAtMs: readonly number[];
  readonly subfolders: readonly (readonly ByteText[])[];
  /** Name, version, name, version … of each; the version of what is no ELF file has a `!` in front. */
  readonly files: readonly (readonly string[])[];
  readonly others: readonly number[];
}

/**
 * A file of which it was taken for certain that it will not become an ELF file in place ({@link isSettled}) is looked at again
 * after a day all the same.
 */
const trustedMs = 24 * 3_600_000;

interface Remembered {
  readonly state: string;
  readonly lookedAtMs: number;
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
 * @param before what another memory had {@link FolderMemory.stored}.
 */
export function createFolderMemory(capacityBytes: number, before?: StoredFolders): FolderMemory {
  const folders = new Map<ByteText, Remembered>();
  let total = 0;
  let search = 0;
  let sweptIn = 0;
  let changes = 0;
  const drop = (folder: ByteText): void => {
    total -= folders.get(folder)?.weight ?? 0;
    folders.delete(folder);
  };
  const sweep = (): void => {
    if (sweptIn === search) return;
    sweptIn = search;
    for (const [folder, entry] of folders) if (entry.search < search - 1) drop(folder);
  };
  const remember = (folder: ByteText, state: string, lookedAtMs: number, known: KnownFolder): void => {
    const weight = weightOf(folder, known);
    if (total + weight > capacityBytes) sweep();
    if (total + weight > capacityBytes) return;
    total += weight;
    folders.set(folder, { state, lookedAtMs, known, weight, search });
  };
  for (const { folder, state, lookedAtMs, known } of restored(before)) remember(folder, state, lookedAtMs, known);
  return {
    begin() {
      search += 1;
    },
    get(folder, status) {
      const entry = folders.get(folder);
      if (entry === undefined || entry.state !== stateOf(status)) return undefined;
      const ageMs = Date.now() - entry.lookedAtMs;
      if (ageMs < 0 || ageMs > trustedMs) return undefined;
      entry.search = search;
      return entry.known;
    },
    keep(folder, status, lookedAtMs, known) {
      drop(folder);
      changes += 1;
      if (!isAtRest(Number(status.mtimeMs), lookedAtMs) || !isAtRest(Number(status.ctimeMs), lookedAtMs)) return;
      remember(folder, stateOf(status), lookedAtMs, known);
    },
    changes: () => changes,
    stored() {
      const entries = [...folders];
      return {
        folders: entries.map(([folder]) => folder),
        states: entries.map(([, { state }]) => state),
        lookedAtMs: entries.map(([, { lookedAtMs }]) => lookedAtMs),
        subfolders: entries.map(([, { known }]) => known.folders),
        files: entries.map(([, { known }]) => known.files.flatMap(storedFile)),
        others: entries.map(([, { known }]) => known.others),
      };
    },
  };
}

function storedFile({ name, version, isElf }: KnownFile): readonly string[] {
  return [name, isElf ? version : `!${version}`];
}

interface RestoredFolder {
  readonly folder: ByteText;
  readonly state: string;
  readonly lookedAtMs: number;
  readonly known: KnownFolder;
}

function* restored(stored: StoredFolders | undefined): Generator<RestoredFolder> {
  if (stored === undefined) return;
  for (const [index, folder] of stored.folders.entries()) {
    const names = stored.files[index] ?? [];
    const files: KnownFile[] = [];
    for (let at = 0; at + 1 < names.length; at += 2) {
      const [name = '', version = ''] = [names[at], names[at + 1]];
      const isElf = !version.startsWith('!');
      files.push({ name, version: isElf ? version : version.slice(1), isElf });
    }
    yield {
      folder,
      state: stored.states[index] ?? '',
      lookedAtMs: stored.lookedAtMs[index] ?? 0,
      known: { folders: stored.subfolders[index] ?? [], files, others: stored.others[index] ?? 0 },
    };
  }
}

function stateOf({ dev, ino, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${mtimeNs}:${ctimeNs}`;
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
