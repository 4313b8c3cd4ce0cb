import type { TextSpan } from '../protocol/explain.ts';

/** A text as the recognisers read it: without escape sequences, with one kind of quote, and each character's place known. */
export interface CleanText {
  readonly text: string;
  /** The same with its own quotes. */
  readonly plain: string;
  /** The place in the text as it was given. */
  spanOf(start: number, end: number): TextSpan;
  /** The line that holds a character, without its newline, and where it begins. */
  lineAt(index: number): { readonly text: string; readonly start: number };
}

/** ECMA-48: control sequences, strings that an escape begins (links, window titles), and escapes of two characters. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about.
  /\u001B\[[0-?]*[ -/]*[@-~]|\u001B[\]P^_X][^\u0007\u001B\n]*(?:\u0007|\u001B\\)?|\u001B[ -/]*[0-~]|[\u0000-\u0008\u000E-\u001F\u007F]|\r(?=\n)/gu;

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
  const text = sameQuotes(plain);
  const givenPlace = (index: number): number => {
    const place = places[lastAtMost(places, index)];
    return place === undefined ? index : place.given + index - place.clean;
  };
  const lineOf = createLineCounter(given);
  return {
    text,
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
