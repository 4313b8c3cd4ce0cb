/** A map of texts that forgets what was used longest ago when it holds too many characters. */
export interface BoundedTexts {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  /** Characters of all keys and values. */
  readonly characters: number;
}

export function createBoundedTexts(capacityCharacters: number): BoundedTexts {
  // A Map keeps the order in which its keys were set: the first is the one used longest ago.
  const texts = new Map<string, string>();
  let characters = 0;
  const remove = (key: string, value: string): void => {
    texts.delete(key);
    characters -= key.length + value.length;
  };
  return {
    get(key) {
      const value = texts.get(key);
      if (value === undefined) return undefined;
      texts.delete(key);
      texts.set(key, value);
      return value;
    },
    set(key, value) {
      const before = texts.get(key);
      if (before !== undefined) remove(key, before);
      texts.set(key, value);
      characters += key.length + value.length;
      for (const [oldest, text] of texts) {
        if (characters <= capacityCharacters) break;
        remove(oldest, text);
      }
    },
    get characters() {
      return characters;
    },
  };
}
