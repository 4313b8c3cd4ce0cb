import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { VarianceAlgorithm, VarianceReport, VarianceResult } from '../../protocol/numeric.ts';
import { type NumericArray, withArray } from '../arrays/open-array.ts';
import { pythonCommand } from '../arrays/python-command.ts';
import { numbersOf } from '../arrays/read-view.ts';
import { requireReal } from '../arrays/real-array.ts';
import { sliceView } from '../arrays/view.ts';
import { floatText } from '../floats/decimal.ts';
import { ulp } from '../floats/ulp.ts';
import { roundTo } from '../sums/compensated.ts';
import { differenceFrom, dividedBy, exactMoments, type Rational, rationalToNumber } from './exact-variance.ts';
import { varianceAlgorithms } from './variance-algorithms.ts';

export interface VarianceQuestion {
  readonly path: ByteText;
  readonly slice?: string;
  /** Default 0, as NumPy's. */
  readonly ddof?: number;
}

const order = Object.keys(varianceAlgorithms) as readonly Exclude<VarianceAlgorithm, 'exact'>[];

/**
 * Computes the variance of an array in each way, and says which of them the numbers break, and why.
 * Throws UserError notFound, unreadable, notRegularFile, notSupported, invalidParams.
 */
export function varianceReport(question: VarianceQuestion, signal: AbortSignal): Promise<VarianceReport> {
  return withArray(question.path, signal, array => reportOf(array, question, signal));
}

async function reportOf(
  array: NumericArray,
  { slice, ddof = 0 }: VarianceQuestion,
  signal: AbortSignal,
): Promise<VarianceReport> {
  requireReal(array);
  const view = slice === undefined ? array.view : sliceView(array.view, slice);
  const numbers = numbersOf(array, view);
  if (numbers.count - ddof <= 0)
    throw new UserError(
      'invalidParams',
      `The variance of ${numbers.count} numbers with ddof ${ddof} divides by ${numbers.count - ddof}.`,
    );
  const moments = await exactMoments(numbers, signal);
  const variance = moments === null ? null : dividedBy(moments.squares, moments.count - ddof);
  const exact = variance === null ? Number.NaN : rationalToNumber(variance);
  const mean = moments === null ? Number.NaN : rationalToNumber(moments.mean);
  const results: VarianceResult[] = [];
  for (const accumulator of accumulatorsOf(array)) {
    for (const algorithm of order) {
      const round = roundTo[accumulator];
      const squares = await varianceAlgorithms[algorithm](numbers, round, signal);
      results.push(resultOf(algorithm, accumulator, round(squares / (numbers.count - ddof)), variance, exact, mean));
    }
  }
  results.push(resultOf('exact', 'float64', exact, variance, exact, mean));
  const { dtype, member, findings } = array;
  return {
    path: array.path,
    dtype: dtype.name,
    shape: view.shape,
    count: numbers.count,
    ddof,
    mean: floatText(mean, 'float64'),
    exact: floatText(exact, 'float64'),
    condition: exact > 0 ? (mean * mean) / exact : null,
    results,
    findings,
    evidence: {
      rule: 'Σ(x − mean)² / (n − ddof), in fractions',
      command: pythonCommand({ path: array.path, member, slice }, fractions(ddof)),
    },
  };
}

function accumulatorsOf({ dtype }: NumericArray): readonly ('float32' | 'float64')[] {
  const isNarrow = dtype.kind === 'bfloat' || (dtype.kind === 'float' && dtype.itemBytes <= 4);
  return isNarrow ? ['float32', 'float64'] : ['float64'];
}

function resultOf(
  algorithm: VarianceAlgorithm,
  accumulator: 'float32' | 'float64',
  value: number,
  variance: Rational | null,
  exact: number,
  mean: number,
): VarianceResult {
  const error = variance === null || !Number.isFinite(value) ? null : Math.abs(differenceFrom(value, variance));
  const relativeError = error === null ? null : error === 0 ? 0 : exact === 0 ? null : error / exact;
  return {
    algorithm,
    accumulator,
    value: floatText(value, accumulator),
    errorUlp: error === null ? null : error / ulp(exact, accumulator),
    relativeError,
    broken: brokenText(algorithm, accumulator, value, exact, mean, relativeError),
  };
}

/** Half of the digits lost: what is left is not to be relied on. */
const lostDigits = { float32: 2 ** -12, float64: 2 ** -26 } as const;

function brokenText(
  algorithm: VarianceAlgorithm,
  accumulator: 'float32' | 'float64',
  value: number,
  exact: number,
  mean: number,
  relativeError: number | null,
): string | null {
  if (Number.isNaN(exact)) return 'the numbers hold NaN or infinity';
  if (value < 0)
    return 'it is negative: the difference of two large numbers, of which nothing but rounding errors is left';
  if (!Number.isFinite(value)) return `a sum is larger than ${accumulator} can be`;
  if (relativeError === null ? value === 0 : relativeError < lostDigits[accumulator]) return null;
  const ratio = Math.abs(mean) / Math.sqrt(exact);
  if (algorithm === 'textbook')
    return `the mean is ${ratio.toPrecision(2)} times the deviation: E[x²] and E[x]² agree in their first digits, which cancel`;
  if (algorithm === 'twoPass')
    return 'the mean has an error of its own, whose square is in every deviation; the corrected form takes it out';
  return `${accumulator} has not enough digits for numbers this many or this far from zero`;
}

function fractions(ddof: number): string {
  return `from fractions import Fraction as F; a = [F(float(x)) for x in {array}.ravel()]; m = sum(a) / len(a); print(float(sum((x - m) ** 2 for x in a) / (len(a) - ${ddof})))`;
}
