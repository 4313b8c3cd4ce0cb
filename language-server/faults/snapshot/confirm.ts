import { type FaultRun, isBugVerdict } from '../../protocol/faults.ts';
import { exactKey } from '../group-key.ts';
import type { JudgedRun } from '../groups.ts';
import { runPool } from '../pool.ts';

export interface Confirmation {
  /** Whether this run was a copy of another one. */
  readonly isCopy: (n: number) => boolean;
  /** The same by itself. Null where it was cancelled. */
  readonly alone: (n: number, signal: AbortSignal) => Promise<JudgedRun | null>;
  readonly width: number;
  readonly signal: AbortSignal;
}

/**
 * Tries the first run of each bug once more by itself. Where that ends otherwise, so are all others that looked like it.
 * @returns Those that came out otherwise, to be put in place of what they were.
 */
export async function confirmBugs(
  judged: readonly JudgedRun[],
  confirmation: Confirmation,
): Promise<readonly JudgedRun[]> {
  const { isCopy, alone, width, signal } = confirmation;
  const bugs = new Map<string, JudgedRun[]>();
  for (const one of judged) {
    if (!isBugVerdict(one.run.verdict) || !isCopy(one.run.n)) continue;
    const key = exactKey(one);
    bugs.set(key, [...(bugs.get(key) ?? []), one]);
  }
  const corrected: JudgedRun[] = [];
  await runPool([...bugs.values()], width, signal, async (members, stop) => {
    const sorted = members.toSorted((a, b) => a.run.n - b.run.n);
    for (const { run } of sorted) {
      const again = await alone(run.n, stop);
      if (again === null || isSame(again.run, run)) return;
      corrected.push(again);
    }
  });
  return corrected;
}

function isSame(a: FaultRun, b: FaultRun): boolean {
  return a.verdict === b.verdict && a.signal === b.signal;
}
