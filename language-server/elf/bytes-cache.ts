/** Remembers what took long to find, under a key that names the version of the file. Bounded by bytes; the oldest use goes first. */
export interface BytesCache<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

const maximumEntries = 64;

export function createBytesCache<T>(maximumBytes: number, bytesOf: (value: T) => number): BytesCache<T> {
  const entries = new Map<string, T>();
  let bytes = 0;
  const remove = (key: string): void => {
    const known = entries.get(key);
    if (known === undefined) return;
    bytes -= bytesOf(known);
    entries.delete(key);
  };
  return {
    get(key) {
      const found = entries.get(key);
      if (found !== undefined) {
        // Last in the order of the map is what was used last.
        entries.delete(key);
        entries.set(key, found);
      }
      return found;
    },
    set(key, value) {
      remove(key);
      if (bytesOf(value) > maximumBytes) return;
      entries.set(key, value);
      bytes += bytesOf(value);
      for (const oldest of entries.keys()) {
        if (bytes <= maximumBytes && entries.size <= maximumEntries) break;
        remove(oldest);
      }
    },
  };
}
