/**
 * Remembers what was computed for a key that changes when the thing itself does (a file's device, inode, size and times),
 * for at most `capacity` keys; those not asked for longest go first.
 */
export function createVersionedCache<Value>(capacity: number): (key: string, compute: () => Value) => Value {
  const values = new Map<string, { readonly value: Value }>();
  return (key, compute) => {
    const known = values.get(key);
    if (known !== undefined) {
      values.delete(key);
      values.set(key, known);
      return known.value;
    }
    const value = compute();
    if (values.size >= capacity) values.delete(values.keys().next().value ?? '');
    values.set(key, { value });
    return value;
  };
}
