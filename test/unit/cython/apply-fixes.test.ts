import { describe, expect, test } from 'vitest';
import { applyFixes } from '../../../language-server/cython/diagnostics/apply-fixes.ts';
import { LineIndex } from '../../../language-server/cython/diagnostics/positions.ts';
import type { LintDiagnostic, LintFix } from '../../../language-server/cython/lint.ts';
import { lint } from '../../support/cython-lint.ts';

const all = (): boolean => true;

describe('the preferred fix of each diagnostic', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['of one', 'def f(a): p = <void*>a\n', 'def f(a): p = <void*><size_t>a\n'],
    ['of none', 'def f(size_t a): p = <void*>a\n', 'def f(size_t a): p = <void*>a\n'],
    [
      'of several in a line',
      'def f(a, ptr): g(<void*>a, <void*><int>ptr, <void*>a)\n',
      'def f(a, ptr): g(<void*><size_t>a, <void*><size_t>ptr, <void*><size_t>a)\n',
    ],
    [
      'behind a byte order mark, bytes that are no UTF-8, and CRLF',
      '\ufeff# caf\udce9\r\ndef f(a): p = <void*>a\r\n',
      '\ufeff# caf\udce9\r\ndef f(a): p = <void*><size_t>a\r\n',
    ],
    [
      'in the first line with a byte order mark',
      '\ufeffdef f(a): p = <void*>a',
      '\ufeffdef f(a): p = <void*><size_t>a',
    ],
    ['no other fix', 'def f(a): p = <void*>a.data\n', 'def f(a): p = <void*>a.data\n'],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    expect(applyFixes(text, lint, all)?.text).toBe(expected);
  });

  test('says what it fixed, and what is left', () => {
    const result = applyFixes('def f(a, b):\n    p = <void*>a\n    p = <void*>b.data\n', lint, all);
    expect(result?.fixed.map(({ fix }) => fix.title)).toEqual(['Write <void*><size_t>a']);
    expect(result?.left).toMatchObject([{ range: { start: { line: 2 } } }]);
  });

  test('only of what is wanted', () => {
    const text = 'def f(a, ptr):\n    p = <void*>a; q = <void*>ptr\n';
    expect(applyFixes(text, lint, ({ severity }) => severity === 'warning')?.text).toBe(
      'def f(a, ptr):\n    p = <void*>a; q = <void*><size_t>ptr\n',
    );
  });
});

/** A rule of its own for each test: replaces what matches, as one fix a match. */
type Replacement = readonly [pattern: RegExp, ...edits: (readonly [offset: number, length: number, newText: string])[]];

function linter(...replacements: readonly Replacement[]): (text: string) => readonly LintDiagnostic[] {
  return text => {
    const lines = new LineIndex(text);
    return replacements.flatMap(([pattern, ...edits]) =>
      [...text.matchAll(pattern)].map(({ index, 0: { length } }) => {
        const fix: LintFix = {
          title: 'Replace',
          isPreferred: true,
          edits: edits.map(([offset, size, newText]) => ({
            range: lines.range(index + offset, index + offset + size),
            newText,
          })),
        };
        const range = lines.range(index, index + length);
        return { range, code: 'x/y', rule: 'y', severity: 'warning', message: '', fixes: [fix] };
      }),
    );
  };
}

describe('fixes beside each other', () => {
  test('of which two overlap wait for each other', () => {
    const result = applyFixes('abc', linter([/abc/gu, [0, 2, 'X']], [/abc/gu, [1, 2, 'Y']]), all);
    expect(result).toMatchObject({ text: 'Xc', fixed: [{}], left: [] });
  });

  test('that want the same edit make it once', () => {
    const result = applyFixes('ab', linter([/ab/gu, [0, 1, 'X']], [/ab/gu, [0, 1, 'X'], [1, 1, 'Y']]), all);
    expect(result).toMatchObject({ text: 'XY', fixed: [{}, {}] });
  });

  test('that insert at the same place do not mix', () => {
    const result = applyFixes('a', linter([/^a/gu, [0, 0, 'X']], [/^a/gu, [0, 0, 'Y']]), all);
    expect(result).toMatchObject({ text: 'Xa', fixed: [{}] });
  });

  test('are made whole or not at all', () => {
    const result = applyFixes('abc', linter([/abc/gu, [0, 1, 'X']], [/abc/gu, [2, 1, 'Z'], [0, 1, 'W']]), all);
    expect(result?.text).toBe('Xbc');
  });

  test('that bring others about are followed, and given up where that has no end', () => {
    expect(applyFixes('a', linter([/a/gu, [0, 1, 'b']], [/b/gu, [0, 1, 'c']]), all)?.text).toBe('c');
    expect(applyFixes('a', linter([/a/gu, [0, 1, 'b']], [/b/gu, [0, 1, 'a']]), all)).toBeNull();
    expect(applyFixes('a', linter([/^/gu, [0, 0, 'b']]), all)).toBeNull();
  });

  test('take the line ends of the text', () => {
    const lineLinter = linter([/a/gu, [0, 1, 'b\nc\n']]);
    expect(applyFixes('a\r\n', lineLinter, all)?.text).toBe('b\r\nc\r\n\r\n');
    expect(applyFixes('a\n', lineLinter, all)?.text).toBe('b\nc\n\n');
  });
});
