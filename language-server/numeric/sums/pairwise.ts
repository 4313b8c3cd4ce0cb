import { roundToHalf } from '../floats/half.ts';
import type { Accumulator } from '../floats/ulp.ts';

/**
 * NumPy's pairwise sum (numpy/core/src/umath/loops_utils.h.src, @TYPE@_pairwise_sum), bit for bit: up to 128 numbers in eight
 * accumulators, more in two halves, of which the first is a multiple of eight. As `np.add.reduce` adds it to the identity 0, the
 * sum of no numbers, and of negative zeros, is 0.
 */

const blockNumbers = 128;

/** Where NumPy splits a range that is longer than a block. */
export function firstHalf(count: number): number {
  const half = Math.floor(count / 2);
  return half - (half % 8);
}

export function isBlock(count: number): boolean {
  return count <= blockNumbers;
}

/** Of a range in memory, in the accumulator's arithmetic; of binary16, which NumPy adds up in binary32, not yet rounded. */
export function pairwiseOf(values: ArrayLike<number>, start: number, count: number, accumulator: Accumulator): number {
  return accumulator === 'float64' ? pairwise64(values, start, count) : pairwise32(values, start, count);
}

/** What NumPy has in the end: 0 plus the sum, in the type of the array. */
export function reduced(sum: number, accumulator: Accumulator): number {
  if (accumulator === 'float16') return roundToHalf(sum + 0);
  return sum + 0;
}

function pairwise64(a: ArrayLike<number>, start: number, count: number): number {
  if (count > blockNumbers) {
    const half = firstHalf(count);
    return pairwise64(a, start, half) + pairwise64(a, start + half, count - half);
  }
  if (count < 8) {
    // NumPy begins at -0.0, so that negative zeros alone stay negative.
    let sum = -0;
    for (let index = start; index < start + count; index += 1) sum += a[index] as number;
    return sum;
  }
  let r0 = a[start] as number;
  let r1 = a[start + 1] as number;
  let r2 = a[start + 2] as number;
  let r3 = a[start + 3] as number;
  let r4 = a[start + 4] as number;
  let r5 = a[start + 5] as number;
  let r6 = a[start + 6] as number;
  let r7 = a[start + 7] as number;
  const end = start + count;
  let index = start + 8;
  for (const last = end - (count % 8); index < last; index += 8) {
    r0 += a[index] as number;
    r1 += a[index + 1] as number;
    r2 += a[index + 2] as number;
    r3 += a[index + 3] as number;
    r4 += a[index + 4] as number;
    r5 += a[index + 5] as number;
    r6 += a[index + 6] as number;
    r7 += a[index + 7] as number;
  }
  let sum = r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7));
  for (; index < end; index += 1) sum += a[index] as number;
  return sum;
}

/** The same in binary32: each sum is rounded, which binary64 does without harm first (Figueroa 1995: 53 >= 2 * 24 + 2). */
function pairwise32(a: ArrayLike<number>, start: number, count: number): number {
  const f = Math.fround;
  if (count > blockNumbers) {
    const half = firstHalf(count);
    return f(pairwise32(a, start, half) + pairwise32(a, start + half, count - half));
  }
  if (count < 8) {
    let sum = -0;
    for (let index = start; index < start + count; index += 1) sum = f(sum + f(a[index] as number));
    return sum;
  }
  let r0 = f(a[start] as number);
  let r1 = f(a[start + 1] as number);
  let r2 = f(a[start + 2] as number);
  let r3 = f(a[start + 3] as number);
  let r4 = f(a[start + 4] as number);
  let r5 = f(a[start + 5] as number);
  let r6 = f(a[start + 6] as number);
  let r7 = f(a[start + 7] as number);
  const end = start + count;
  let index = start + 8;
  for (const last = end - (count % 8); index < last; index += 8) {
    r0 = f(r0 + f(a[index] as number));
    r1 = f(r1 + f(a[index + 1] as number));
    r2 = f(r2 + f(a[index + 2] as number));
    r3 = f(r3 + f(a[index + 3] as number));
    r4 = f(r4 + f(a[index + 4] as number));
    r5 = f(r5 + f(a[index + 5] as number));
    r6 = f(r6 + f(a[index + 6] as number));
    r7 = f(r7 + f(a[index + 7] as number));
  }
  let sum = f(f(f(r0 + r1) + f(r2 + r3)) + f(f(r4 + r5) + f(r6 + r7)));
  for (; index < end; index += 1) sum = f(sum + f(a[index] as number));
  return sum;
}
