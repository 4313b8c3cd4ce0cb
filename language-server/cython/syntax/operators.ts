import type { Cursor } from './cursor.ts';

/** The comparison that stands here, null for none; behind it afterwards. */
export function acceptComparison(cursor: Cursor): string | null {
  const { kind, text } = cursor.token;
  if (kind === 'operator' && ['<', '>', '==', '!=', '<=', '>='].includes(text)) {
    cursor.advance();
    if (text === '<' && cursor.accept('>')) return '!=';
    return text;
  }
  if (kind !== 'name') return null;
  if (text === 'in') return cursor.advance().text;
  if (text === 'is') {
    cursor.advance();
    return cursor.accept('not') ? 'is not' : 'is';
  }
  if (text === 'not' && cursor.at('in', 1)) {
    cursor.advance();
    cursor.advance();
    return 'not in';
  }
  return null;
}

/** Binary operators, loosest first. */
export const binaryLevels: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
];
