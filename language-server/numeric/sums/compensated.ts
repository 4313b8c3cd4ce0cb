import { roundToHalf } from '../floats/half.ts';
import type { Accumulator } from '../floats/ulp.ts';

/** A sum that grows number by number, in the arithmetic of its accumulator. */
export interface RunningSum {
  add(values: ArrayLike<number>): void;
  value(): number;
}

type Round = (value: number) => number;

export const roundTo: Readonly<Record<Accumulator, Round>> = {
  float16: roundToHalf,
  float32: Math.fround,
  float64: value => value,
};

/** One after the other, as a loop does. */
export function naiveSum(round: Round): RunningSum {
  let sum = 0;
  return {
    add(values) {
      for (let index = 0; index < values.length; index += 1) sum = round(sum + round(values[index] as number));
    },
    value: () => sum,
  };
}

/** Kahan 1965, "Further remarks on reducing truncation errors": what was lost is taken from the next number. */
export function kahanSum(round: Round): RunningSum {
  let sum = 0;
  let lost = 0;
  return {
    add(values) {
      for (let index = 0; index < values.length; index += 1) {
        const corrected = round(round(values[index] as number) - lost);
        const next = round(sum + corrected);
        lost = round(round(next - sum) - corrected);
        sum = next;
      }
    },
    value: () => sum,
  };
}

/** Neumaier 1974: what was lost is kept apart, of whichever of the two was smaller, and added in the end. */
export function neumaierSum(round: Round): RunningSum {
  let sum = 0;
  let lost = 0;
  return {
    add(values) {
      for (let index = 0; index < values.length; index += 1) {
        const value = round(values[index] as number);
        const next = round(sum + value);
        lost = round(lost + lostIn(round, sum, value, next));
        sum = next;
      }
    },
    value: () => finished(round, sum, lost),
  };
}

/** Klein 2006, "A generalized Kahan–Babuška-summation-algorithm": what is lost of what was lost is kept too. */
export function kleinSum(round: Round): RunningSum {
  let sum = 0;
  let lost = 0;
  let lostOfLost = 0;
  return {
    add(values) {
      for (let index = 0; index < values.length; index += 1) {
        const value = round(values[index] as number);
        const next = round(sum + value);
        const error = lostIn(round, sum, value, next);
        sum = next;
        const nextLost = round(lost + error);
        lostOfLost = round(lostOfLost + lostIn(round, lost, error, nextLost));
        lost = nextLost;
      }
    },
    value: () => finished(round, sum, round(lost + lostOfLost)),
  };
}

/** What rounding took from `left + right`, where `sum` is what was left of it: exact, by the smaller of the two. */
function lostIn(round: Round, left: number, right: number, sum: number): number {
  return Math.abs(left) >= Math.abs(right) ? round(round(left - sum) + right) : round(round(right - sum) + left);
}

/** Once a sum has overflowed, its corrections are NaN and say nothing. */
function finished(round: Round, sum: number, lost: number): number {
  return Number.isFinite(sum) ? round(sum + lost) : sum;
}
