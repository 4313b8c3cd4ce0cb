/**
 * Remembers what was computed for a key that changes when the thing itself does (a file's device, inode, size and times), up
 * to a total weight of `capacity`; what was not asked for longest goes first. A value that would take an eighth of the room or more is
 * not kept.
 */
export function createVersionedCache<Value>(
  capacity: number,
  weightOf: (value: Value) => number = () => 1,
): (key: string, compute: () => Value) => Value {
  const values = new Map<string, { readonly value: Value; readonly weight: number }>();
  let total = 0;
  const drop = (key: string): void => {
    total -= values.get(key)?.weight ?? 0;
    values.delete(key);
  };
  return (key, compute) => {
    const known = values.get(key);
    if (known !== undefined) {
      values.delete(key);
      values.set(key, known);
      return known.value;
    }
    const value = compute();
    const weight = weightOf(value);
    if (weight * 8 > capacity && capacity > 8) return value;
    values.set(key, { value, weight });
    total += weight;
    for (const oldest of values.keys()) {
      if (total <= capacity) break;
      drop(oldest);
    }
    return value;
  };
}
