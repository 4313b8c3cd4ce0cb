import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isAlive } from './is-alive.ts';
import { type TaggedLine, taggedLines } from './log-lines.ts';

/** Lines that were read at once: the loader wrote them after `sinceMs` and before `untilMs`. */
export interface LineBatch {
  /** Process id in the file's name: the one that opened it. */
  readonly fileId: number;
  readonly lines: readonly TaggedLine[];
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Lines before these may be lost: the file was cut while it was written. */
  readonly afterCut: boolean;
}

export interface LogFollower {
  /** Reads what is new in every file. Not to be called while a call runs. */
  poll(everything: boolean): Promise<void>;
  readonly bytes: () => number;
  readonly stopped: () => 'cap' | 'disk' | null;
  /** The first error of the system, where there was one. */
  readonly failure: () => string | null;
}

export interface FollowOptions {
  readonly folder: string;
  /** Names of the files are this, a point, and the process id. */
  readonly prefix: string;
  readonly keptBytes: number;
  readonly onLines: (batch: LineBatch) => void;
}

interface LogFile {
  readonly id: number;
  readonly path: string;
  /** Bytes read. */
  offset: number;
  /** Bytes that stay on disk; more are read and cut off again. */
  kept: number;
  pending: Buffer;
  lookedMs: number;
  grewMs: number;
  wasCut: boolean;
  /** Its process is gone; what a forked child of it still writes is read in the end. */
  hasEnded: boolean;
}

const chunkBytes = 1 << 18;
/** A line without end would otherwise gather in memory. */
const longestPendingBytes = 1 << 20;
/** What is not to be kept is cut off when it is so much: what is written in the very moment of a cut is lost. */
const uncutBytes = 4 << 20;
/** What has not grown for so long is looked at less often. */
const quietMs = 1000;
const quietIntervalMs = 100;
const workMs = 8;

/**
 * Reads the loader's files as they grow. What is beyond `keptBytes` in all, or would fill the disk, is read too, and cut off
 * behind the reading: the loader appends (O_APPEND), so the next line goes where the file ends then.
 */
export function followLogs({ folder, prefix, keptBytes, onLines }: FollowOptions): LogFollower {
  const files = new Map<number, LogFile>();
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let bytes = 0;
  let keptTotal = 0;
  let stopped: 'cap' | 'disk' | null = null;
  let failure: string | null = null;
  let lastMs = performance.now();
  let listedAtMs = 0;
  let listedMs = 0;
  let spaceLookedMs = Number.NEGATIVE_INFINITY;

  /** A program can do with our files what it likes; that does not end the trace of it. */
  const noteFailure = (error: unknown): void => {
    failure ??= error instanceof Error ? error.message : String(error);
  };
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      noteFailure(error);
    }
  };

  const findFiles = (nowMs: number): void => {
    const changedMs = statSync(folder).mtimeMs;
    // Two files can be made within one tick of the clock of the file system.
    if (changedMs === listedAtMs && nowMs - listedMs < quietIntervalMs) return;
    listedAtMs = changedMs;
    listedMs = nowMs;
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(`${prefix}.`)) continue;
      const id = Number(name.slice(prefix.length + 1));
      if (!Number.isInteger(id) || files.has(id)) continue;
      const path = join(folder, name);
      files.set(id, {
        id,
        path,
        offset: 0,
        kept: 0,
        pending: Buffer.alloc(0),
        lookedMs: lastMs,
        grewMs: performance.now(),
        wasCut: false,
        hasEnded: false,
      });
    }
  };

  const deliver = (file: LogFile, chunk: Buffer, untilMs: number, isLast: boolean): void => {
    const all = file.pending.length === 0 ? chunk : Buffer.concat([file.pending, chunk]);
    const end = isLast ? all.length : all.lastIndexOf(10) + 1;
    file.pending = Buffer.from(all.subarray(end));
    if (file.pending.length > longestPendingBytes) file.pending = Buffer.alloc(0);
    if (end === 0) return;
    const whole = all.subarray(0, end);
    const lines = taggedLines(whole.at(-1) === 10 ? whole : Buffer.concat([whole, Buffer.from('\n')]));
    onLines({ fileId: file.id, lines, sinceMs: file.lookedMs, untilMs, afterCut: file.wasCut });
    file.wasCut = false;
  };

  const keep = (file: LogFile, read: number): void => {
    if (stopped === null && keptTotal + read > keptBytes) stopped = 'cap';
    if (stopped === null) {
      file.kept += read;
      keptTotal += read;
    }
  };

  const readTo = async (file: LogFile, fd: number, size: number): Promise<void> => {
    let workedSinceMs = performance.now();
    while (file.offset < size) {
      const untilMs = performance.now();
      const count = readSync(fd, buffer, 0, Math.min(chunkBytes, size - file.offset), file.offset);
      if (count === 0) return;
      file.offset += count;
      bytes += count;
      file.grewMs = untilMs;
      keep(file, count);
      deliver(file, Buffer.from(buffer.subarray(0, count)), untilMs, false);
      file.lookedMs = untilMs;
      if (performance.now() - workedSinceMs > workMs) {
        await setImmediate();
        workedSinceMs = performance.now();
      }
    }
  };

  /** What was written meanwhile is read first, and understood later: so next to nothing falls between the two calls. */
  const cut = (file: LogFile, fd: number): void => {
    const count = readSync(fd, buffer, 0, chunkBytes, file.offset);
    ftruncateSync(fd, file.kept);
    const untilMs = performance.now();
    bytes += count;
    deliver(file, Buffer.from(buffer.subarray(0, count)), untilMs, false);
    file.offset = file.kept;
    file.pending = Buffer.alloc(0);
    file.wasCut = true;
  };

  const read = async (file: LogFile, everything: boolean): Promise<void> => {
    // To be cut as well; and without waiting, should the program have put something else there.
    const fd = openSync(file.path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) return;
      // Not past what is there now, so that a program that writes without pause does not hold on to us.
      await readTo(file, fd, fstatSync(fd).size);
      if (stopped !== null) await cutWhereDue(file, fd, everything);
      file.lookedMs = performance.now();
    } finally {
      closeSync(fd);
    }
    if (everything && file.pending.length > 0) deliver(file, Buffer.alloc(0), performance.now(), true);
  };

  const cutWhereDue = async (file: LogFile, fd: number, everything: boolean): Promise<void> => {
    const spare = everything || stopped === 'disk' ? 0 : uncutBytes;
    if (file.offset <= file.kept + spare) return;
    // As long as we read faster than it writes, we come nearer.
    for (let behind = Number.POSITIVE_INFINITY; ; ) {
      const size = fstatSync(fd).size;
      const now = size - file.offset;
      if (now <= chunkBytes / 2 || now > behind / 2) break;
      behind = now;
      await readTo(file, fd, size);
    }
    cut(file, fd);
  };

  const watchSpace = (nowMs: number): void => {
    if (stopped !== null || nowMs - spaceLookedMs < quietIntervalMs) return;
    spaceLookedMs = nowMs;
    if (isNearlyFull(folder)) stopped = 'disk';
  };

  return {
    async poll(everything) {
      const nowMs = performance.now();
      attempt(() => {
        findFiles(nowMs);
        watchSpace(nowMs);
      });
      for (const file of files.values()) {
        if (!everything && isQuiet(file, nowMs)) continue;
        try {
          await read(file, everything);
        } catch (error) {
          noteFailure(error);
          files.delete(file.id);
        }
      }
      lastMs = nowMs;
    },
    failure: () => failure,
    bytes: () => bytes,
    stopped: () => stopped,
  };
}

function isQuiet(file: LogFile, nowMs: number): boolean {
  if (nowMs - file.grewMs <= quietMs) return false;
  if (nowMs - file.lookedMs < quietIntervalMs) return true;
  file.hasEnded ||= !isAlive(file.id);
  return file.hasEnded;
}

/** Room that is left for everybody else, unless the whole disk is small. */
const reserveBytes = 64 << 20;

export function isNearlyFull(folder: string): boolean {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return bavail * bsize < Math.min(reserveBytes, (blocks * bsize) / 8);
}
