import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArmedRunOptions, runArmed } from './armed-run.ts';

/** Of later allocations no stacks are kept: 32 MiB. */
const mostStacks = 1 << 22;
const chunkBytes = 1 << 20;

/** What one more clean run tells of each allocation, in their order. */
export interface RecordedStacks {
  /** A number for its call stack; 0n where it is not known. */
  readonly stacks: BigUint64Array<ArrayBuffer>;
  /** When it was asked for, in nanoseconds of a clock that only goes on; 0n where it is not known. */
  readonly times: BigUint64Array<ArrayBuffer>;
}

/** Null where they could not be recorded: the run took too long, or there is no room on the disk. Errors: untrusted, toolFailed. */
export async function recordStacks(
  options: Omit<ArmedRunOptions, 'stacks' | 'times'>,
  allocations: number,
): Promise<RecordedStacks | null> {
  const count = Math.min(allocations, mostStacks);
  return await withNumbers(join(options.scratch.path, 'stacks'), count, (stacks, readStacks) =>
    withNumbers(join(options.scratch.path, 'times'), count, async (times, readTimes) => {
      const run = await runArmed({ ...options, stacks, times });
      if (run === null || run.timedOut) return null;
      return { stacks: await readStacks(), times: await readTimes() };
    }),
  );
}

/** A file with room for so many numbers while `use` works with it; null where it cannot be made. */
async function withNumbers<T>(
  path: string,
  count: number,
  use: (path: string, read: () => Promise<BigUint64Array<ArrayBuffer>>) => Promise<T | null>,
): Promise<T | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx+', 0o600);
  } catch {
    return null;
  }
  try {
    const numbers = new BigUint64Array(count);
    if (!(await fill(file, numbers.byteLength))) return null;
    return await use(path, async () => {
      await file.read(new Uint8Array(numbers.buffer), 0, numbers.byteLength, 0);
      return numbers;
    });
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Every byte of it is there from the start: a full disk must not be a SIGBUS in the program. */
async function fill(file: FileHandle, bytes: number): Promise<boolean> {
  const zeros = Buffer.alloc(Math.min(bytes, chunkBytes));
  try {
    for (let at = 0; at < bytes; at += zeros.length) {
      await file.writeFile(zeros.subarray(0, Math.min(zeros.length, bytes - at)));
    }
    return true;
  } catch {
    return false;
  }
}

/** The numbers of the allocations that are the first with their stack, in order. */
export function firstOfEachStack(stacks: BigUint64Array): readonly number[] {
  const seen = new Set<bigint>([0n]);
  const firsts: number[] = [];
  for (const [n, stack] of stacks.entries()) {
    if (seen.has(stack)) continue;
    seen.add(stack);
    firsts.push(n);
  }
  return firsts;
}
