import type { RealValues } from '../arrays/elements.ts';

/** The finite numbers of each index of one axis, over all other axes. */
export interface AxisSummary {
  readonly axis: number;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
  readonly mean: Float64Array;
  readonly finite: Float64Array;
}

/** Axes longer than this have more indices than anybody looks at one by one. */
export const longestAxis = 4096;

/** Grows piece by piece over the numbers of a shape in its own order. */
export class AxisSummaries {
  readonly #axes: readonly Growing[];

  constructor(shape: readonly number[]) {
    this.#axes = shape.flatMap((size, axis) =>
      shape.length > 1 && size > 1 && size <= longestAxis
        ? [
            growing(
              axis,
              size,
              shape.slice(axis + 1).reduce((product, length) => product * length, 1),
            ),
          ]
        : [],
    );
  }

  add(values: RealValues, start: number): void {
    for (const axis of this.#axes) addTo(axis, values, start);
  }

  all(): readonly AxisSummary[] {
    return this.#axes.map(({ axis, minimum, maximum, sum, finite }) => ({
      axis,
      minimum,
      maximum,
      finite,
      mean: sum.map((total, index) => total / (finite[index] ?? 0)),
    }));
  }
}

interface Growing {
  readonly axis: number;
  /** Numbers until the index of this axis changes. */
  readonly run: number;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
  readonly sum: Float64Array;
  readonly finite: Float64Array;
}

function growing(axis: number, size: number, run: number): Growing {
  return {
    axis,
    run,
    minimum: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
    maximum: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
    sum: new Float64Array(size),
    finite: new Float64Array(size),
  };
}

function addTo({ run, minimum, maximum, sum, finite }: Growing, values: RealValues, start: number): void {
  const size = sum.length;
  let at = Math.floor(start / run) % size;
  let left = run - (start % run);
  for (let index = 0; index < values.length; ) {
    const end = Math.min(values.length, index + left);
    for (; index < end; index += 1) {
      const value = values[index] as number;
      if (value - value !== 0) continue;
      if (value < (minimum[at] as number)) minimum[at] = value;
      if (value > (maximum[at] as number)) maximum[at] = value;
      sum[at] = (sum[at] as number) + value;
      finite[at] = (finite[at] as number) + 1;
    }
    at = at + 1 === size ? 0 : at + 1;
    left = run;
  }
}
