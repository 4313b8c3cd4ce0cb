import type { TextSpan } from '../protocol/explain.ts';

/** A text as the recognisers read it: without escape sequences, with one kind of quote, and each character's place known. */
export interface CleanText {
  /** What may tell of an error; all else is empty lines, so that places stay. */
  readonly text: string;
  /** All of it. */
  readonly context: string;
  /** The same with its own quotes. */
  readonly plain: string;
  /** The place in the text as it was given. */
  spanOf(start: number, end: number): TextSpan;
  /** The line that holds a character, without its newline, and where it begins. */
  lineAt(index: number): { readonly text: string; readonly start: number };
}

const [bell, esc] = ['\u0007', '\u001B'];
/** ECMA-48: control sequences, strings that an escape begins (links, window titles), and escapes of two characters. */
const escapes = new RegExp(
  [
    `${esc}\\[[0-?]*[ -/]*[@-~]`,
    `${esc}[\\]P^_X][^${bell}${esc}\\n]*(?:${bell}|${esc}\\\\)?`,
    `${esc}[ -/]*[0-~]`,
    // All of C0 but blanks and newlines, and DEL.
    '(?![\\t-\\r\\u0080-\\u009F])\\p{Cc}',
    '\\r(?=\\n)',
  ].join('|'),
  'gu',
);

/** One character each, so that places stay: quotes of all locales, colons and blanks of some, and the lone carriage return. */
const equals: ReadonlyMap<string, string> = new Map([
  ...['`', '´', '‘', '’', '‚', '‛', '“', '”', '„', '«', '»', '‹', '›', '「', '」', '『', '』', '"'].map(
    quote => [quote, "'"] as const,
  ),
  ['：', ':'],
  ['（', '('],
  ['）', ')'],
  ['\u00A0', ' '],
  ['\u202F', ' '],
  ['\u3000', ' '],
  ['\r', '\n'],
]);
const equalCharacters = new RegExp(`[${[...equals.keys()].join('')}]`, 'gu');

export function cleanText(given: string): CleanText {
  const parts: string[] = [];
  /** For each part where it begins in the clean text, and where in the given one. */
  const places: { readonly clean: number; readonly given: number }[] = [];
  let length = 0;
  let last = 0;
  const keep = (start: number, end: number): void => {
    if (end <= start) return;
    places.push({ clean: length, given: start });
    parts.push(given.slice(start, end));
    length += end - start;
  };
  for (const match of given.matchAll(escapes)) {
    keep(last, match.index);
    last = match.index + match[0].length;
  }
  keep(last, given.length);
  const plain = parts.join('');
  const context = sameQuotes(plain);
  const text = remarkableParts(context);
  const givenPlace = (index: number): number => {
    const place = places[lastAtMost(places, index)];
    return place === undefined ? index : place.given + index - place.clean;
  };
  const lineOf = createLineCounter(given);
  return {
    text,
    context,
    plain,
    spanOf: (start, end) => {
      const from = givenPlace(start);
      // The end belongs to the last character: behind it there may be escapes.
      return { start: from, end: end > start ? givenPlace(end - 1) + 1 : from, line: lineOf(from) };
    },
    lineAt: index => {
      const start = text.lastIndexOf('\n', index - 1) + 1;
      const end = text.indexOf('\n', index);
      return { text: text.slice(start, end < 0 ? text.length : end), start };
    },
  };
}

/** Words of which each error that is known has one. */
const remarkable =
  /\.so\b|\bld\b|symbol|referenc|riferimento|Verweis|référence|参照|引用|-l[\w:]|ELF|cannot|not found|no such|ENOENT|\bexec|interpret|preload|module|mold|lld|\b(?:ba|z|da|k|a|fi)?sh\b|\benv\b|version|Errno|ISA level|TLS|shared librar/giu;
/** Recognisers look back and forth in a line: longer ones, which no program writes, are looked at in pieces. */
const longestLine = 1500;
const before = 700;
const mostPieces = 20;
/** A log has some kilobytes of such lines; more is no log, or the same again. */
const mostCharacters = 1 << 19;

function remarkableParts(text: string): string {
  const parts: string[] = [];
  let kept = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const line = kept < mostCharacters ? remarkableLine(text.slice(start, end)) : null;
    if (line !== null) kept += line.length;
    parts.push(line ?? '\n'.repeat(end - start), found < 0 ? '' : '\n');
    start = end + 1;
  }
  return parts.join('');
}

/** Of the same length; null: nothing in it is remarkable. */
function remarkableLine(line: string): string | null {
  remarkable.lastIndex = 0;
  if (line.length <= longestLine) return remarkable.test(line) ? line : null;
  const parts: string[] = [];
  let done = 0;
  for (let pieces = 0; pieces < mostPieces; pieces += 1) {
    remarkable.lastIndex = done;
    const match = remarkable.exec(line);
    if (match === null) break;
    const start = Math.max(done, match.index - before);
    const end = Math.min(line.length, match.index + longestLine - before);
    parts.push('\n'.repeat(start - done), line.slice(start, end - 1), end > start ? '\n' : '');
    done = end;
  }
  if (parts.length === 0) return null;
  return parts.join('') + '\n'.repeat(line.length - done);
}

/** The same length; every quote is `'`. */
export function sameQuotes(text: string): string {
  return text.replace(equalCharacters, character => equals.get(character) ?? character);
}

function lastAtMost(places: readonly { readonly clean: number }[], index: number): number {
  let [low, high] = [0, places.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((places[middle]?.clean ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Lines are asked for in about the order of the text. */
function createLineCounter(text: string): (index: number) => number {
  let [line, counted] = [1, 0];
  return index => {
    if (index < counted) [line, counted] = [1, 0];
    for (let at = text.indexOf('\n', counted); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) {
      line += 1;
      counted = at + 1;
    }
    return line;
  };
}
