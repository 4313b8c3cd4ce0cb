import type { RealValues } from '../arrays/elements.ts';

/** What one pass over numbers tells; of places the first, in the order of the pass. */
export interface Moments {
  /** Numbers that are neither infinite nor NaN. */
  readonly finite: number;
  /** Of the finite numbers; Infinity and -Infinity where there is none. */
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Sum of the squared deviations of the finite numbers from their mean. */
  readonly squares: number;
  readonly nan: Seen;
  readonly positiveInfinity: Seen;
  readonly negativeInfinity: Seen;
  /** Smaller than every normal number of the format, and not zero. */
  readonly subnormal: Seen;
  readonly negativeZero: Seen;
  readonly zero: Seen;
}

export interface Seen {
  readonly count: number;
  /** -1: there is none. */
  readonly first: number;
}

const none: Seen = { count: 0, first: -1 };

export const noMoments: Moments = {
  finite: 0,
  minimum: Number.POSITIVE_INFINITY,
  maximum: Number.NEGATIVE_INFINITY,
  mean: 0,
  squares: 0,
  nan: none,
  positiveInfinity: none,
  negativeInfinity: none,
  subnormal: none,
  negativeZero: none,
  zero: none,
};

/**
 * Of one piece. @param start Place of its first number. @param smallestNormal of the format in which the numbers are stored; 0 where
 * there are no subnormal numbers.
 */
export function momentsOf(values: RealValues, start: number, smallestNormal: number): Moments {
  const { finite, minimum, maximum, shifted, squares, pivot, rare } = finitePass(values);
  const mean = finite === 0 ? 0 : pivot + shifted / finite;
  return {
    finite,
    minimum,
    maximum,
    mean,
    squares: finite === 0 ? 0 : Math.max(0, squares - (shifted * shifted) / finite),
    ...(rare || minimum * maximum <= 0 || Math.min(Math.abs(minimum), Math.abs(maximum)) < smallestNormal
      ? rareOf(values, start, smallestNormal)
      : rareNone),
  };
}

const rareNone = {
  nan: none,
  positiveInfinity: none,
  negativeInfinity: none,
  subnormal: none,
  negativeZero: none,
  zero: none,
};

/** The pass over all numbers, which has to be fast: deviations are taken from one of the numbers, so that little cancels. */
function finitePass(values: RealValues): {
  readonly finite: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly shifted: number;
  readonly squares: number;
  readonly pivot: number;
  readonly rare: boolean;
} {
  const pivot = pivotOf(values);
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let shifted = 0;
  let squares = 0;
  let skipped = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    const deviation = value - pivot;
    // True for NaN and infinity, of which nothing is left after this.
    if (value - value !== 0) {
      skipped += 1;
      continue;
    }
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    shifted += deviation;
    squares += deviation * deviation;
  }
  return { finite: values.length - skipped, minimum, maximum, shifted, squares, pivot, rare: skipped > 0 };
}

function pivotOf(values: RealValues): number {
  for (let index = 0; index < values.length; index += 1) if (Number.isFinite(values[index])) return values[index] ?? 0;
  return 0;
}

function rareOf(values: RealValues, start: number, smallestNormal: number): typeof rareNone {
  const counts = { nan: 0, positiveInfinity: 0, negativeInfinity: 0, subnormal: 0, negativeZero: 0, zero: 0 };
  const firsts = { nan: -1, positiveInfinity: -1, negativeInfinity: -1, subnormal: -1, negativeZero: -1, zero: -1 };
  for (let index = 0; index < values.length; index += 1) {
    const kind = rareKind(values[index] as number, smallestNormal);
    if (kind === null) continue;
    if (counts[kind] === 0) firsts[kind] = start + index;
    counts[kind] += 1;
  }
  const seen = (kind: keyof typeof counts): Seen => ({ count: counts[kind], first: firsts[kind] });
  return {
    nan: seen('nan'),
    positiveInfinity: seen('positiveInfinity'),
    negativeInfinity: seen('negativeInfinity'),
    subnormal: seen('subnormal'),
    negativeZero: seen('negativeZero'),
    zero: seen('zero'),
  };
}

function rareKind(value: number, smallestNormal: number): keyof typeof rareNone | null {
  if (value === 0) return Object.is(value, -0) ? 'negativeZero' : 'zero';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'positiveInfinity' : 'negativeInfinity';
  return Math.abs(value) < smallestNormal ? 'subnormal' : null;
}

/** Of both, where `left` came first (Chan, Golub & LeVeque 1979). */
export function combinedMoments(left: Moments, right: Moments): Moments {
  const finite = left.finite + right.finite;
  const difference = right.mean - left.mean;
  const weight = finite === 0 ? 0 : right.finite / finite;
  return {
    finite,
    minimum: Math.min(left.minimum, right.minimum),
    maximum: Math.max(left.maximum, right.maximum),
    mean: left.finite === 0 ? right.mean : left.mean + difference * weight,
    squares: left.squares + right.squares + difference * difference * left.finite * weight,
    nan: both(left.nan, right.nan),
    positiveInfinity: both(left.positiveInfinity, right.positiveInfinity),
    negativeInfinity: both(left.negativeInfinity, right.negativeInfinity),
    subnormal: both(left.subnormal, right.subnormal),
    negativeZero: both(left.negativeZero, right.negativeZero),
    zero: both(left.zero, right.zero),
  };
}

function both(left: Seen, right: Seen): Seen {
  return { count: left.count + right.count, first: left.first >= 0 ? left.first : right.first };
}
