export interface Plan {
  /** Numbers of allocations, in the order in which they are to be run. */
  readonly points: readonly number[];
  /** So many of them, at the front, stand each for a call stack of its own. */
  readonly firsts: number;
}

/**
 * Which allocations of a program to have fail: the first of each call stack, then all others, both in their order. Where they
 * are more than `maxPoints`, so many at even distances: of the firsts, where those alone are too many, else of the others.
 * @param firsts The first allocation of each stack, in order; empty where no stacks are known.
 * @param which `stacks`: no others, unless no stacks are known.
 */
export function planPoints(
  allocations: number,
  maxPoints: number,
  firsts: readonly number[],
  which: 'stacks' | 'all',
): Plan {
  const front = spread(firsts, maxPoints);
  if (which === 'stacks' && front.length > 0) return { points: front, firsts: front.length };
  const known = new Set(firsts);
  const others = Array.from({ length: allocations }, (_, n) => n).filter(n => !known.has(n));
  const points = [...front, ...spread(others, maxPoints - front.length)];
  return { points, firsts: front.length };
}

/** The first and the last included. */
function spread(numbers: readonly number[], most: number): readonly number[] {
  const count = Math.min(numbers.length, Math.max(0, most));
  if (count === numbers.length) return numbers;
  if (count <= 1) return numbers.slice(0, count);
  const step = (numbers.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => numbers[Math.round(index * step)] ?? 0);
}
