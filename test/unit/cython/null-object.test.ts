import { describe, expect, test } from 'vitest';
import { nullObjectCode } from '../../../language-server/protocol/cython.ts';
import { lint, underlined } from '../../support/cython-lint.ts';

const flagged = (text: string): readonly string[] =>
  underlined(
    text,
    lint(text).filter(({ code }) => code === nullObjectCode),
  );

const inFunction = (parameters: string, ...lines: readonly string[]): string =>
  `from cpython.ref cimport PyObject
cdef extern from "Python.h":
    PyObject* PyDict_GetItem(object d, object k)
    void PyErr_Fetch(PyObject** a)
def f(${parameters}):
${lines.map(line => `    ${line}\n`).join('')}`;

describe('fires', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a look-up', inFunction('d, k', 'return <object>PyDict_GetItem(d, k)'), 'warning <object>PyDict_GetItem(d, k)'],
    [
      'a look-up in a name',
      inFunction('d, k', 'cdef PyObject* p = PyDict_GetItem(d, k)', 'return <object>p'),
      'warning <object>p',
    ],
    ['by way of void*', inFunction('d, k', 'p = <void*>PyDict_GetItem(d, k)', 'return <list>p'), 'warning <list>p'],
    [
      'NULL at the beginning',
      inFunction('', 'cdef PyObject* p = NULL', 'PyErr_Fetch(&p)', 'return <object>p'),
      'information <object>p',
    ],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual([expected]));
});

describe('silent', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['compared', inFunction('d, k', 'p = PyDict_GetItem(d, k)', 'if p == NULL: return', 'return <object>p')],
    ['compared by is', inFunction('d, k', 'p = PyDict_GetItem(d, k)', 'if p is NULL: return', 'return <object>p')],
    ['a condition', inFunction('d, k', 'p = PyDict_GetItem(d, k)', 'return <object>p if p else None')],
    ['negated', inFunction('d, k', 'p = PyDict_GetItem(d, k)', 'if not p: return', 'return <object>p')],
    ['a parameter', 'cdef f(void* p):\n    return <object>p\n'],
    ['characters, which are converted', 'cdef f():\n    cdef char* p = NULL\n    g(&p)\n    return <bytes>p\n'],
    ['a comment', inFunction('d, k', 'return <object>PyDict_GetItem(d, k)  # binary-detective: ignore')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});
