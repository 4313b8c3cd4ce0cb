import { type Cursor, SyntaxFailure } from './cursor.ts';
import { stringLiteral } from './literals.ts';
import type { Expression, Literal } from './syntax.ts';

const words: Readonly<Record<string, Literal>> = { None: 'none', True: 'bool', False: 'bool', NULL: 'null' };

/** A name, or the word that stands for a value. */
export function nameOrWord(cursor: Cursor, name: string, start: number, end: number): Expression {
  const literal = Object.hasOwn(words, name) ? words[name] : undefined;
  if (literal !== undefined) return { kind: 'literal', literal, text: name, start, end };
  if (name === 'sizeof' && cursor.at('(')) {
    skipToClosing(cursor);
    return { kind: 'sizeof', start, end: cursor.previousEnd };
  }
  return { kind: 'name', name, start, end };
}

/** `sizeof(T)` holds a type or an expression; either way it is a number. */
function skipToClosing(cursor: Cursor): void {
  let depth = 0;
  do {
    if (cursor.atLineEnd) throw new SyntaxFailure('Expected )');
    if (cursor.at('(') || cursor.at('[')) depth += 1;
    else if (cursor.at(')') || cursor.at(']')) depth -= 1;
    cursor.advance();
  } while (depth > 0);
}

/** Strings one after the other are one. */
export function readStrings(cursor: Cursor): Expression {
  const { start, text } = cursor.token;
  while (cursor.token.kind === 'string') cursor.advance();
  return { kind: 'literal', literal: stringLiteral(text), text, start, end: cursor.previousEnd };
}
