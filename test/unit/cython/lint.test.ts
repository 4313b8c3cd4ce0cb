import { describe, expect, test } from 'vitest';
import { lintCython } from '../../../language-server/cython/lint.ts';
import { cythonFileKind } from '../../../language-server/cython/project/files.ts';
import { lint, textAt, underlined } from '../../support/cython-lint.ts';

test('the kind of a file is its ending', () => {
  const kinds = ['a.pyx', 'a.pxd', '/x/a.pxi', 'A.PYX', 'file:///x/a.pyx', 'a.py', 'a.pyx.bak', 'pyx', ''];
  expect(kinds.map(cythonFileKind)).toEqual(['pyx', 'pxd', 'pxi', 'pyx', 'pyx', null, null, null, null]);
});

describe('positions', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['LF', 'def f(a):\n    p = <void*>a\n', '1:8-1:16'],
    ['CRLF', 'def f(a):\r\n    p = <void*>a\r\n', '1:8-1:16'],
    ['CR', 'def f(a):\r    p = <void*>a\r', '1:8-1:16'],
    ['tabs', 'def f(a):\n\tp = <void*>a\n', '1:5-1:13'],
    ['characters of two units', 'def f(a):\n    s = "🕵🕵"; p = <void*>a\n', '1:20-1:28'],
    ['a byte order mark', '\ufeffdef f(a): p = <void*>a\n', '0:14-0:22'],
    ['no end of line', 'def f(a): p = <void*>a', '0:14-0:22'],
    ['joined lines', 'def f(a):\n    p = \\\n        <void*> \\\n  a\n', '2:8-3:3'],
    ['brackets over lines', 'def f(a):\n    g(1,\n<void*>a,\n  2)\n', '2:0-2:8'],
    ['a name outside ASCII', 'def f(größe):\n    p = <void*>größe\n', '1:8-1:20'],
    ['a form feed', 'def f(a):\n\f    p = <void*>a\n', '1:9-1:17'],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    const ranges = lint(text).map(
      ({ range: { start, end } }) => `${start.line}:${start.character}-${end.line}:${end.character}`,
    );
    expect(ranges).toEqual([expected]);
  });
});

describe('half a line says nothing of itself, and the rest is read', () => {
  const good = 'def g(a):\n    q = <void*>a\n';
  const broken: readonly string[] = [
    'def f(a, :\n    p = <void*>a\n',
    'def f(a:\n',
    'x = foo(1,\n',
    'x = [1, {2\n',
    'x = "abc\n',
    'x = <void*\n',
    'x = <void*>\n',
    'cdef size_t\n',
    'cdef class\n',
    'if x\n    y = 1\n',
    'for in x:\n    pass\n',
    '@\n',
    ')\n',
    'x = = 1\n',
    '$ ? !\n',
    'from import x\n',
    'ctypedef\n',
    'cdef extern from\n',
    'lambda\n',
    'match a:\n    case [b, *c]:\n        pass\n',
  ];
  test.each(broken)('%j', text => {
    expect(underlined(text + good, lint(text + good)).at(-1)).toBe('information <void*>a');
    expect(lint(text + good)).toHaveLength(text.includes('p = <void*>a') ? lint(text + good).length : 1);
  });

  test('a name in it may be of any type', () => {
    expect(lint('def f():\n    cdef size_t a b\n    p = <void*>a\n')).toEqual([]);
    expect(lint('cdef size_t a = = 5\ndef f():\n    p = <void*>a\n')).toEqual([]);
    expect(lint('def f(size_t a b):\n    p = <void*>a\n')).toEqual([]);
  });
});

test('a string that is not closed hides what it may hold, and no more than its line', () => {
  const text = 'def f(a):\n    s = "<void*>a\n    p = <void*>a\n';
  expect(lint(text).map(({ range }) => textAt(text, range))).toEqual(['<void*>a']);
});

test('an aborted lint stops', () => {
  const signal = AbortSignal.abort();
  expect(() => lintCython('x = 1\n', { kind: 'pyx', signal })).toThrow();
});

test('the same text in a .pxi sees names that its includer may have', () => {
  const text = 'def f(a, T b):\n    p = <void*>a\n    p = <void*>b\n    p = <void*>c\n';
  expect(underlined(text, lint(text, {}, 'pxi'))).toEqual(['information <void*>a']);
});

test('an inline function of a .pxd is linted', () => {
  const text = 'cdef inline void* f(a):\n    return <void*>a\n';
  expect(underlined(text, lint(text, {}, 'pxd'))).toEqual(['information <void*>a']);
});

test('diagnostics come in the order of the text', () => {
  const text = 'def f(a):\n    g(<void*>a, <void*>a); h(<void*>a)\ndef g(a):\n    p = <void*>a\n';
  const starts = lint(text).map(({ range: { start } }) => start.line * 1000 + start.character);
  expect(starts).toHaveLength(4);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
});

test('the sample of the workspace shows each kind', async () => {
  const { readFileSync } = await import('node:fs');
  const read = (name: string): string => readFileSync(new URL(`../../workspace/${name}`, import.meta.url), 'utf8');
  const text = read('casts.pyx');
  expect(underlined(text, lint(text, { '.pxd': read('casts.pxd') }))).toEqual([
    'warning <void*>address',
    'error <void*>source',
    'warning <void*>tensor.data',
    'information <Sample*>samples',
  ]);
});
