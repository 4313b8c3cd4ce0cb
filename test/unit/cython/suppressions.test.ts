import { describe, expect, test } from 'vitest';
import { LineIndex } from '../../../language-server/cython/diagnostics/positions.ts';
import { suppressionEdit } from '../../../language-server/cython/diagnostics/suppressions.ts';
import { lint, underlined } from '../../support/cython-lint.ts';

/** What is told of `<void*>a` with this comment behind it. */
const told = (comment: string): boolean => lint(`def f(a):\n    p = <void*>a  ${comment}\n`).length > 0;

describe('comments that say that a cast is meant', () => {
  test.each([
    '# binary-detective: ignore',
    '# binary-detective: ignore[cython/object-address]',
    '# binary-detective: ignore[cython/narrow-address, cython/object-address]',
    '# binary-detective: ignore[cython]',
    '#binary-detective:ignore',
    '# why  # binary-detective: ignore[cython/object-address]',
    '# noqa',
    '#noqa',
    '# NOQA',
    '# NoQA: CYTHON/OBJECT-ADDRESS',
    '# noqa: cython/object-address',
    '# noqa:cython/object-address',
    '# noqa : cython/object-address',
    '# noqa: E501, cython/object-address',
    '# noqa: E501 cython/object-address',
    '# noqa: E501,W291,cython/object-address and why',
    '# noqa: cython',
    '# noqa: E501, cython',
    '# noqa: this is meant',
    '# because  # noqa: cython/object-address',
    '# noqa: E501  # binary-detective: ignore',
  ])('%s', comment => expect(told(comment)).toBe(false));

  test.each([
    '# binary-detective: ignore[cython/narrow-address]',
    '# binary-detective: ignore[]',
    '# binary-detective: ignored',
    '# noqa: E501',
    '# noqa: E501, W291',
    '# noqa: cython/narrow-address',
    '# noqa: cython/object-addresses',
    '# noqa: E501 cython needs it',
    '# noqa-file',
    '# noqas',
    '# about nothing',
  ])('%s does not', comment => expect(told(comment)).toBe(true));
});

describe('which lines a comment speaks for', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['its own', 'p = <void*>a  # noqa\nq = <void*>b\n', ['information <void*>b']],
    ['not the next', '# noqa\nq = <void*>b\n', ['information <void*>b']],
    ['not a text that looks like one', 'p = g("# noqa", <void*>a)\n', ['information <void*>a']],
    ['those joined by a backslash', 'p = <void*>a + \\\n   1  # noqa\n', []],
    ['with CRLF', 'p = <void*>a + \\\r\n   1  # noqa\r\n', []],
    ['those of a long string', 'p = g(<void*>a, """\nx\n""")  # noqa\n', []],
    ['not other lines in brackets', 'p = g(<void*>a,  # noqa\n  <void*>b)\n', ['information <void*>b']],
    ['no further than the joined ones', 'p = <void*>a\nq = \\\n  1  # noqa\n', ['information <void*>a']],
    ['not behind a comment that ends in a backslash', '# \\\n# noqa\np = <void*>a\n', ['information <void*>a']],
    ['each that a cast is on', 'p = g(<void*>\n a)  # noqa\n', []],
  ];
  test.each(cases)('%s', (_, body, expected) => {
    const text = `a = b = object()\n${body}`;
    expect(underlined(text, lint(text)).map(each => each.replace(/^\w+/u, 'information'))).toEqual(expected);
  });
});

describe('the comment that is inserted silences its cast, and no other', () => {
  const comment = '  # binary-detective: ignore[cython/object-address]';
  const cases: readonly (readonly [string, string, string])[] = [
    ['at the end of the line', 'p = <void*>a\n', `p = <void*>a${comment}\n`],
    ['in a line without end', 'p = <void*>a', `p = <void*>a${comment}`],
    ['with CRLF', 'p = <void*>a\r\nx = 1\r\n', `p = <void*>a${comment}\r\nx = 1\r\n`],
    ['instead of spaces', 'p = <void*>a  \n', `p = <void*>a${comment}\n`],
    ['behind a comment', 'p = <void*>a  # why\n', `p = <void*>a  # why${comment}\n`],
    ['behind flake8’s', 'p = <void*>a  # noqa: E501\n', `p = <void*>a  # noqa: E501${comment}\n`],
    [
      'with the codes that are there',
      'p = <void*>a  # binary-detective: ignore[cython/x] why\n',
      'p = <void*>a  # binary-detective: ignore[cython/x, cython/object-address] why\n',
    ],
    [
      'where none are',
      'p = <void*>a  # binary-detective: ignore[ ]\n',
      'p = <void*>a  # binary-detective: ignore[cython/object-address]\n',
    ],
    ['behind a backslash', 'p = <void*>a + \\\n  1\n', `p = <void*>a + \\\n  1${comment}\n`],
    ['behind a long string', 'p = g(<void*>a, """\n""")\n', `p = g(<void*>a, """\n""")${comment}\n`],
    ['within brackets', 'p = g(<void*>a,\n  1)\n', `p = g(<void*>a,${comment}\n  1)\n`],
    ['in a cast on several lines', 'p = g(<void*>\n  a)\n', `p = g(<void*>\n  a)${comment}\n`],
    ['behind characters of two units', 's = "🕵"; p = <void*>a\n', `s = "🕵"; p = <void*>a${comment}\n`],
  ];
  test.each(cases)('%s', (_, body, expected) => {
    const head = '\ufeffa = object()\n';
    const text = head + body;
    const [diagnostic] = lint(text);
    if (diagnostic === undefined) throw new Error('nothing is told');
    const { start, end, newText } = suppressionEdit(text, diagnostic.range, diagnostic.code, new LineIndex(text));
    const written = text.slice(0, start) + newText + text.slice(end);
    expect(written).toBe(head + expected);
    expect(lint(written)).toEqual([]);
  });
});
