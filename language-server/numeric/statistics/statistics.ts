import type { ByteText } from '../../protocol/elf.ts';
import type { ArrayStatistics, AxisStatistics, Occurrence } from '../../protocol/numeric.ts';
import type { DType } from '../arrays/dtype.ts';
import { type NumericArray, withArray } from '../arrays/open-array.ts';
import { forEachPiece, numbersOf } from '../arrays/read-view.ts';
import { requireReal } from '../arrays/real-array.ts';
import { indexOf, sliceView, type View } from '../arrays/view.ts';
import { floatText } from '../floats/decimal.ts';
import { AxisSummaries, longestAxis } from './axis-summaries.ts';
import { combinedMoments, type Moments, momentsOf, noMoments, type Seen } from './moments.ts';

export interface StatisticsQuestion {
  readonly path: ByteText;
  readonly slice?: string;
}

/** As many bars as a plot of a hundred pixels or characters shows. */
const bins = 64;

/**
 * Two passes over an array: what its numbers are, and how they are spread between the smallest and the largest.
 * @param onProgress Numbers done, of all of both passes.
 * Throws UserError notFound, unreadable, notRegularFile, notSupported, invalidParams; rejects when cancelled.
 */
export function statisticsOf(
  { path, slice }: StatisticsQuestion,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<ArrayStatistics> {
  return withArray(path, signal, async array => {
    requireReal(array);
    const view = slice === undefined ? array.view : sliceView(array.view, slice);
    const numbers = numbersOf(array, view);
    const smallest = smallestNormal(array.dtype);
    const axes = new AxisSummaries(view.shape);
    let moments = noMoments;
    await forEachPiece(
      numbers,
      signal,
      (values, start) => {
        moments = combinedMoments(moments, momentsOf(values, start, smallest));
        axes.add(values, start);
      },
      done => onProgress(done, 2 * numbers.count),
    );
    const histogram = new Histogram(moments);
    await forEachPiece(
      numbers,
      signal,
      values => histogram.add(values),
      done => onProgress(numbers.count + done, 2 * numbers.count),
    );
    return statistics(array, view, numbers.count, moments, histogram.counts, axes);
  });
}

/** Equal steps from the smallest finite number to the largest, which is in the last one, as numpy.histogram has it. */
class Histogram {
  readonly counts: Float64Array;
  readonly #minimum: number;
  readonly #scale: number;

  constructor({ minimum, maximum, finite }: Moments) {
    this.counts = new Float64Array(finite === 0 ? 0 : bins);
    this.#minimum = minimum;
    // Halves first: the difference of two large numbers can be out of range.
    const width = maximum / 2 - minimum / 2;
    this.#scale = width > 0 ? bins / 2 / width : 0;
  }

  add(values: ArrayLike<number>): void {
    const { counts } = this;
    if (counts.length === 0) return;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] as number;
      if (value - value !== 0) continue;
      const bin = Math.min(bins - 1, Math.floor((value - this.#minimum) * this.#scale));
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
}

function statistics(
  array: NumericArray,
  view: View,
  count: number,
  moments: Moments,
  histogram: Float64Array,
  axes: AxisSummaries,
): ArrayStatistics {
  const { path, member, dtype, findings } = array;
  const { finite, minimum, maximum, mean, squares } = moments;
  const has = finite > 0;
  const text = (value: number): string => floatText(value, 'float64');
  const occurrence = ({ count: seen, first }: Seen): Occurrence => ({
    count: seen,
    first: first < 0 ? null : indexOf(view.shape, first),
  });
  return {
    path,
    member,
    dtype: dtype.name,
    shape: view.shape,
    count,
    finite,
    minimum: has ? text(minimum) : null,
    maximum: has ? text(maximum) : null,
    mean: has ? text(mean) : null,
    variance: has ? text(squares / finite) : null,
    standardDeviation: has ? text(Math.sqrt(squares / finite)) : null,
    nan: occurrence(moments.nan),
    positiveInfinity: occurrence(moments.positiveInfinity),
    negativeInfinity: occurrence(moments.negativeInfinity),
    subnormal: occurrence(moments.subnormal),
    negativeZero: occurrence(moments.negativeZero),
    zero: occurrence(moments.zero),
    histogram: { from: has ? text(minimum) : null, to: has ? text(maximum) : null, counts: [...histogram] },
    axes: axes.all().map(
      ({ axis, ...summary }): AxisStatistics => ({
        axis,
        minimum: [...summary.minimum].map(text),
        maximum: [...summary.maximum].map(text),
        mean: [...summary.mean].map(text),
        finite: [...summary.finite],
      }),
    ),
    notes: view.shape.flatMap((size, axis) =>
      view.shape.length > 1 && size > longestAxis
        ? [`Axis ${axis} has ${size} indices, which are not listed one by one.`]
        : [],
    ),
    findings,
  };
}

/** 0 where the format has no subnormal numbers. */
function smallestNormal({ kind, itemBytes }: DType): number {
  if (kind === 'bfloat') return 2 ** -126;
  if (kind !== 'float') return 0;
  if (itemBytes === 2) return 2 ** -14;
  return itemBytes === 4 ? 2 ** -126 : 2 ** -1022;
}
