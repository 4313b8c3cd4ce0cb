/**
 * What rows are sorted by: one number a row, in two halves, so that 64-bit addresses keep their order. Rows without a value have
 * NaN in `high`, and come last.
 */
export interface SortKeys {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

export function emptyKeys(count: number): SortKeys {
  return { high: new Float64Array(count), low: new Float64Array(count) };
}
