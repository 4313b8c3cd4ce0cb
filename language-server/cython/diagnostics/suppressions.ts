import type { TextEdit } from '../rules/rule.ts';
import { endOfLine, type Token, type TokenList, tokenize } from '../syntax/tokens.ts';
import type { LineIndex, LintRange } from './positions.ts';
import { covers } from './selection.ts';

/** `# binary-detective: ignore` for every rule, `# binary-detective: ignore[code, code]` for these, or what they begin with. */
const ownComment = /#\s*binary-detective:\s*ignore\b(?:\s*\[(?<codes>[^\]]*)\])?/du;

/**
 * flake8's comment (flake8 defaults.py, NOQA_INLINE_REGEX): `# noqa` for all, `# noqa: E501, cython/object-address` for these, of
 * which only ours count. As there, words that are no codes (`# noqa: meant`) say all.
 */
const code = '(?:[a-z]+[0-9]+|[a-z]+/[a-z0-9-]+|cython(?=\\s*(?:,|#|$)))';
const noqaComment = new RegExp(
  `#\\s*noqa(?![\\w-])(?:\\s*:\\s*(?<codes>${code}(?:[,\\s]+${code})*)(?![\\w/-]))?`,
  'iu',
);

/** Whether a comment says of a diagnostic that it is meant. */
export type IsSuppressed = (range: LintRange, code: string) => boolean;

/** A comment speaks for its line, and for the lines before that a backslash or a long string joins to it: they have no room for one. */
export function readSuppressions(text: string, tokenList: TokenList, lines: LineIndex): IsSuppressed {
  const suppressed = new Map<number, Selectors>();
  let isJoined: ((line: number) => boolean) | undefined;
  for (const { start, end } of tokenList.comments) {
    const selectors = selectorsOf(text.slice(start, end));
    if (selectors === undefined) continue;
    isJoined ??= joinedLines(text, tokenList, lines);
    let line = lines.lineOf(start);
    do {
      suppressed.set(line, selectors);
      line -= 1;
    } while (line >= 0 && isJoined(line));
  }
  return (range, told) => {
    for (let line = range.start.line; line <= range.end.line; line += 1) {
      const selectors = suppressed.get(line);
      if (selectors === null || selectors?.some(selector => covers(selector, told)) === true) return true;
    }
    return false;
  };
}

/** Null stands for all. */
type Selectors = readonly string[] | null;

/** Undefined where the comment suppresses nothing. */
function selectorsOf(comment: string): Selectors | undefined {
  const found = [ownComment, noqaComment].flatMap(pattern => {
    const match = pattern.exec(comment);
    return match === null ? [] : [selectorsIn(match.groups?.['codes'])];
  });
  if (found.length === 0) return undefined;
  return found.includes(null) ? null : found.flatMap(selectors => selectors ?? []);
}

function selectorsIn(codes: string | undefined): Selectors {
  return codes === undefined ? null : codes.toLowerCase().split(/[,\s]+/u);
}

/** What to write so that a comment says of a diagnostic that it is meant. */
export function suppressionEdit(text: string, range: LintRange, told: string, lines: LineIndex): TextEdit {
  const tokenList = tokenize(text);
  const isJoined = joinedLines(text, tokenList, lines);
  let { line } = range.end;
  while (isJoined(line)) line += 1;
  const comment = tokenList.comments.find(each => lines.lineOf(each.start) === line);
  const place = comment && ownComment.exec(text.slice(comment.start, comment.end))?.indices?.groups?.['codes'];
  if (comment !== undefined && place !== undefined) {
    const [start, end] = [comment.start + place[0], comment.start + place[1]];
    const isEmpty = text.slice(start, end).trim() === '';
    return { start: isEmpty ? start : end, end, newText: isEmpty ? told : `, ${told}` };
  }
  const end = endOfLine(text, lines.offset({ line, character: 0 }));
  const start = text.slice(0, end).trimEnd().length;
  return { start, end, newText: `  # binary-detective: ignore[${told}]` };
}

/** Tells whether a line goes on in the next one so that no comment can stand at its end. */
function joinedLines(text: string, { tokens, comments }: TokenList, lines: LineIndex): (line: number) => boolean {
  const inTokens = new Set(tokens.filter(isLong).flatMap(token => linesWithin(token, lines)));
  const commentEnds = new Set(comments.map(({ end }) => end));
  return line => {
    if (inTokens.has(line)) return true;
    const end = endOfLine(text, lines.offset({ line, character: 0 }));
    return end < text.length && text[end - 1] === '\\' && !commentEnds.has(end);
  };
}

function isLong({ kind, text }: Token): boolean {
  return (kind === 'string' || kind === 'broken') && /[\r\n]/u.test(text);
}

function linesWithin({ start, end }: Token, lines: LineIndex): readonly number[] {
  const first = lines.lineOf(start);
  return Array.from({ length: lines.lineOf(end) - first }, (_, index) => first + index);
}
