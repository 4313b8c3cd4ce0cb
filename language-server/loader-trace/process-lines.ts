import { closeSync, openSync, readSync } from 'node:fs';
import { createPause } from '../dependencies/pause.ts';
import type { TracedProcess } from '../protocol/trace.ts';
import { type LogEvent, parseLogLine } from './log-line.ts';
import { type TaggedLine, taggedLines } from './log-lines.ts';
import { createProgramImages } from './program-images.ts';
import { type ImagePlace, logFiles } from './trace-files.ts';

/** A line of one process, read back from disk. */
export interface ProcessLine extends TaggedLine {
  readonly event: LogEvent;
  readonly path: string;
  /** Where the line begins in its file. */
  readonly offset: number;
}

const chunkBytes = 1 << 20;

/** The kept lines of one file in pieces that end with a line, from an offset at which a line begins. */
export function* readLines(path: string, from = 0): Generator<readonly (TaggedLine & { readonly offset: number })[]> {
  const fd = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let pending = Buffer.alloc(0);
    let offset = from;
    for (;;) {
      const count = readSync(fd, buffer, 0, chunkBytes, offset + pending.length);
      // What a cut left of a line is not shown as one.
      if (count === 0) return;
      const all = Buffer.concat([pending, buffer.subarray(0, count)]);
      const end = all.lastIndexOf(10) + 1;
      yield taggedLines(all.subarray(0, end)).map(line => ({ ...line, offset: offset + line.at }));
      pending = Buffer.from(all.subarray(end));
      offset += end;
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * All kept lines of one process, in pieces, in their order. The images of a file are told apart again by the same rules as
 * when they were recorded; which of them it is, its number among those of its process id in its file says.
 */
export async function* linesOfProcess(
  folder: string,
  { pid }: TracedProcess,
  place: ImagePlace,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ProcessLine[]> {
  const pause = createPause(signal);
  const file = logFiles(folder).find(({ fileId }) => fileId === place.fileId);
  if (file === undefined) return;
  const images = createProgramImages();
  const ordinals = new Map<number, number>();
  let count = 0;
  for (const lines of readLines(file.path)) {
    await pause();
    const own: ProcessLine[] = [];
    for (const line of lines) {
      const event = parseLogLine(line.text);
      const image = images.of(place.fileId, line.pid, event);
      if (image.pid !== pid) continue;
      if (!ordinals.has(image.id)) ordinals.set(image.id, count++);
      if (ordinals.get(image.id) === place.ordinal) own.push({ ...line, event, path: file.path });
    }
    yield own;
  }
}
