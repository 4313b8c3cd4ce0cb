/**
 * The points of a sweep: 0 … allocations - 1; where they are more than `maxPoints`, so many of them at even distances, the first
 * and the last included.
 */
export function planPoints(allocations: number, maxPoints: number): readonly number[] {
  const count = Math.min(allocations, Math.max(1, maxPoints));
  if (count <= 1) return count === 1 ? [0] : [];
  const step = (allocations - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => Math.round(index * step));
}
