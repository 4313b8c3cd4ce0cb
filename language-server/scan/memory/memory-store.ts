import { createHash, randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, futimesSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';

/** Keeps what scans remember between processes, a file for each key. What cannot be read or written is as good as none. */
export interface MemoryStore {
  /** What {@link save} was last given for this key, by whatever process; undefined: nothing. */
  load(key: string): unknown;
  save(key: string, value: object): Promise<void>;
}

export interface MemoryStoreOptions {
  /** Made where it is not there, for its owner only. */
  readonly folder: string;
  /** What writes the files: another build may see things otherwise, and has files of its own. */
  readonly program: string;
  readonly log: (line: string) => void;
  readonly limits?: StoreLimits;
}

export interface StoreLimits {
  readonly files: number;
  readonly fileBytes: number;
}

/** What a machine with 5,000 ELF files among 150,000 others needs are two files of a few megabytes. */
const usualLimits: StoreLimits = { files: 12, fileBytes: 64 << 20 };

const format = 'binary-detective scan memory 1';
const suffix = '.memory';
/** A file that is being written. */
const newSuffix = '.new';

/**
 * A file is one line (format, SHA-256 of all behind it), the key, and the value as JSON: so what was cut off or written over is
 * noticed, and what has the right sum was written by {@link MemoryStore.save}. It counts only where it belongs to this user and
 * nobody else may write to it. A file is replaced as a whole: of two that write at once one counts.
 */
export function createMemoryStore({ folder, program, log, limits = usualLimits }: MemoryStoreOptions): MemoryStore {
  const wholeKey = (key: string): string => JSON.stringify([program, key]);
  const pathOf = (key: string): string => join(folder, digestOf(wholeKey(key)).slice(0, 32) + suffix);
  return {
    load(key) {
      const path = pathOf(key);
      try {
        const text = readPrivate(folder, path, limits.fileBytes);
        return text === null ? undefined : parse(text, wholeKey(key));
      } catch (error) {
        log(`What earlier scans saw is not used: ${path}: ${reasonOf(error)}`);
        return undefined;
      }
    },
    async save(key, value) {
      const path = pathOf(key);
      try {
        const body = `${wholeKey(key)}\n${JSON.stringify(value)}`;
        const bytes = Buffer.from(`${format} ${digestOf(body)}\n${body}`);
        if (bytes.length > limits.fileBytes) throw new Error(`it would take ${bytes.length} bytes`);
        await mkdir(folder, { recursive: true, mode: 0o700 });
        requirePrivate(await lstat(folder), 'folder');
        await replaceFile(path, bytes);
        await removeOldest(folder, limits.files);
      } catch (error) {
        log(`What this scan saw is not kept: ${path}: ${reasonOf(error)}`);
      }
    },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Null where there is none. */
function readPrivate(folder: string, path: string, mostBytes: number): string | null {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  if (status === undefined) return null;
  requirePrivate(status, 'folder');
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const file = fstatSync(fd);
    requirePrivate(file, 'file');
    if (file.size > mostBytes) throw new Error(`it has ${file.size} bytes`);
    const text = readFileSync(fd, 'utf8');
    // What is used stays when room is needed.
    futimesSync(fd, new Date(), new Date());
    return text;
  } finally {
    closeSync(fd);
  }
}

/** @throws where somebody else could have put it there or can change it: answers would be theirs. */
function requirePrivate(status: Stats, kind: 'file' | 'folder'): void {
  if (!(kind === 'file' ? status.isFile() : status.isDirectory())) throw new Error(`it is no ${kind}`);
  if (status.uid !== (getuid?.() ?? status.uid)) throw new Error(`the ${kind} belongs to another user`);
  if ((status.mode & 0o022) !== 0) throw new Error(`others may write to the ${kind}`);
}

function parse(text: string, key: string): unknown {
  const headEnd = text.indexOf('\n');
  const keyEnd = text.indexOf('\n', headEnd + 1);
  const head = text.slice(0, Math.max(headEnd, 0));
  if (!head.startsWith(`${format} `)) throw new Error('it is of another format');
  const body = text.slice(headEnd + 1);
  if (keyEnd < 0 || head !== `${format} ${digestOf(body)}`) throw new Error('it is damaged');
  if (text.slice(headEnd + 1, keyEnd) !== key) throw new Error('it is about something else');
  return JSON.parse(text.slice(keyEnd + 1)) as unknown;
}

async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${randomUUID()}${newSuffix}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Long after whoever wrote it has ended. */
const abandonedMs = 3_600_000;

/** Those that were not used for longest, and what somebody who was killed was writing. */
async function removeOldest(folder: string, most: number): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.endsWith(suffix) || name.endsWith(newSuffix));
  const seen = await Promise.all(
    names.map(async name => {
      const path = join(folder, name);
      // Another process may tidy up at the same time.
      const status = await lstat(path).catch(() => null);
      return status === null ? [] : [{ path, usedMs: status.mtimeMs, isNew: name.endsWith(newSuffix) }];
    }),
  );
  const files = seen.flat().toSorted((a, b) => b.usedMs - a.usedMs);
  const excess = files.filter(({ isNew }) => !isNew).slice(most);
  const abandoned = files.filter(({ isNew, usedMs }) => isNew && Date.now() - usedMs > abandonedMs);
  for (const { path } of [...excess, ...abandoned]) await rm(path, { force: true });
}
