import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArmedRunOptions, runArmed } from './armed-run.ts';

/** Of later allocations no stacks are kept: 32 MiB. */
const mostStacks = 1 << 22;
const chunkBytes = 1 << 20;

/**
 * A number for the call stack of each allocation, in their order, from one more clean run; 0n where it is not known. Null
 * where they could not be recorded: the run took too long, or there is no room on the disk.
 * Errors: untrusted, toolFailed.
 */
export async function recordStacks(
  options: Omit<ArmedRunOptions, 'stacks'>,
  allocations: number,
): Promise<BigUint64Array<ArrayBuffer> | null> {
  const path = join(options.scratch.path, 'stacks');
  const stacks = new BigUint64Array(Math.min(allocations, mostStacks));
  let file: FileHandle;
  try {
    file = await open(path, 'wx+', 0o600);
  } catch {
    return null;
  }
  try {
    if (!(await fill(file, stacks.byteLength))) return null;
    const run = await runArmed({ ...options, stacks: path });
    if (run === null || run.timedOut) return null;
    await file.read(new Uint8Array(stacks.buffer), 0, stacks.byteLength, 0);
    return stacks;
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
