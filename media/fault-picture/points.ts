import type { SweepPicture } from '../../language-server/protocol/fault-picture.ts';
import { verdictOrder } from '../../language-server/protocol/fault-picture.ts';

export type Axis = 'number' | 'time';

/** All runs with one verdict. */
export interface Lane {
  /** Index in `verdictOrder`. */
  readonly verdict: number;
  /** Places in the sweep's columns, in their order. */
  readonly rows: Uint32Array;
  /** Of each, where it stands on the axis; it only grows. */
  readonly xs: Float64Array;
}

/** Verdicts from this index on are bugs. */
const firstBug = verdictOrder.indexOf('silentError');

export function isBug(verdict: number): boolean {
  return verdict >= firstBug;
}

/** Where each run stands on the axis. */
export function positions({ n, timeUs }: SweepPicture, axis: Axis): Float64Array {
  if (axis === 'number' || timeUs === null) return Float64Array.from(n);
  // Threads may look at the clock in another order than at the count.
  let latest = 0;
  return Float64Array.from(timeUs, time => {
    latest = Math.max(latest, time);
    return latest;
  });
}

/** The runs by their verdicts, the most harm first; verdicts that no run has are left out. */
export function lanesOf({ verdict }: SweepPicture, xs: Float64Array, onlyBugs: boolean): readonly Lane[] {
  const byVerdict = new Map<number, number[]>();
  for (const [row, value] of verdict.entries()) {
    if (onlyBugs && !isBug(value)) continue;
    const rows = byVerdict.get(value);
    if (rows === undefined) byVerdict.set(value, [row]);
    else rows.push(row);
  }
  return [...byVerdict]
    .sort(([a], [b]) => b - a)
    .map(([value, rows]) => ({
      verdict: value,
      rows: Uint32Array.from(rows),
      xs: Float64Array.from(rows, row => xs[row] ?? 0),
    }));
}

/** First place in a growing list whose value is not below this one. */
export function lowerBound(values: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place in the list that is nearest to a value; -1: the list is empty. */
export function nearest(values: Float64Array, value: number): number {
  const after = lowerBound(values, value);
  if (values.length === 0) return -1;
  if (after === 0) return 0;
  if (after === values.length) return after - 1;
  return (values[after] ?? 0) - value < value - (values[after - 1] ?? 0) ? after : after - 1;
}

/** What of a lane is drawn: each run by itself where there is room, else how many there are in each strip of `cell` pixels. */
export type LaneDrawing =
  | { readonly kind: 'points'; readonly first: number; readonly last: number }
  | { readonly kind: 'density'; readonly counts: Uint32Array; readonly most: number };

/**
 * @param scale Pixels for a unit of the axis.
 * @param widthPx What is seen, from `from` on.
 */
export function drawingOf(
  { xs }: Lane,
  { from, scale, widthPx, cellPx }: { from: number; scale: number; widthPx: number; cellPx: number },
): LaneDrawing {
  const first = lowerBound(xs, from);
  // What stands on the right edge is seen, however the division was rounded.
  const to = from + (widthPx / scale) * (1 + 1e-12);
  let last = lowerBound(xs, to);
  while (last < xs.length && (xs[last] ?? 0) <= to) last += 1;
  // Two in each cell on an average would hide each other.
  if (last - first <= widthPx / cellPx / 2) return { kind: 'points', first, last };
  const counts = new Uint32Array(Math.ceil(widthPx / cellPx) + 1);
  let most = 0;
  for (let at = first; at < last; at += 1) {
    const cell = Math.floor((((xs[at] ?? 0) - from) * scale) / cellPx);
    const count = (counts[cell] ?? 0) + 1;
    counts[cell] = count;
    if (count > most) most = count;
  }
  return { kind: 'density', counts, most };
}
