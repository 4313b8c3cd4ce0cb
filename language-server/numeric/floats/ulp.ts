import { exponentOf } from './exponent.ts';

/** The formats in which sums are accumulated. */
export type Accumulator = 'float16' | 'float32' | 'float64';

const formats: Readonly<Record<Accumulator, { readonly precision: number; readonly leastExponent: number }>> = {
  float16: { precision: 11, leastExponent: -14 },
  float32: { precision: 24, leastExponent: -126 },
  float64: { precision: 53, leastExponent: -1022 },
};

/**
 * The unit in the last place at a number of the real line: the distance of the two neighbours of a format between which it lies
 * (Goldberg 1991; Muller, "On the definition of ulp(x)").
 */
export function ulp(value: number, format: Accumulator): number {
  const { precision, leastExponent } = formats[format];
  if (!Number.isFinite(value)) return Number.NaN;
  const exponent = value === 0 ? leastExponent : Math.max(exponentOf(value), leastExponent);
  return 2 ** (exponent - precision + 1);
}
