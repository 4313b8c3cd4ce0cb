import { LineIndex, type LintRange } from './positions.ts';

/** The lines of a text with their ends. */
const linePattern = /[^\r\n]*(?:\r\n|\r|\n|$)/gu;

export interface TextChange {
  /** In the text before. */
  readonly range: LintRange;
  readonly newText: string;
}

/**
 * What makes one text of another, in small pieces where only parts of lines differ, so that an editor keeps its carets, folds and
 * marks.
 */
export function changesBetween(before: string, after: string): readonly TextChange[] {
  const lines = new LineIndex(before);
  const [oldLines, newLines] = [before.match(linePattern) ?? [], after.match(linePattern) ?? []];
  if (oldLines.length !== newLines.length) return changeAt(lines, 0, before, after);
  let at = 0;
  return oldLines.flatMap((oldLine, index) => {
    const changes = changeAt(lines, at, oldLine, newLines[index] ?? '');
    at += oldLine.length;
    return changes;
  });
}

/** One change of all between what both begin with and what both end with. */
function changeAt(lines: LineIndex, offset: number, before: string, after: string): readonly TextChange[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  if (isWithinOne(before, head)) head -= 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (isWithinOne(before, before.length - tail)) tail -= 1;
  const range = lines.range(offset + head, offset + before.length - tail);
  return [{ range, newText: after.slice(head, after.length - tail) }];
}

/** Whether an offset splits a pair of surrogates, which is one character, or a CRLF, which is one line break to an editor. */
function isWithinOne(text: string, offset: number): boolean {
  return offset > 0 && /^(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|\r\n)$/.test(text.slice(offset - 1, offset + 1));
}
