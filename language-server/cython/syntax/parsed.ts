import { LRUCache } from 'lru-cache';
import { readStatements } from './read-source-text.ts';
import type { Statement } from './syntax.ts';
import { tokenize } from './tokens.ts';

/** Sources whose statements are kept, and characters of all of them: `.pxd` files of NumPy and Cython are cimported again and again. */
const maximumSources = 300;
const maximumCharacters = 6_000_000;

const parsed = new LRUCache<string, readonly Statement[]>({
  max: maximumSources,
  maxSize: maximumCharacters,
  sizeCalculation: (_, text) => text.length + 1,
});

/** The statements of a source that was read before, or is read now: they depend on nothing but its text. */
export function parsedStatements(text: string): readonly Statement[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const statements = readStatements(tokenize(text).tokens);
  parsed.set(text, statements);
  return statements;
}
