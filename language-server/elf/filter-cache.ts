/** Remembers which rows matched, so that to scroll through what a filter left costs no second search. Bounded by bytes. */
export interface FilterCache {
  get(key: string): Uint32Array | undefined;
  set(key: string, matching: Uint32Array): void;
}

const maximumBytes = 16 << 20;
const maximumEntries = 64;

export function createFilterCache(): FilterCache {
  const entries = new Map<string, Uint32Array>();
  let bytes = 0;
  const remove = (key: string): void => {
    bytes -= entries.get(key)?.byteLength ?? 0;
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
    set(key, matching) {
      remove(key);
      if (matching.byteLength > maximumBytes / 2) return;
      entries.set(key, matching);
      bytes += matching.byteLength;
      for (const oldest of entries.keys()) {
        if (bytes <= maximumBytes && entries.size <= maximumEntries) break;
        remove(oldest);
      }
    },
  };
}
