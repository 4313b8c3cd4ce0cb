import { type LintDiagnostic, type LintOptions, lintCython } from '../../language-server/cython/lint.ts';

/** Lints a text as a `.pyx`; `siblings` are the files beside it. */
export function lint(
  text: string,
  siblings: Readonly<Record<string, string>> = {},
  kind: LintOptions['kind'] = 'pyx',
): readonly LintDiagnostic[] {
  return lintCython(text, {
    kind,
    readSibling: name => (Object.hasOwn(siblings, name) ? (siblings[name] ?? null) : null),
  });
}

/** The texts that the diagnostics underline, with their level: `warning <void*>a`. */
export function underlined(text: string, diagnostics: readonly LintDiagnostic[]): readonly string[] {
  return diagnostics.map(({ range, severity }) => `${severity} ${textAt(text, range)}`);
}

/** What an editor selects for a range. */
export function textAt(text: string, { start, end }: LintDiagnostic['range']): string {
  return text.slice(offsetOf(text, start), offsetOf(text, end));
}

/** The text after a fix of a diagnostic, the first if no other is asked for. */
export function fixed(text: string, diagnostic: LintDiagnostic | undefined, index = 0): string {
  const edits = diagnostic?.fixes[index]?.edits ?? [];
  return edits
    .toSorted((a, b) => offsetOf(text, b.range.start) - offsetOf(text, a.range.start))
    .reduce(
      (result, { range, newText }) =>
        result.slice(0, offsetOf(text, range.start)) + newText + result.slice(offsetOf(text, range.end)),
      text,
    );
}

function offsetOf(text: string, { line, character }: LintDiagnostic['range']['start']): number {
  const breaks = /\r\n|\r|\n/gu;
  let start = text.startsWith('\ufeff') ? 1 : 0;
  for (let at = 0; at < line; at += 1) {
    breaks.exec(text);
    start = breaks.lastIndex;
  }
  return start + character;
}
