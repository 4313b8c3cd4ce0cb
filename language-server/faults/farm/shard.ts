import type { FaultShard } from '../../protocol/faults.ts';

/** Whether a point is in a part: by its number alone, so that every machine divides them in the same way. */
export function isInShard(n: number, { index, count }: FaultShard): boolean {
  return n % count === index - 1;
}
