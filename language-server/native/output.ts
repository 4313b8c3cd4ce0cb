import type { Readable } from 'node:stream';
import type { ByteText } from '../protocol/elf.ts';
import { decodeBytes } from './byte-text.ts';

/** What a stream gave, up to its cap. */
export interface CapturedOutput {
  bytes(): Uint8Array;
  truncated(): boolean;
}

export interface CaptureOptions {
  readonly capBytes: number;
  /** Called once, when the first byte is dropped. */
  readonly onCapped: () => void;
  readonly onLine?: ((line: ByteText) => void) | undefined;
  readonly longestLineBytes?: number | undefined;
}

/** A line longer than this is handed on in pieces, so that a stream without newlines does not fill the memory. */
const defaultLongestLineBytes = 1 << 20;

/** Reads a stream to its end, keeping the first `capBytes` and dropping the rest. */
export function captureOutput(stream: Readable, options: CaptureOptions): CapturedOutput {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let truncated = false;
  const lines =
    options.onLine === undefined
      ? undefined
      : splitLines(options.onLine, options.longestLineBytes ?? defaultLongestLineBytes);
  stream.on('data', (chunk: Buffer) => {
    lines?.push(chunk);
    const room = options.capBytes - keptBytes;
    if (room > 0) kept.push(chunk.subarray(0, room));
    keptBytes += Math.min(room, chunk.length);
    if (chunk.length > room && !truncated) {
      truncated = true;
      options.onCapped();
    }
  });
  stream.on('end', () => lines?.end());
  // A read that fails (the other end was torn down by a kill) ends the output; the exit status says the rest.
  stream.on('error', () => lines?.end());
  return { bytes: () => Buffer.concat(kept), truncated: () => truncated };
}

interface LineSplitter {
  push(chunk: Buffer): void;
  end(): void;
}

function splitLines(onLine: (line: ByteText) => void, longestLineBytes: number): LineSplitter {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const flush = (last: Buffer): void => {
    const line = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    pendingBytes = 0;
    onLine(decodeBytes(line));
  };
  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        flush(chunk.subarray(start, end));
        start = end + 1;
      }
      if (start === chunk.length) return;
      const rest = chunk.subarray(start);
      if (pendingBytes + rest.length >= longestLineBytes) return flush(rest);
      pending.push(rest);
      pendingBytes += rest.length;
    },
    end() {
      if (pending.length > 0) flush(Buffer.alloc(0));
    },
  };
}
