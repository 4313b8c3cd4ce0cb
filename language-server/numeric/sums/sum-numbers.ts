import { performance } from 'node:perf_hooks';
import type { SumAlgorithm } from '../../protocol/numeric.ts';
import type { RealValues } from '../arrays/elements.ts';
import { forEachPiece, type Numbers, pieceNumbers } from '../arrays/read-view.ts';
import type { Accumulator } from '../floats/ulp.ts';
import { kahanSum, kleinSum, naiveSum, neumaierSum, type RunningSum, roundTo } from './compensated.ts';
import { ExactSum } from './exact-sum.ts';
import { firstHalf, isBlock, pairwiseOf, reduced } from './pairwise.ts';

export interface TimedSum {
  readonly value: number;
  readonly milliseconds: number;
}

/** How numbers are added. A new way is a line here, and a name in the protocol. */
type SumNumbers = (numbers: Numbers, accumulator: Accumulator, signal: AbortSignal) => Promise<TimedSum>;

export const sumAlgorithms: Readonly<Record<Exclude<SumAlgorithm, 'exact'>, SumNumbers>> = {
  naive: running(naiveSum),
  pairwise: (numbers, accumulator, signal) => pairwiseSum(numbers, accumulator, numbers.count, signal),
  pairwiseBuffered: (numbers, accumulator, signal) => pairwiseSum(numbers, accumulator, bufferNumbers, signal),
  kahan: running(kahanSum),
  neumaier: running(neumaierSum),
  klein: running(kleinSum),
  pairwiseKahan,
};

function running(create: (round: (value: number) => number) => RunningSum): SumNumbers {
  return async (numbers, accumulator, signal) => {
    const sum = create(roundTo[accumulator]);
    let milliseconds = 0;
    await forEachPiece(numbers, signal, values => {
      milliseconds += timed(() => sum.add(values)).milliseconds;
    });
    return { value: sum.value(), milliseconds };
  };
}

function timed<T>(work: () => T): { readonly value: T; readonly milliseconds: number } {
  const started = performance.now();
  const value = work();
  return { value, milliseconds: performance.now() - started };
}

/**
 * numpy.getbufsize(): so many numbers at a time are handed to NumPy's loop where they have to be cast first, and before NumPy 2.3
 * always (seen in 1.24, 1.26, 2.0 and 2.2; not in 2.3 and 2.4).
 */
export const bufferNumbers = 8192;

/** As `np.sum` of an array in one piece. @param atOnce After so many numbers the sum of them is added to the whole. */
export async function pairwiseSum(
  numbers: Numbers,
  accumulator: Accumulator,
  atOnce: number,
  signal: AbortSignal,
): Promise<TimedSum> {
  const round = roundTo[accumulator === 'float16' ? 'float32' : accumulator];
  let milliseconds = 0;
  let total = 0;
  /** Ranges are asked for from left to right, so that one piece serves many of them. */
  let piece: { readonly start: number; readonly values: RealValues } = { start: 0, values: new Float64Array(0) };
  const sumOf = async (start: number, count: number): Promise<number> => {
    if (count > pieceNumbers && !isBlock(count)) {
      const half = firstHalf(count);
      return round((await sumOf(start, half)) + (await sumOf(start + half, count - half)));
    }
    signal.throwIfAborted();
    if (start + count > piece.start + piece.values.length || start < piece.start)
      piece = { start, values: await numbers.read(start, pieceNumbers) };
    const sum = timed(() => pairwiseOf(piece.values, start - piece.start, count, accumulator));
    milliseconds += sum.milliseconds;
    return sum.value;
  };
  for (let start = 0; start < numbers.count; start += atOnce) {
    const part = await sumOf(start, Math.min(atOnce, numbers.count - start));
    // Binary16 is rounded after each buffer: it is what the loop writes back.
    total = accumulator === 'float16' ? reduced(total + part, 'float16') : round(total + part);
  }
  return { value: reduced(total, accumulator), milliseconds };
}

/** Blocks of 128 by Neumaier's sum, and the sums of blocks in pairs: next to no loss, and pairs can be added side by side. */
async function pairwiseKahan(numbers: Numbers, accumulator: Accumulator, signal: AbortSignal): Promise<TimedSum> {
  const round = roundTo[accumulator];
  const sums: number[] = [];
  let milliseconds = 0;
  await forEachPiece(numbers, signal, values => {
    milliseconds += timed(() => {
      for (let start = 0; start < values.length; start += 128) {
        const block = neumaierSum(round);
        block.add(values.subarray(start, start + 128));
        sums.push(block.value());
      }
    }).milliseconds;
  });
  const combined = timed(() => inPairs(sums, round));
  return { value: combined.value, milliseconds: milliseconds + combined.milliseconds };
}

function inPairs(sums: readonly number[], round: (value: number) => number): number {
  let level = sums;
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, index) =>
      round((level[2 * index] ?? 0) + (level[2 * index + 1] ?? 0)),
    );
  }
  return level[0] ?? 0;
}

export interface ExactlySummed {
  readonly sum: ExactSum;
  /** Sum of the sizes of the numbers, to a rounding error. */
  readonly sizes: number;
  readonly milliseconds: number;
}

/** The sum without an error, and that of the sizes. */
export async function exactSum(numbers: Numbers, signal: AbortSignal): Promise<ExactlySummed> {
  const sum = new ExactSum();
  const sizes = neumaierSum(roundTo.float64);
  let milliseconds = 0;
  await forEachPiece(numbers, signal, values => {
    milliseconds += timed(() => sum.addAll(values)).milliseconds;
    sizes.add(Float64Array.from(values, Math.abs));
  });
  return { sum, sizes: sizes.value(), milliseconds };
}
