import type { LineIndex } from './positions.ts';
import type { Comment } from './tokens.ts';

/** `# binary-detective: ignore` for every rule, `# binary-detective: ignore[code, code]` for these. */
const pattern = /#\s*binary-detective:\s*ignore\b(?:\s*\[([^\]]*)\])?/u;

/** Lines (from 0) to the codes that a comment there suppresses; null stands for all. */
export function suppressedLines(
  text: string,
  comments: readonly Comment[],
  lines: LineIndex,
): ReadonlyMap<number, ReadonlySet<string> | null> {
  const suppressed = new Map<number, ReadonlySet<string> | null>();
  for (const { start, end } of comments) {
    const match = pattern.exec(text.slice(start, end));
    if (match === null) continue;
    const codes = match[1] === undefined ? null : new Set(match[1].split(',').map(code => code.trim()));
    suppressed.set(lines.lineOf(start), codes);
  }
  return suppressed;
}
