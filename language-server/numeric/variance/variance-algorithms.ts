import type { VarianceAlgorithm } from '../../protocol/numeric.ts';
import { forEachPiece, type Numbers } from '../arrays/read-view.ts';

/** How a variance is computed: the sum of squared deviations, in the arithmetic of its accumulator. */
export type SquaredDeviations = (
  numbers: Numbers,
  round: (value: number) => number,
  signal: AbortSignal,
) => Promise<number>;

/** A new way is a line here, and a name in the protocol. */
export const varianceAlgorithms: Readonly<Record<Exclude<VarianceAlgorithm, 'exact'>, SquaredDeviations>> = {
  textbook,
  twoPass: (numbers, round, signal) => twoPass(numbers, round, signal, false),
  correctedTwoPass: (numbers, round, signal) => twoPass(numbers, round, signal, true),
  welford,
  pairwise: chan,
};

/** n(E[x²] − E[x]²): two large numbers of which the difference is taken. Negative where that is nothing but error. */
async function textbook(numbers: Numbers, round: (value: number) => number, signal: AbortSignal): Promise<number> {
  let [sum, squares] = [0, 0];
  await forEachPiece(numbers, signal, values => {
    for (let index = 0; index < values.length; index += 1) {
      const value = round(values[index] ?? 0);
      sum = round(sum + value);
      squares = round(squares + round(value * value));
    }
  });
  const mean = round(sum / numbers.count);
  return round(round(round(squares / numbers.count) - round(mean * mean)) * numbers.count);
}

/**
 * Deviations from a mean that was computed before. Corrected: less what the mean's own error puts into them, the square of their
 * sum over n (Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance", eq. 1.7).
 */
async function twoPass(
  numbers: Numbers,
  round: (value: number) => number,
  signal: AbortSignal,
  isCorrected: boolean,
): Promise<number> {
  let sum = 0;
  await forEachPiece(numbers, signal, values => {
    for (let index = 0; index < values.length; index += 1) sum = round(sum + round(values[index] ?? 0));
  });
  const mean = round(sum / numbers.count);
  let [squares, rest] = [0, 0];
  await forEachPiece(numbers, signal, values => {
    for (let index = 0; index < values.length; index += 1) {
      const deviation = round(round(values[index] ?? 0) - mean);
      squares = round(squares + round(deviation * deviation));
      rest = round(rest + deviation);
    }
  });
  return isCorrected ? round(squares - round(round(rest * rest) / numbers.count)) : squares;
}

/** Welford 1962, "Note on a method for calculating corrected sums of squares and products": one pass, the mean as it grows. */
async function welford(numbers: Numbers, round: (value: number) => number, signal: AbortSignal): Promise<number> {
  let [count, mean, squares] = [0, 0, 0];
  await forEachPiece(numbers, signal, values => {
    for (let index = 0; index < values.length; index += 1) {
      const value = round(values[index] ?? 0);
      count += 1;
      const deviation = round(value - mean);
      mean = round(mean + round(deviation / count));
      squares = round(squares + round(deviation * round(value - mean)));
    }
  });
  return squares;
}

interface Moments {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** As many numbers as are taken together before pairs are: short enough that their own error is small. */
const blockNumbers = 128;

/** Chan, Golub & LeVeque 1979: blocks by two passes, and their moments combined in pairs of equal size. */
async function chan(numbers: Numbers, round: (value: number) => number, signal: AbortSignal): Promise<number> {
  /** Moments of 1, 2, 4, … blocks that wait for their partner; undefined: none waits. */
  const waiting: (Moments | undefined)[] = [];
  await forEachPiece(numbers, signal, values => {
    for (let start = 0; start < values.length; start += blockNumbers) {
      let moments = blockMoments(values, start, Math.min(start + blockNumbers, values.length), round);
      let level = 0;
      for (let partner = waiting[level]; partner !== undefined; partner = waiting[level]) {
        moments = combined(partner, moments, round);
        waiting[level] = undefined;
        level += 1;
      }
      waiting[level] = moments;
    }
  });
  const all = waiting.filter(moments => moments !== undefined);
  return all.length === 0 ? 0 : all.reduce((right, left) => combined(left, right, round)).squares;
}

function blockMoments(
  values: ArrayLike<number>,
  start: number,
  end: number,
  round: (value: number) => number,
): Moments {
  let sum = 0;
  for (let index = start; index < end; index += 1) sum = round(sum + round(values[index] ?? 0));
  const mean = round(sum / (end - start));
  let squares = 0;
  for (let index = start; index < end; index += 1) {
    const deviation = round(round(values[index] ?? 0) - mean);
    squares = round(squares + round(deviation * deviation));
  }
  return { count: end - start, sum, squares };
}

function combined(left: Moments, right: Moments, round: (value: number) => number): Moments {
  const count = left.count + right.count;
  const difference = round(round(left.sum / left.count) - round(right.sum / right.count));
  const between = round(round(difference * difference) * round((left.count * right.count) / count));
  return {
    count,
    sum: round(left.sum + right.sum),
    squares: round(round(left.squares + right.squares) + between),
  };
}
