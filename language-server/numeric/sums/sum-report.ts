import type { ByteText } from '../../protocol/elf.ts';
import type { SumAccumulator, SumAlgorithm, SumReport, SumResult } from '../../protocol/numeric.ts';
import { type NumericArray, withArray } from '../arrays/open-array.ts';
import { pythonCommand } from '../arrays/python-command.ts';
import { type Numbers, numbersOf } from '../arrays/read-view.ts';
import { requireReal } from '../arrays/real-array.ts';
import { isContiguous, sizeOf, sliceView, type View } from '../arrays/view.ts';
import { floatText } from '../floats/decimal.ts';
import { ulp } from '../floats/ulp.ts';
import type { ExactSum } from './exact-sum.ts';
import {
  bufferNumbers,
  type ExactlySummed,
  exactSum,
  pairwiseSum,
  sumAlgorithms,
  type TimedSum,
} from './sum-numbers.ts';

export interface SumQuestion {
  /** An .npy file, or a member of an .npz file: `a.npz[name]`. */
  readonly path: ByteText;
  /** As between NumPy's brackets; absent: all. */
  readonly slice?: string;
  /** Absent: that of the array, and wider ones. */
  readonly accumulators?: readonly SumAccumulator[];
  /** Absent: all. */
  readonly algorithms?: readonly SumAlgorithm[];
}

const algorithmOrder: readonly SumAlgorithm[] = [
  'naive',
  'pairwise',
  'pairwiseBuffered',
  'kahan',
  'neumaier',
  'klein',
  'pairwiseKahan',
  'exact',
];

/**
 * Adds an array in each way, and says how far each is from the exact sum.
 * Throws UserError notFound, unreadable, notRegularFile, notSupported, invalidParams.
 */
export function sumReport(question: SumQuestion, signal: AbortSignal): Promise<SumReport> {
  return withArray(question.path, signal, array => reportOf(array, question, signal));
}

async function reportOf(array: NumericArray, question: SumQuestion, signal: AbortSignal): Promise<SumReport> {
  requireReal(array);
  const view = question.slice === undefined ? array.view : sliceView(array.view, question.slice);
  const numbers = numbersOf(array, view);
  const exactly = await exactSum(numbers, signal);
  const exact = exactly.sum.value();
  const results = await resultsOf(numbers, exactly, accumulatorOf(array), question, signal);
  const { path, member, findings } = array;
  return {
    path,
    dtype: array.dtype.name,
    shape: view.shape,
    count: numbers.count,
    condition: exact === 0 || !Number.isFinite(exact) ? null : exactly.sizes / Math.abs(exact),
    exact: floatText(exact, 'float64'),
    results,
    notes: notesOf(array, view),
    findings,
    evidence: { rule: 'math.fsum', command: pythonCommand({ path, member, slice: question.slice }, fsum) },
  };
}

async function resultsOf(
  numbers: Numbers,
  { sum, milliseconds }: ExactlySummed,
  own: SumAccumulator,
  { accumulators = widerThan(own), algorithms = algorithmOrder }: SumQuestion,
  signal: AbortSignal,
): Promise<readonly SumResult[]> {
  const exact = sum.value();
  const results: SumResult[] = [];
  for (const algorithm of algorithmOrder.filter(name => algorithms.includes(name))) {
    if (algorithm === 'exact') {
      // To binary64 only: rounded once more, it would not be the nearest number any more.
      results.push(resultOf(algorithm, 'float64', { value: exact, milliseconds }, sum, exact));
      continue;
    }
    for (const accumulator of accumulators) {
      // NumPy of every version casts what is of another type than the accumulator in buffers, and adds up their sums.
      const timed =
        algorithm === 'pairwise' && accumulator !== own
          ? await pairwiseSum(numbers, accumulator, bufferNumbers, signal)
          : await sumAlgorithms[algorithm](numbers, accumulator, signal);
      results.push(resultOf(algorithm, accumulator, timed, sum, exact));
    }
  }
  return results;
}

function accumulatorOf({ dtype }: NumericArray): SumAccumulator {
  if (dtype.kind !== 'float') return 'float64';
  if (dtype.itemBytes === 2) return 'float16';
  return dtype.itemBytes === 4 ? 'float32' : 'float64';
}

/** Which needs no certain version of NumPy. */
const fsum = 'import math; print(math.fsum({array}.ravel()))';

const byWidth: readonly SumAccumulator[] = ['float16', 'float32', 'float64'];

function widerThan(own: SumAccumulator): readonly SumAccumulator[] {
  return byWidth.slice(byWidth.indexOf(own));
}

function resultOf(
  algorithm: SumAlgorithm,
  accumulator: SumAccumulator,
  { value, milliseconds }: TimedSum,
  sum: ExactSum,
  exact: number,
): SumResult {
  const error = Math.abs(sum.errorOf(value));
  const isComparable = Number.isFinite(error);
  const relative = exact === 0 ? null : error / Math.abs(exact);
  return {
    algorithm,
    accumulator,
    value: floatText(value, accumulator),
    errorUlp: isComparable ? error / ulp(exact, accumulator) : null,
    relativeError: !isComparable ? null : error === 0 ? 0 : relative,
    milliseconds,
  };
}

/** What NumPy's sum does here, as numpy.sum's own notes have it. */
function notesOf(array: NumericArray, view: View): readonly string[] {
  const { dtype } = array;
  if (dtype.kind === 'int' || dtype.kind === 'uint' || dtype.kind === 'bool')
    return [
      `np.sum adds ${dtype.name} as ${dtype.kind === 'uint' ? 'uint64' : 'int64'}: exactly, as long as that does not overflow.`,
    ];
  const notes: string[] = [];
  if (isContiguous(view) || view.shape.length === 1)
    notes.push(
      `np.sum adds this in pairs (blocks of 128 in eight accumulators): its error grows with the logarithm of the count. Before NumPy 2.3 it does so within buffers of ${bufferNumbers}, and adds those one after the other (pairwiseBuffered).`,
    );
  notes.push(...view.shape.flatMap((size, axis) => axisNote(view, axis, size)));
  if (dtype.kind === 'float' && dtype.itemBytes === 2)
    notes.push('np.sum of float16 adds in float32 and rounds in the end; what is larger than 65504 becomes inf.');
  return notes;
}

/**
 * NumPy's loop runs along the axis whose elements stand next to each other. Where another axis is summed, each partial sum has its
 * own place, and a whole row is added to them at a time: one after the other.
 */
function axisNote({ shape, strides }: View, axis: number, size: number): readonly string[] {
  if (shape.length < 2 || size < 128 || sizeOf({ shape }) === size) return [];
  const inner = strides.reduce(
    (best, stride, at) => {
      const isSmaller = Math.abs(stride) < Math.abs(strides[best] ?? Number.POSITIVE_INFINITY);
      return (shape[at] ?? 1) > 1 && isSmaller ? at : best;
    },
    shape.findIndex(length => length > 1),
  );
  if (axis === inner) return [];
  return [
    `np.sum(axis=${axis}) adds ${size} numbers one after the other here, not in pairs, since they do not stand next to each other: the error grows with ${size}. np.sum(axis=${axis}, dtype=np.float64) or a copy with that axis last (np.ascontiguousarray(np.moveaxis(a, ${axis}, -1)).sum(-1)) does better.`,
  ];
}
