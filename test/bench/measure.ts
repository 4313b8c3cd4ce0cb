import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LanguageClient } from '../support/language-client.ts';

/** The server, which is built into the folder of this bundle. */
export const serverBundle = join(dirname(fileURLToPath(import.meta.url)), 'binary-detective.cjs');

/** One measurement with the running server; prints what it measured. */
export type Bench = (client: LanguageClient) => Promise<void>;

export function time(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

export async function timeAsync(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Times of two ways to the same answer, one after the other in each round, so that both meet the same machine. */
export async function paired(
  rounds: number,
  ours: (round: number) => Promise<unknown>,
  theirs: (round: number) => void,
): Promise<{ readonly ours: readonly number[]; readonly theirs: readonly number[] }> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.ours.push(await timeAsync(() => ours(round)));
    times.theirs.push(time(() => theirs(round)));
  }
  return times;
}

/**
 * A line: the median and the best in milliseconds, and how many times as long as `against` it took, pair by pair.
 * @param digits Of the ratio, behind the point.
 */
export function report(name: string, times: readonly number[], against?: readonly number[], digits = 1): void {
  const ratios = against?.map((own, index) => (times[index] ?? Number.NaN) / own);
  const ratio = ratios === undefined ? '' : `  ${median(ratios).toFixed(digits)}× (${spread(ratios, digits)})`;
  const best = `(best ${Math.min(...times).toFixed(2)})`;
  console.log(`  ${name.padEnd(28)} ${median(times).toFixed(2).padStart(9)} ms ${best.padEnd(16)}${ratio}`);
}

export function heading(text: string): void {
  console.log(`\n${text}`);
}

export function fact(text: string): void {
  console.log(`  ${text}`);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function spread(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}

/** Runs a program to its end; what it prints goes nowhere. */
export function run(command: string, args: readonly string[], input?: string): void {
  const stdin = input === undefined ? {} : { input };
  spawnSync(command, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'], ...stdin });
}

export function isInstalled(name: string): boolean {
  const found = spawnSync(name, ['--help'], { stdio: 'ignore' }).error === undefined;
  if (!found) fact(`(${name} is not installed)`);
  return found;
}

/** Everything that the server has read with read(2) and its like, in bytes (proc(5), `rchar`). */
export function bytesReadBy({ process: server }: LanguageClient): number {
  return Number(/^rchar: (\d+)$/mu.exec(readFileSync(`/proc/${server.pid}/io`, 'utf8'))?.[1]);
}

/** Resident memory of the server now, and at its peak, in MiB (proc(5), `VmRSS` and `VmHWM`). */
export function memoryOf({ process: server }: LanguageClient): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(status)?.[1]);
  return { now: kib('VmRSS') / 1024, peak: kib('VmHWM') / 1024 };
}

export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}
