import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ByteSource } from '../reader/byte-source.ts';
import { findRuns, noRun, type TextRules } from './printable-runs.ts';

/** A part of a file that is searched on its own: a text does not go on from one into the next. */
export interface TextRegion {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The texts of a file: where each begins. What they say is read again when it is asked for. */
export interface FoundStrings {
  readonly offsets: Uint32Array | Float64Array;
  /** There are more than could be kept. */
  readonly isCut: boolean;
}

export interface FoundText {
  readonly offset: number;
  readonly sizeBytes: number;
  /** At most {@link maximumTextBytes} bytes of it. */
  readonly text: ByteText;
}

/** 32 or 64 MiB of offsets. */
const maximumStrings = 1 << 23;
const chunkBytes = 1 << 20;
const maximumTextBytes = 64 << 10;

/** Searches the regions piece by piece; between two of them others have their turn. Throws what the signal is aborted with. */
export async function findStrings(
  source: ByteSource,
  regions: readonly TextRegion[],
  rules: TextRules,
  signal: AbortSignal | undefined,
): Promise<FoundStrings> {
  const found = createOffsets(source.sizeBytes);
  for (const { offset, sizeBytes } of regions) {
    const end = Math.min(offset + sizeBytes, source.sizeBytes);
    const run = noRun();
    for (let at = offset; at < end && !found.isFull(); ) {
      const bytes = source.read(at, Math.min(chunkBytes, end - at));
      if (bytes.length === 0) break;
      const used = findRuns(bytes, at, rules, run, at + bytes.length >= end, found.add);
      if (used < 0) break;
      at += used;
      await nextTurn();
      signal?.throwIfAborted();
    }
  }
  return { offsets: found.list(), isCut: found.isFull() };
}

/** Reads one text again. `end`: where its region ends. */
export function textAt(source: ByteSource, offset: number, end: number, rules: TextRules): FoundText {
  const run = noRun();
  let sizeBytes = 0;
  for (let at = offset, length = 256; at < end; length = Math.min(length * 8, chunkBytes)) {
    const bytes = source.read(at, Math.min(length, end - at));
    const isLast = at + bytes.length >= end || bytes.length === 0;
    const used = findRuns(bytes, at, { ...rules, minimumLength: 1 }, run, isLast, (_, size) => {
      sizeBytes = size;
      return false;
    });
    if (used < 0 || isLast) break;
    at += used;
  }
  const bytes = source.read(offset, Math.min(sizeBytes, maximumTextBytes));
  const text = decodeBytes(bytes);
  return { offset, sizeBytes, text: sizeBytes > maximumTextBytes ? `${text}…` : text };
}

interface Offsets {
  add(offset: number): boolean;
  isFull(): boolean;
  list(): Uint32Array | Float64Array;
}

function createOffsets(fileBytes: number): Offsets {
  const make = (length: number): Uint32Array | Float64Array =>
    fileBytes <= 2 ** 32 ? new Uint32Array(length) : new Float64Array(length);
  let offsets = make(4096);
  let count = 0;
  return {
    add(offset) {
      if (count === maximumStrings) return false;
      if (count === offsets.length) {
        const larger = make(Math.min(offsets.length * 2, maximumStrings));
        larger.set(offsets);
        offsets = larger;
      }
      offsets[count++] = offset;
      return true;
    },
    isFull: () => count === maximumStrings,
    list: () => offsets.slice(0, count),
  };
}
