import { LineIndex } from '../diagnostics/positions.ts';
import { readStatements } from '../syntax/read-source-text.ts';
import type { Statement } from '../syntax/syntax.ts';
import { tokenize } from '../syntax/tokens.ts';

/**
 * First and last lines, from 1, of what our own reader cannot read: the compiler, which would stop at the first, is given the source
 * without them.
 */
export function brokenLines(text: string): readonly (readonly [number, number])[] {
  const lines = new LineIndex(text);
  const ranges: (readonly [number, number])[] = [];
  const pending: Statement[] = [...readStatements(tokenize(text).tokens)];
  for (let statement = pending.pop(); statement !== undefined; statement = pending.pop()) {
    const body = 'body' in statement ? statement.body : [];
    pending.push(...body);
    if (statement.kind !== 'broken') continue;
    const first = lines.lineOf(statement.start);
    // The body under a header stays.
    const next = body[0] === undefined ? Math.max(statement.start, statement.end - 1) : body[0].start;
    const last = body[0] === undefined ? lines.lineOf(next) : Math.max(first, lines.lineOf(next) - 1);
    ranges.push([first + 1, last + 1]);
  }
  return ranges.sort((a, b) => a[0] - b[0]);
}
