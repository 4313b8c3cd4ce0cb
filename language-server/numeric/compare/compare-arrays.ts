import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { ArrayComparison, ArrayDifference, CompareTolerances } from '../../protocol/numeric.ts';
import { arrayPlace } from '../arrays/array-place.ts';
import type { DType } from '../arrays/dtype.ts';
import { type NumericArray, withArray } from '../arrays/open-array.ts';
import { type Numbers, numbersOf, pieceNumbers } from '../arrays/read-view.ts';
import { requireReal } from '../arrays/real-array.ts';
import { indexOf, sliceView, type View } from '../arrays/view.ts';
import { type FloatFormat, floatText } from '../floats/decimal.ts';
import { ulpDistance } from '../floats/ulp-distance.ts';

export interface CompareQuestion {
  readonly left: ByteText;
  readonly right: ByteText;
  /** Of both. */
  readonly slice?: string;
  readonly tolerances: CompareTolerances;
}

/**
 * Two arrays of one shape, element by element: `numpy.allclose`, and where they differ first and most.
 * Throws UserError notFound, unreadable, notRegularFile, notSupported, invalidParams; rejects when cancelled.
 */
export function compareArrays(question: CompareQuestion, signal: AbortSignal): Promise<ArrayComparison> {
  return withArray(question.left, signal, left =>
    withArray(question.right, signal, right => compared(left, right, question, signal)),
  );
}

async function compared(
  left: NumericArray,
  right: NumericArray,
  { slice, tolerances }: CompareQuestion,
  signal: AbortSignal,
): Promise<ArrayComparison> {
  requireReal(left);
  requireReal(right);
  const [leftView, rightView] = [left, right].map(({ view }) =>
    slice === undefined ? view : sliceView(view, slice),
  ) as [View, View];
  if (leftView.shape.join() !== rightView.shape.join())
    throw new UserError(
      'invalidParams',
      `${nameOf(left)} has the shape (${leftView.shape.join(', ')}), and ${nameOf(right)} (${rightView.shape.join(', ')}). NumPy might broadcast them; here they are compared element by element.`,
    );
  const comparison = new Comparison(tolerances, countedFormat(left.dtype, right.dtype));
  await forEachPair(numbersOf(left, leftView), numbersOf(right, rightView), signal, comparison);
  const { shape } = leftView;
  const shown = (found: Found | null): ArrayDifference | null => found && differenceOf(found, shape, comparison.format);
  return {
    left: { path: left.path, member: left.member, dtype: left.dtype.name },
    right: { path: right.path, member: right.member, dtype: right.dtype.name },
    shape,
    count: comparison.count,
    tolerances,
    different: comparison.different,
    outside: comparison.outside,
    allClose: comparison.outside === 0 && left.findings.length + right.findings.length === 0,
    first: shown(comparison.first),
    largest: shown(comparison.largest),
    farthest: shown(comparison.farthest),
    findings: [...left.findings, ...right.findings],
  };
}

function nameOf({ path, member }: NumericArray): string {
  return displayText(arrayPlace(path, member));
}

async function forEachPair(left: Numbers, right: Numbers, signal: AbortSignal, comparison: Comparison): Promise<void> {
  const count = Math.min(left.count, right.count);
  for (let start = 0; start < count; start += pieceNumbers) {
    signal.throwIfAborted();
    const [a, b] = await Promise.all([left.read(start, pieceNumbers), right.read(start, pieceNumbers)]);
    for (let index = 0; index < Math.min(a.length, b.length); index += 1)
      comparison.add(start + index, a[index] as number, b[index] as number);
  }
}

interface Found {
  readonly place: number;
  readonly left: number;
  readonly right: number;
}

class Comparison {
  count = 0;
  different = 0;
  outside = 0;
  first: Found | null = null;
  largest: Found | null = null;
  farthest: Found | null = null;
  readonly format: FloatFormat | null;
  readonly #tolerances: CompareTolerances;
  #largest = -1;
  #farthest = -1;

  constructor(tolerances: CompareTolerances, format: FloatFormat | null) {
    this.#tolerances = tolerances;
    this.format = format;
  }

  add(place: number, left: number, right: number): void {
    this.count += 1;
    if (left === right) return;
    const { rtol, atol, equalNan } = this.#tolerances;
    if (equalNan && Number.isNaN(left) && Number.isNaN(right)) return;
    this.different += 1;
    const difference = Math.abs(left - right);
    // False for NaN; infinities of one sign are equal and were so above, others are not close to anything.
    const isClose = Number.isFinite(right) && difference <= atol + rtol * Math.abs(right);
    if (!isClose) {
      this.outside += 1;
      this.first ??= { place, left, right };
    }
    const size = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    if (size > this.#largest) {
      this.#largest = size;
      this.largest = { place, left, right };
    }
    const ulps = this.format === null ? Number.NaN : ulpDistance(left, right, this.format);
    if (ulps > this.#farthest) {
      this.#farthest = ulps;
      this.farthest = { place, left, right };
    }
  }
}

function differenceOf(
  { place, left, right }: Found,
  shape: readonly number[],
  format: FloatFormat | null,
): ArrayDifference {
  const absolute = Math.abs(left - right);
  const ulps = format === null ? Number.NaN : ulpDistance(left, right, format);
  return {
    index: indexOf(shape, place),
    left: floatText(left, 'float64'),
    right: floatText(right, 'float64'),
    absolute: floatText(absolute, 'float64'),
    relative: floatText(absolute / Math.abs(right), 'float64'),
    ulps: Number.isNaN(ulps) ? null : ulps,
  };
}

/** The narrower format of the two, in which their difference is to be judged; null: one of them is of whole numbers. */
function countedFormat(left: DType, right: DType): FloatFormat | null {
  const [a, b] = [formatOf(left), formatOf(right)];
  if (a === null || b === null) return null;
  // A binary16 is no bfloat16, nor the other way about: both are binary32 numbers.
  if (a !== b && [a, b].includes('float16') && [a, b].includes('bfloat16')) return 'float32';
  return byWidth.find(format => format === a || format === b) ?? null;
}

const byWidth: readonly FloatFormat[] = ['bfloat16', 'float16', 'float32', 'float64'];

function formatOf({ kind, itemBytes }: DType): FloatFormat | null {
  if (kind === 'bfloat') return 'bfloat16';
  if (kind !== 'float') return null;
  if (itemBytes === 2) return 'float16';
  return itemBytes === 4 ? 'float32' : 'float64';
}
