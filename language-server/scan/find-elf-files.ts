import { type BigIntStats, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { isVersionAtRest } from '../dependencies/files/file-version.ts';
import { versionOf } from '../elf/open-elf.ts';
import { elfMagic } from '../elf/reader/file-header.ts';
import { kernelFolders, pathIn, readFolder, regularFileAt } from '../elf/twins/read-folder.ts';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { type Exclusion, nothingExcluded } from './exclusion.ts';
import { createFolderMemory, type FolderMemory, isSettled, type KnownFile } from './memory/folder-memory.ts';

/** A regular file that begins with the ELF magic. */
export interface FoundElf {
  readonly path: ByteText;
  /** Device and inode. */
  readonly identity: string;
  /** Device, inode, size and times. */
  readonly version: string;
  readonly sizeBytes: number;
}

/** A step of the search: short, so that whoever waits can be let in between two of them. */
export interface FoundStep {
  /** Regular files since the last step. */
  readonly looked: number;
  readonly found: readonly FoundElf[];
}

export interface FindOptions {
  readonly exclude?: Exclusion;
  /** Paths of folders that are not looked into. */
  readonly elsewhere?: ReadonlySet<ByteText>;
  /** Which files, by their path below the scanned folder; absent: all. */
  readonly isWanted?: (relativePath: ByteText) => boolean;
  /** Called for each folder, file or argument that is not there or cannot be read, with the code of the error (`EACCES`). */
  readonly onUnreadable?: (path: ByteText, code: string) => void;
  /** What earlier searches saw; absent: everything is looked at. Not used together with `isWanted`. */
  readonly memory?: FolderMemory;
}

interface PendingFolder {
  readonly path: ByteText;
  /** Below the scanned folder; '' for that folder itself. */
  readonly relative: ByteText;
}

interface Search extends Required<FindOptions> {
  /** Inodes by device: those that are scanned may lie within each other. */
  readonly seenFolders: Map<bigint, Set<bigint>>;
  /** Paths of files that were named by hand. */
  readonly seenFiles: Set<ByteText>;
}

/**
 * Every ELF file at or below some paths, folder by folder, in the order of the bytes of their names, each path once. Symbolic
 * links are followed where they are named by hand and nowhere else, so that there are no circles; nothing but regular files is
 * opened, so that no fifo or device blocks or acts; of a file 4 bytes are read.
 */
export function* findElfFiles(paths: readonly ByteText[], options: FindOptions = {}): Generator<FoundStep> {
  const search: Search = {
    exclude: options.exclude ?? nothingExcluded,
    elsewhere: options.elsewhere ?? new Set(),
    isWanted: options.isWanted ?? (() => true),
    onUnreadable: options.onUnreadable ?? (() => undefined),
    memory: options.isWanted === undefined && options.memory !== undefined ? options.memory : createFolderMemory(0),
    seenFolders: new Map(),
    seenFiles: new Set(),
  };
  search.memory.begin();
  for (const path of paths) {
    const status = statusOf(path, search);
    if (status === null) continue;
    if (status.isDirectory()) yield* findBelow(path.length > 1 ? path.replace(/\/+$/u, '') || '/' : path, search);
    else if (status.isFile()) yield namedFile(path, status, search);
    else search.onUnreadable(path, 'not a regular file');
  }
}

function statusOf(path: ByteText, { onUnreadable }: Search): BigIntStats | null {
  try {
    return statSync(osPath(path), { bigint: true });
  } catch (error) {
    onUnreadable(path, codeOf(error));
    return null;
  }
}

/** A file that is named by hand. */
function namedFile(path: ByteText, status: BigIntStats, search: Search): FoundStep {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!search.isWanted(name) || search.seenFiles.has(path)) return { looked: 0, found: [] };
  search.seenFiles.add(path);
  const found = foundElf(path, status, versionOf(status), search);
  return { looked: 1, found: found === null ? [] : [found] };
}

function* findBelow(path: ByteText, search: Search): Generator<FoundStep> {
  const pending: PendingFolder[] = [{ path, relative: '' }];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (kernelFolders.has(folder.path) || search.elsewhere.has(folder.path)) continue;
    const status = statusOf(folder.path, search);
    if (status === null || !status.isDirectory() || !isFirst(search.seenFolders, status)) continue;
    const known = search.memory.get(folder.path, status);
    const { folders, steps } =
      known === undefined
        ? lookAnew(folder, status, search)
        : { folders: known.folders, steps: [lookAgain(folder, known, search)] };
    yield* steps;
    for (let index = folders.length - 1; index >= 0; index -= 1) {
      const name = folders[index] ?? '';
      const relative = relativeIn(folder, name);
      if (!search.exclude(relative)) pending.push({ path: pathIn(folder.path, name), relative });
    }
  }
}

function isFirst(seen: Map<bigint, Set<bigint>>, { dev, ino }: BigIntStats): boolean {
  const inodes = seen.get(dev);
  if (inodes === undefined) seen.set(dev, new Set([ino]));
  else if (inodes.has(ino)) return false;
  else inodes.add(ino);
  return true;
}

function relativeIn({ relative }: PendingFolder, name: ByteText): ByteText {
  return relative === '' ? name : `${relative}/${name}`;
}

interface Looked {
  readonly folders: readonly ByteText[];
  readonly steps: Iterable<FoundStep>;
}

/** A hundred files take a millisecond or two. */
const stepFiles = 100;

function lookAnew(folder: PendingFolder, status: BigIntStats, search: Search): Looked {
  try {
    const { files, folders } = readFolder(folder.path);
    return { folders, steps: lookAtFiles(folder, files, folders, status, search) };
  } catch (error) {
    search.onUnreadable(folder.path, codeOf(error));
    return { folders: [], steps: [] };
  }
}

function* lookAtFiles(
  folder: PendingFolder,
  names: readonly ByteText[],
  folders: readonly ByteText[],
  status: BigIntStats,
  search: Search,
): Generator<FoundStep> {
  const lookedAtMs = Date.now();
  const kept: KnownFile[] = [];
  let others = 0;
  let isWhole = true;
  const noticing: Search = {
    ...search,
    onUnreadable: (path, code) => {
      isWhole = false;
      search.onUnreadable(path, code);
    },
  };
  for (let start = 0; start < names.length; start += stepFiles) {
    const seen = names.slice(start, start + stepFiles).flatMap(name => lookAtFile(folder, name, noticing));
    for (const { name, file, version, elf } of seen) {
      const isElf = elf !== null;
      // What has just been written can be written again within the same tick: it is read the next time.
      const known = isVersionAtRest(version, lookedAtMs) ? version : '';
      if (isElf || !isSettled(name, file, lookedAtMs)) kept.push({ name, version: known, isElf });
      else others += 1;
    }
    yield { looked: seen.length, found: seen.flatMap(({ elf }) => elf ?? []) };
  }
  // What could not be looked at is told each time.
  if (isWhole) search.memory.keep(folder.path, status, lookedAtMs, { folders, files: kept, others });
}

interface SeenFile {
  readonly name: ByteText;
  readonly file: BigIntStats;
  readonly version: string;
  readonly elf: FoundElf | null;
}

/** Nothing where it is not wanted, or went away since its folder was read. */
function lookAtFile(folder: PendingFolder, name: ByteText, search: Search): readonly SeenFile[] {
  const relative = relativeIn(folder, name);
  if (!search.isWanted(relative) || search.exclude(relative)) return [];
  const path = pathIn(folder.path, name);
  const file = regularFileAt(path, code => search.onUnreadable(path, code));
  if (file === null) return [];
  const version = versionOf(file);
  return [{ name, file, version, elf: foundElf(path, file, version, search) }];
}

/** A folder that has not changed has the same names in it; of its files those are looked at that can have become ELF, or changed. */
function lookAgain(
  folder: PendingFolder,
  { files, others }: { readonly files: readonly KnownFile[]; readonly others: number },
  search: Search,
): FoundStep {
  const found: FoundElf[] = [];
  let looked = others;
  for (const { name, version, isElf } of files) {
    const path = pathIn(folder.path, name);
    if (search.exclude(relativeIn(folder, name))) continue;
    const file = regularFileAt(path, code => search.onUnreadable(path, code));
    if (file === null) continue;
    looked += 1;
    const now = versionOf(file);
    if (now === version && !isElf) continue;
    const elf = now === version ? elfOf(path, file, now) : foundElf(path, file, now, search);
    if (elf !== null) found.push(elf);
  }
  return { looked, found };
}

function foundElf(path: ByteText, status: BigIntStats, version: string, { onUnreadable }: Search): FoundElf | null {
  if (status.size < BigInt(elfMagic.length)) return null;
  try {
    return hasMagic(path) ? elfOf(path, status, version) : null;
  } catch (error) {
    const code = codeOf(error);
    // It went away since it was looked at, as files do while something builds.
    if (code !== 'ENOENT') onUnreadable(path, code);
    return null;
  }
}

function elfOf(path: ByteText, { dev, ino, size }: BigIntStats, version: string): FoundElf {
  return { path, identity: `${dev}:${ino}`, version, sizeBytes: Number(size) };
}

const magicBytes = Buffer.alloc(elfMagic.length);

function hasMagic(path: ByteText): boolean {
  // O_NONBLOCK: should it have been replaced by a fifo since it was looked at, the open must not wait.
  const fd = openSync(osPath(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const count = readSync(fd, magicBytes, 0, magicBytes.length, 0);
    return count === magicBytes.length && magicBytes.toString('latin1') === elfMagic;
  } finally {
    closeSync(fd);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
