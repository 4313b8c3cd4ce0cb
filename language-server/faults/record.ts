import { open } from 'node:fs/promises';
import { constants, endianness } from 'node:os';
import { join } from 'node:path';
import { decodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { type CodePlace, parseMaps, placeOf } from './memory-map.ts';

/** Offsets of `struct record` in shim/shim.h, in bytes: change both. */
const layout = {
  magic: 0,
  called: 16,
  failed: 24,
  injectedCount: 32,
  injectedMapsBytes: 40,
  signal: 48,
  signalByFault: 56,
  signalAddress: 64,
  crashCount: 72,
  crashMapsBytes: 80,
  lastCount: 88,
  injectedHash: 96,
  injected: 256,
  crash: 768,
  last: 1280,
  replacedBy: 1536,
  injectedMaps: 4096,
  crashMaps: 65_536,
  bytes: 126_976,
} as const;

const magic = 0x3130_544c_5541_4644n;
const maximumFrames = 64;

/** What the shim wrote down about one run of the program. */
export interface RunRecord {
  /** False: the shim was never loaded, and all else is empty. */
  readonly inForce: boolean;
  /** Allocations that were asked for, the failed ones too. */
  readonly allocations: number;
  readonly failed: number;
  /** Where the first failed allocation was asked for, innermost first. */
  readonly injected: readonly CodePlace[];
  /** The number of that stack, the same in every run; 0: none. */
  readonly injectedHash: bigint;
  /** The program that it became by exec(3), as it was named; empty: none. What is written here is about the time before. */
  readonly replacedBy: ByteText;
  /** The last fatal signal; the program may have survived it by a handler of its own. */
  readonly crash: CrashRecord | null;
}

export interface CrashRecord {
  /** "SIGSEGV". */
  readonly signal: string;
  /** False: somebody sent it, as abort(3) does. */
  readonly byFault: boolean;
  /** The address that could not be reached; 0 where nothing tells. */
  readonly address: bigint;
  readonly stack: readonly CodePlace[];
  /** Where the last allocation that failed before it was asked for: more often its cause than the first one. */
  readonly lastFailure: readonly CodePlace[];
}

/** A file for the shim to write into while a run lasts. */
export interface RecordFile {
  readonly path: string;
  read(): Promise<RunRecord>;
  close(): Promise<void>;
}

/** Errors: toolFailed (a full disk, a folder that may not be written). */
export async function createRecordFile(folder: string): Promise<RecordFile> {
  const path = join(folder, 'record');
  try {
    return await createAt(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('toolFailed', `The file for what a run does cannot be made in ${folder}: ${reason}.`);
  }
}

/** Every byte of it is there from the start: a full disk is an error here, and not a SIGBUS in the program. */
async function createAt(path: string): Promise<RecordFile> {
  const file = await open(path, 'wx+', 0o600);
  try {
    // Unlike write, it goes on where the disk takes a part only, until that fails.
    await file.writeFile(Buffer.alloc(layout.bytes));
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    path,
    close: () => file.close(),
    async read() {
      const bytes = Buffer.alloc(layout.bytes);
      await file.read(bytes, 0, layout.bytes, 0);
      return decodeRecord(bytes);
    },
  };
}

/** Reads records of which the front comes alone, since their maps are mostly those of the record before. */
export interface RecordReader {
  setMaps(which: 'injected' | 'crash', lines: Uint8Array): void;
  /** @param front A record's first bytes, up to its maps. */
  read(front: Uint8Array): RunRecord;
}

export function createRecordReader(): RecordReader {
  const bytes = Buffer.alloc(layout.bytes);
  return {
    setMaps: (which, lines) => bytes.set(lines, which === 'injected' ? layout.injectedMaps : layout.crashMaps),
    read(front) {
      bytes.fill(0, 0, layout.injectedMaps);
      bytes.set(front.subarray(0, layout.injectedMaps));
      return decodeRecord(bytes);
    },
  };
}

export function decodeRecord(bytes: Buffer): RunRecord {
  const u64 = (offset: number): bigint =>
    endianness() === 'LE' ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset);
  const stack = (count: number, frames: number, mapsBytes: number, maps: number): readonly CodePlace[] => {
    const mappings = parseMaps(bytes.subarray(maps, maps + Number(u64(mapsBytes))));
    const length = Math.min(Number(u64(count)), maximumFrames);
    return Array.from({ length }, (_, index) => placeOf(mappings, u64(frames + 8 * index)));
  };
  const signal = Number(u64(layout.signal));
  return {
    inForce: u64(layout.magic) === magic,
    allocations: Number(u64(layout.called)),
    failed: Number(u64(layout.failed)),
    replacedBy: decodeBytes(bytes.subarray(layout.replacedBy, bytes.indexOf(0, layout.replacedBy))),
    injectedHash: u64(layout.injectedHash),
    injected: stack(layout.injectedCount, layout.injected, layout.injectedMapsBytes, layout.injectedMaps),
    crash:
      signal === 0
        ? null
        : {
            signal: signalName(signal),
            byFault: u64(layout.signalByFault) === 1n,
            address: u64(layout.signalAddress),
            stack: stack(layout.crashCount, layout.crash, layout.crashMapsBytes, layout.crashMaps),
            lastFailure: stack(layout.lastCount, layout.last, layout.crashMapsBytes, layout.crashMaps),
          },
  };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
