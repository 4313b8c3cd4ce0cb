/** Long double in its two shapes of 16 bytes, as exact fractions: x87's 80 bits, padded, and IEEE 754 binary128. */

/** mantissa × 2^exponent. */
export interface Scaled {
  readonly kind: 'finite';
  readonly mantissa: bigint;
  readonly exponent: number;
}

export type Extended =
  | Scaled
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'nan' }
  | { readonly kind: 'negative zero' };

/** @param bytes ten at least, little-endian: 64 bits of fraction with an explicit integer bit, 15 of exponent, a sign. */
export function readX87(bytes: DataView, at: number, littleEndian: boolean, itemBytes: number): Extended {
  const fraction = bytes.getBigUint64(littleEndian ? at : at + itemBytes - 8, littleEndian);
  const top = bytes.getUint16(littleEndian ? at + 8 : at + itemBytes - 10, littleEndian);
  return extendedOf(fraction, 63, top & 0x7fff, (top & 0x8000) !== 0, fraction & ~(1n << 63n));
}

export function readBinary128(bytes: DataView, at: number, littleEndian: boolean): Extended {
  const low = bytes.getBigUint64(littleEndian ? at : at + 8, littleEndian);
  const high = bytes.getBigUint64(littleEndian ? at + 8 : at, littleEndian);
  const exponent = Number((high >> 48n) & 0x7fffn);
  const stored = ((high & 0xffffffffffffn) << 64n) | low;
  const fraction = exponent === 0 ? stored : stored | (1n << 112n);
  return extendedOf(fraction, 112, exponent, high >> 63n !== 0n, stored);
}

/** @param stored the fraction without its integer bit, which tells infinity from NaN. */
function extendedOf(
  fraction: bigint,
  fractionBits: number,
  exponent: number,
  negative: boolean,
  stored: bigint,
): Extended {
  if (exponent === 0x7fff) return stored === 0n ? { kind: 'infinity', negative } : { kind: 'nan' };
  if (fraction === 0n && negative) return { kind: 'negative zero' };
  const mantissa = negative ? -fraction : fraction;
  return { kind: 'finite', mantissa, exponent: Math.max(exponent, 1) - 16_383 - fractionBits };
}

/** The nearest binary64, ties to even. */
export function extendedToNumber(value: Extended): number {
  switch (value.kind) {
    case 'nan':
      return Number.NaN;
    case 'infinity':
      return value.negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    case 'negative zero':
      return -0;
    case 'finite':
      return scaledToNumber(value.mantissa, value.exponent);
  }
}

/** The binary64 nearest to mantissa × 2^exponent, ties to even; infinity beyond its range. */
export function scaledToNumber(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const negative = mantissa < 0n;
  const size = negative ? -mantissa : mantissa;
  const bits = size.toString(16).length * 4;
  const top = bits + exponent;
  if (top < -1080) return negative ? -0 : 0;
  if (top > 1030) return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  // What is below the last place that binary64 has at all, 2^-1074, and below 64 bits is folded into one sticky bit.
  const drop = Math.max(bits - 66, -1074 - 2 - exponent, 0);
  const kept = size >> BigInt(drop);
  const sticky = kept << BigInt(drop) === size ? 0n : 1n;
  const value = roundedTimesPower((kept << 1n) | sticky, exponent + drop - 1);
  return negative ? -value : value;
}

function roundedTimesPower(size: bigint, exponent: number): number {
  const bits = size.toString(2).length;
  // The place of the last bit that stays: 53 bits of a normal number, or 2^-1074.
  const last = Math.max(bits + exponent - 53, -1074);
  const drop = last - exponent;
  if (drop <= 0) return timesPower(Number(size), exponent);
  const divisor = 1n << BigInt(drop);
  const whole = size / divisor;
  const rest = size % divisor;
  const half = divisor >> 1n;
  const up = rest > half || (rest === half && (whole & 1n) === 1n);
  return timesPower(Number(up ? whole + 1n : whole), last);
}

/** Exact where the result has room for all bits of `value`; 2^exponent itself may be out of range. */
function timesPower(value: number, exponent: number): number {
  if (exponent > 1000) return value * 2 ** 1000 * 2 ** (exponent - 1000);
  if (exponent < -1000) return value * 2 ** (exponent + 60) * 2 ** -60;
  return value * 2 ** exponent;
}
