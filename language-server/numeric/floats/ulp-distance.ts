import type { FloatFormat } from './decimal.ts';
import { exponentOf } from './exponent.ts';

const words = new DataView(new ArrayBuffer(16));

/**
 * How many numbers of a format two of its numbers are apart: 0 for equal ones, -0 and 0 among them, 1 for neighbours. NaN where one
 * is NaN. Infinity is the neighbour of the largest number.
 */
export function ulpDistance(left: number, right: number, format: FloatFormat): number {
  if (left === right) return 0;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  if (format === 'float64') return distance64(left, right);
  const [a, b] = [magnitude(Math.abs(left), format), magnitude(Math.abs(right), format)];
  return left < 0 === right < 0 ? Math.abs(a - b) : a + b;
}

/** Numbers of the format from 0 up to this one. */
function magnitude(size: number, format: Exclude<FloatFormat, 'float64'>): number {
  if (format === 'float16') return halfMagnitude(size);
  words.setFloat32(0, size);
  return format === 'float32' ? words.getUint32(0) : words.getUint16(0);
}

function halfMagnitude(size: number): number {
  if (size === Number.POSITIVE_INFINITY) return 0x7c00;
  if (size < 2 ** -14) return size * 2 ** 24;
  const exponent = exponentOf(size);
  return (exponent + 14) * 1024 + size * 2 ** (10 - exponent);
}

/** Whole numbers of 63 bits in two halves, so that small distances are exact. */
function distance64(left: number, right: number): number {
  words.setFloat64(0, Math.abs(left));
  words.setFloat64(8, Math.abs(right));
  const sign = left < 0 === right < 0 ? -1 : 1;
  const high = words.getUint32(0) + sign * words.getUint32(8);
  const low = words.getUint32(4) + sign * words.getUint32(12);
  return Math.abs(high * 2 ** 32 + low);
}
