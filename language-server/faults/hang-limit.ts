import type { SkippedPoints } from '../protocol/faults.ts';

/** Keeps one place that hangs from eating the time of a whole sweep. */
export interface HangLimit {
  /** False where so many runs from the same call stack have hung that this one is left out; it is then remembered as skipped. */
  admits(n: number): boolean;
  hung(n: number): void;
  skipped(): readonly SkippedPoints[];
}

/**
 * @param most Hangs from one call stack; 0: no limit.
 * @param stackOf A number for the stack of the n-th allocation in the clean run; 0n: not known, which is never left out.
 */
export function createHangLimit(most: number, stackOf: (n: number) => bigint): HangLimit {
  const hangs = new Map<bigint, number[]>();
  const left = new Map<bigint, number[]>();
  return {
    admits(n) {
      const stack = stackOf(n);
      if (most === 0 || stack === 0n || (hangs.get(stack)?.length ?? 0) < most) return true;
      add(left, stack, n);
      return false;
    },
    hung: n => add(hangs, stackOf(n), n),
    skipped: () =>
      [...left].map(([stack, ns]) => {
        const sorted = ns.toSorted((a, b) => a - b);
        const seen = (hangs.get(stack) ?? []).toSorted((a, b) => a - b).join(', ');
        const runs = sorted.length === 1 ? '1 more allocation was' : `${sorted.length} more allocations were`;
        return {
          reason: 'hangs' as const,
          ns: sorted,
          message: `${runs} not run, from n = ${sorted[0]} on: the program hung at n = ${seen}, which the same call stack asked for.`,
        };
      }),
  };
}

function add(map: Map<bigint, number[]>, key: bigint, n: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [n]);
  else known.push(n);
}
