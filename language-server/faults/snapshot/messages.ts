import type { ByteText } from '../../protocol/elf.ts';
import type { ObservedRun } from '../armed-run.ts';
import { type LeakReport, type LostBlocks, openFileName, placesOf } from '../leak-report.ts';
import { type Mapping, parseMaps } from '../memory-map.ts';
import { createRecordReader } from '../record.ts';
import { exitOf } from './wait-status.ts';

/** What the supervisor of a snapshot pass tells (shim/supervise.c). */
export type SnapshotMessage =
  /** A copy of the program that had this allocation fail came to its end. */
  | { readonly kind: 'ran'; readonly n: number; readonly run: ObservedRun }
  /** A copy of which there is no verdict, since it would have done something that is seen outside of it. */
  | { readonly kind: 'again'; readonly n: number; readonly reason: string }
  /** There are no copies from this allocation on. */
  | { readonly kind: 'refused'; readonly n: number; readonly reason: string }
  /** The program itself came to its end. */
  | { readonly kind: 'ended'; readonly run: ObservedRun };

/**
 * Reads messages line by line; each gives at most one.
 * @param deadlineMs What a copy was given, as the duration of one that passed it.
 */
export function createMessageReader(deadlineMs: number): (line: ByteText) => SnapshotMessage | undefined {
  const record = createRecordReader();
  /** What the program has printed so far, on standard output and on standard error. */
  const output = [createBytes(), createBytes()] as const;
  const parts = [createBytes(), createBytes()] as const;
  const lost = createLossReader();
  let maps: Buffer[] = [];

  const ran = ([, n = '', status = '', killed, microseconds, before0, before1, front = '']: readonly string[]) => {
    const timedOut = killed === '1';
    const before = [Number(before0), Number(before1)];
    const [stdout, stderr] = parts.map((part, stream) =>
      Buffer.concat([(output[stream] ?? part).first(before[stream] ?? 0), part.take()]),
    );
    const run: ObservedRun = {
      ...(timedOut ? { exitCode: null, signal: null } : exitOf(Number(status))),
      timedOut,
      durationMs: timedOut ? deadlineMs : Number(microseconds) / 1000,
      stdout: stdout ?? Buffer.alloc(0),
      stderr: stderr ?? Buffer.alloc(0),
      truncated: false,
      record: record.read(Buffer.from(front, 'hex')),
      leaks: lost.take(),
    };
    return { kind: 'ran' as const, n: Number(n), run };
  };

  return line => {
    const words = line.split(' ');
    const [kind, first = '', second = ''] = words;
    switch (kind) {
      case 'output':
        output[Number(first)]?.add(second);
        return undefined;
      case 'part':
        parts[Number(first)]?.add(second);
        return undefined;
      case 'maps':
      case 'more':
        maps = [...(kind === 'maps' ? [] : maps), Buffer.from(second, 'hex')];
        if (first === '2') lost.setMaps(Buffer.concat(maps));
        else record.setMaps(first === '0' ? 'injected' : 'crash', Buffer.concat(maps));
        return undefined;
      case 'lost':
      case 'leak':
      case 'file':
        lost.add(words);
        return undefined;
      case 'ran':
        return ran(words);
      case 'again':
      case 'refused':
        return { kind, n: Number(first), reason: words.slice(2).join(' ') };
      case 'ended':
        return {
          kind,
          run: {
            ...exitOf(Number(first)),
            ...{ timedOut: false, durationMs: 0, truncated: false },
            stdout: output[0].first(),
            stderr: output[1].first(),
            record: record.read(Buffer.from(second, 'hex')),
            leaks: null,
          },
        };
      default:
        return undefined;
    }
  };
}

interface LossReader {
  setMaps(lines: Uint8Array): void;
  add(words: readonly string[]): void;
  /** What was told since the last; null: nothing. */
  take(): LeakReport | null;
}

function createLossReader(): LossReader {
  let maps: readonly Mapping[] = [];
  let complete: boolean | undefined;
  let blocks: LostBlocks[] = [];
  let files: ByteText[] = [];
  return {
    setMaps(lines) {
      maps = parseMaps(lines);
    },
    add([kind, first = '', count = '', bytes = '', frames = '']) {
      if (kind === 'lost') complete = first === '1';
      else if (kind === 'file') files.push(openFileName(Buffer.from(first, 'hex')));
      else {
        const places = placesOf(Buffer.from(frames, 'hex'), maps);
        blocks.push({ stack: BigInt(first), count: Number(count), bytes: Number(bytes), places });
      }
    },
    take() {
      const report = complete === undefined ? null : { complete, blocks, files };
      complete = undefined;
      blocks = [];
      files = [];
      return report;
    },
  };
}

interface Bytes {
  add(hex: string): void;
  /** The first so many; absent: all. */
  first(count?: number): Buffer;
  /** All, and none are left. */
  take(): Buffer;
}

function createBytes(): Bytes {
  let chunks: Buffer[] = [];
  const joined = (): Buffer => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
    return chunks[0] ?? Buffer.alloc(0);
  };
  return {
    add: hex => {
      chunks.push(Buffer.from(hex, 'hex'));
    },
    first: count => joined().subarray(0, count),
    take() {
      const all = joined();
      chunks = [];
      return all;
    },
  };
}
