import { LRUCache } from 'lru-cache';

/** A map of texts that forgets what was used longest ago when it holds too many characters. */
export interface BoundedTexts {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  /** Characters of all keys and values. */
  readonly characters: number;
}

export function createBoundedTexts(capacityCharacters: number): BoundedTexts {
  const texts = new LRUCache<string, string>({
    maxSize: capacityCharacters,
    sizeCalculation: (value, key) => Math.max(1, key.length + value.length),
  });
  return {
    get: key => texts.get(key),
    set(key, value) {
      texts.set(key, value);
    },
    get characters() {
      return texts.calculatedSize;
    },
  };
}
