import { forEachPiece, type Numbers } from '../arrays/read-view.ts';
import { scaledToNumber } from '../floats/extended.ts';
import { ExactSum, unitsOf } from '../sums/exact-sum.ts';

/** A fraction of whole numbers, times 2^exponent. */
export interface Rational {
  readonly over: bigint;
  /** Positive. */
  readonly under: bigint;
  readonly exponent: number;
}

export interface ExactMoments {
  readonly count: number;
  readonly mean: Rational;
  /** Sum of the squared deviations from the mean. */
  readonly squares: Rational;
}

/** Within these a product of two numbers, and what rounding takes from it, is neither too large nor too small for binary64. */
const [smallest, largest] = [2 ** -480, 2 ** 480];
/** 2^27 + 1: splits 53 bits into halves of 26 (Dekker 1971). */
const splitter = 134_217_729;

/** Mean and squared deviations without an error; null where a number is not finite. Rejects when cancelled. */
export async function exactMoments(numbers: Numbers, signal: AbortSignal): Promise<ExactMoments | null> {
  const sum = new ExactSum();
  const squares = new ExactSum();
  /** In units of 2^-2148. */
  let rareSquares = 0n;
  let allFinite = true;
  let count = 0;
  await forEachPiece(numbers, signal, values => {
    count += values.length;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? 0;
      const size = Math.abs(value);
      if (!Number.isFinite(value)) allFinite = false;
      else if (size > largest || (size < smallest && size > 0)) {
        const units = unitsOf(value);
        rareSquares += units * units;
        sum.add(value);
      } else {
        sum.add(value);
        addSquare(squares, value);
      }
    }
  });
  if (!allFinite || count === 0) return null;
  const total = sum.units();
  const allSquares = (squares.units() << 1074n) + rareSquares;
  const n = BigInt(count);
  return {
    count,
    mean: { over: total, under: n, exponent: -1074 },
    squares: { over: allSquares * n - total * total, under: n, exponent: -2148 },
  };
}

/** The square of a number as two, its rounded value and the rest (Dekker 1971, "A floating-point technique", mul12). */
function addSquare(squares: ExactSum, value: number): void {
  const product = value * value;
  const shifted = splitter * value;
  const high = shifted - (shifted - value);
  const low = value - high;
  squares.add(product);
  squares.add(low * low - (product - high * high - 2 * high * low));
}

/** The nearest binary64. */
export function rationalToNumber({ over, under, exponent }: Rational): number {
  // Enough bits that the quotient's rest, as one sticky bit, decides what is half-way.
  const shift = Math.max(0, 70 - bitsOf(over) + bitsOf(under));
  const [negative, size] = over < 0n ? [true, -over] : [false, over];
  const wide = size << BigInt(shift);
  const quotient = ((wide / under) << 1n) | (wide % under === 0n ? 0n : 1n);
  const value = scaledToNumber(quotient, exponent - shift - 1);
  return negative ? -value : value;
}

/** `value` less the fraction, as the nearest binary64. */
export function differenceFrom(value: number, { over, under, exponent }: Rational): number {
  // Both in units of 2^exponent / under; exponents here are at most -1074, the unit of binary64.
  const whole = (unitsOf(value) << BigInt(-1074 - exponent)) * under;
  return rationalToNumber({ over: whole - over, under, exponent });
}

export function dividedBy({ over, under, exponent }: Rational, count: number): Rational {
  return { over, under: under * BigInt(count), exponent };
}

function bitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}
