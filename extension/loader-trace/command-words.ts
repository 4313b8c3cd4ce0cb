/** A word of POSIX sh: plain characters, `\x`, `'…'` and `"…"` side by side. */
const word = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gsu;
const quotedPart = /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gsu;

/**
 * A command line as it is typed, as words: quotes and backslashes as in POSIX sh, and nothing else of a shell. Null where a
 * quote is not closed.
 */
export function commandWords(line: string): readonly string[] | null {
  if (line.replace(word, '').trim() !== '') return null;
  return (line.match(word) ?? []).map(unquoted);
}

function unquoted(text: string): string {
  return text.replace(
    quotedPart,
    (_whole, escaped?: string, double?: string, single?: string) =>
      escaped ?? single ?? (double ?? '').replace(/\\(["\\$`])/gu, '$1'),
  );
}
