import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { decodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { type CodePlace, type Mapping, parseMaps, placeOf } from './memory-map.ts';

/** Offsets of `struct leaks` in shim/leaks.h, in bytes: change both. */
const layout = {
  state: 0,
  leakCount: 8,
  fileCount: 16,
  mapsBytes: 24,
  all: 64,
  leakBytes: 128,
  files: 64 + 2048 * 128,
  fileBytes: 256,
  maps: 64 + 2048 * 128 + 64 * 256,
  bytes: 64 + 2048 * 128 + 64 * 256 + 61_440,
} as const;
const stackFrames = 12;
const complete = 1n;

/** What was there when a program ended by itself. */
export interface LeakReport {
  /** False: there was more than could be followed. */
  readonly complete: boolean;
  readonly blocks: readonly LostBlocks[];
  /** Names of files that were open, as the kernel has them, without numbers that change. */
  readonly files: readonly ByteText[];
}

/** Blocks that one call stack asked for. */
export interface LostBlocks {
  /** The same in each run. */
  readonly stack: bigint;
  readonly count: number;
  readonly bytes: number;
  readonly places: readonly CodePlace[];
}

/** What a run left that the clean run does not. */
export interface Lost {
  readonly blocks: readonly LostBlocks[];
  readonly files: readonly ByteText[];
}

/** How many of each a clean run leaves: blocks by their call stack, files by name. */
export type Leftovers = ReadonlyMap<bigint | string, number>;

/** Null where one of them is not known, or not whole: then nothing can be said of leaks. */
export function leftoversOf(reports: readonly (LeakReport | null)[]): Leftovers | null {
  const most = new Map<bigint | string, number>();
  for (const report of reports) {
    if (report === null || !report.complete) return null;
    const counts = new Map<bigint | string, number>(report.blocks.map(({ stack, count }) => [stack, count]));
    for (const file of report.files) counts.set(file, (counts.get(file) ?? 0) + 1);
    for (const [what, count] of counts) most.set(what, Math.max(most.get(what) ?? 0, count));
  }
  return most;
}

export function lostBeyond(report: LeakReport | null, leftovers: Leftovers | null): Lost {
  if (report === null || leftovers === null || !report.complete) return { blocks: [], files: [] };
  const blocks = report.blocks.flatMap(one => {
    const count = one.count - (leftovers.get(one.stack) ?? 0);
    // Of blocks of different sizes, which of them the clean run leaves too is not known.
    return count <= 0 ? [] : [{ ...one, count, bytes: Math.round((one.bytes * count) / one.count) }];
  });
  const left = new Map(leftovers);
  const files = report.files.filter(file => {
    const known = left.get(file) ?? 0;
    left.set(file, known - 1);
    return known <= 0;
  });
  return { blocks, files };
}

/** A file for the shim to write into. */
export interface LeakFile {
  readonly path: string;
  /** Null where the program did not end by itself. */
  read(): Promise<LeakReport | null>;
  close(): Promise<void>;
}

/** Every byte of it is there from the start: a full disk is an error here, and not a SIGBUS in the program. Errors: toolFailed. */
export async function createLeakFile(folder: string): Promise<LeakFile> {
  const path = join(folder, 'leaks');
  const fail = (error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('toolFailed', `The file for what a run loses cannot be made in ${folder}: ${reason}.`);
  };
  const file = await open(path, 'wx+', 0o600).catch(fail);
  await file.write(Buffer.alloc(layout.bytes), 0, layout.bytes, 0).catch(async (error: unknown) => {
    await file.close();
    fail(error);
  });
  return {
    path,
    close: () => file.close(),
    async read() {
      const bytes = Buffer.alloc(layout.bytes);
      await file.read(bytes, 0, layout.bytes, 0);
      return decode(bytes);
    },
  };
}

function decode(bytes: Buffer): LeakReport | null {
  const state = u64(bytes, layout.state);
  if (state === 0n) return null;
  const number = (at: number): number => Number(u64(bytes, at));
  const maps = parseMaps(bytes.subarray(layout.maps, layout.maps + number(layout.mapsBytes)));
  const blocks = Array.from({ length: number(layout.leakCount) }, (_, index) => {
    const at = layout.all + index * layout.leakBytes;
    const count = Math.min(number(at + 24), stackFrames);
    const frames = bytes.subarray(at + 32, at + 32 + 8 * count);
    return { stack: u64(bytes, at), count: number(at + 8), bytes: number(at + 16), places: placesOf(frames, maps) };
  });
  const files = Array.from({ length: number(layout.fileCount) }, (_, index) => {
    const at = layout.files + index * layout.fileBytes;
    return openFileName(bytes.subarray(at, bytes.indexOf(0, at)));
  });
  return { complete: state === complete, blocks, files };
}

/** @param frames Addresses, eight bytes each. */
export function placesOf(frames: Buffer, maps: readonly Mapping[]): readonly CodePlace[] {
  return Array.from({ length: frames.length / 8 }, (_, index) => placeOf(maps, u64(frames, 8 * index)));
}

/** "pipe" for "pipe:[4711]". Standard output is a pipe in a run by itself, and memory in a copy of one. */
export function openFileName(name: Uint8Array): ByteText {
  const text = decodeBytes(name);
  if (text.startsWith('/memfd:output ')) return 'pipe';
  return /^(?:pipe|socket)(?=:\[)/u.exec(text)?.[0] ?? text;
}

function u64(bytes: Buffer, at: number): bigint {
  return endianness() === 'LE' ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
}
