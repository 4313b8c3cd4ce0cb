import { LRUCache } from 'lru-cache';

/**
 * Remembers what was computed for a key that changes when the thing itself does (a file's device, inode, size and times), up
 * to a total weight of `capacity`; what was not asked for longest goes first. A value that would take more than an eighth of the room is
 * not kept.
 */
export function createVersionedCache<Value>(
  capacity: number,
  weightOf: (value: Value) => number = () => 1,
): (key: string, compute: () => Value) => Value {
  // In a box, since a computed null is an answer too.
  const values = new LRUCache<string, { readonly value: Value }>({
    maxSize: capacity,
    maxEntrySize: capacity > 8 ? Math.floor(capacity / 8) : capacity,
    sizeCalculation: ({ value }) => Math.max(1, Math.ceil(weightOf(value))),
  });
  return (key, compute) => {
    const known = values.get(key);
    if (known !== undefined) return known.value;
    const value = compute();
    values.set(key, { value });
    return value;
  };
}
