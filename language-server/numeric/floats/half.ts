import { exponentOf } from './exponent.ts';

/** IEEE 754 binary16 and bfloat16, which JavaScript has no arrays of (Float16Array came after Node 20). */

const scratch = new DataView(new ArrayBuffer(4));

/** @param bits of a binary16 */
export function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** @param bits of a bfloat16: the upper half of a binary32. */
export function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, (bits & 0xffff) << 16);
  return scratch.getFloat32(0);
}

/** Above this, in the middle between the largest binary16 and the next power of two, is infinity. */
const halfOverflow = 65_520;
const smallestNormalHalf = 2 ** -14;

/** The nearest binary16, ties to even, as a number. */
export function roundToHalf(value: number): number {
  const size = Math.abs(value);
  if (size >= halfOverflow) return value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  // Adding and taking away a number whose last place is the one to keep rounds to it, by binary64's own ties to even.
  // The comparison is false for NaN too, which stays.
  if (!(size > 0)) return value;
  const lastPlace = size < smallestNormalHalf ? 2 ** -24 : 2 ** (exponentOf(size) - 10);
  const shift = lastPlace * 2 ** 52;
  const rounded = size + shift - shift;
  return value < 0 ? -rounded : rounded;
}
