import { LRUCache } from 'lru-cache';

const maximumEntries = 64;

/** Remembers what took long to find, under a key that names the version of the file. Bounded by bytes; the oldest use goes first. */
export function createBytesCache<T extends object | string>(
  maximumBytes: number,
  bytesOf: (value: T) => number,
): Pick<LRUCache<string, T>, 'get' | 'set'> {
  const sizeCalculation = (value: T): number => Math.max(1, bytesOf(value));
  return new LRUCache({ max: maximumEntries, maxSize: maximumBytes, sizeCalculation });
}
