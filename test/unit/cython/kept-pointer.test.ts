import { describe, expect, test } from 'vitest';
import { keptPointerCode } from '../../../language-server/protocol/cython.ts';
import { lint, underlined } from '../../support/cython-lint.ts';

const flagged = (text: string): readonly string[] =>
  underlined(
    text,
    lint(text).filter(({ code }) => code === keptPointerCode),
  );

const inMethod = (parameters: string, ...lines: readonly string[]): string =>
  `cimport numpy as np
from libcpp.vector cimport vector
cdef struct Node:
    char* name
    double* values
cdef char* current
cdef class C:
    cdef char* p
    cdef double* values
    cdef Node node
    cdef object owner
    cdef f(self, ${parameters}):
${lines.map(line => `        ${line}\n`).join('')}`;

describe('fires', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['bytes that are made here', inMethod('s', 'b = s.encode()', 'self.p = <char*>b'), 'warning <char*>b'],
    ['without a cast', inMethod('s', 'b = s.encode()', 'self.p = b'), 'warning b'],
    ['in a struct of the instance', inMethod('s', 'b = s.encode()', 'self.node.name = <char*>b'), 'warning <char*>b'],
    ['in a global', inMethod('s', 'global current', 'b = s.encode()', 'current = <char*>b'), 'warning <char*>b'],
    ['a parameter', inMethod('bytes b', 'self.p = <char*>b'), 'information <char*>b'],
    ['a struct of the caller', inMethod('bytes b, Node* n', 'n.name = <char*>b'), 'information <char*>b'],
    [
      'a view of a new array',
      inMethod('n', 'cdef double[::1] v = np.zeros(n)', 'self.values = &v[0]'),
      'warning &v[0]',
    ],
    ['an array of C', inMethod('n', 'cdef double[4] v', 'self.values = &v[0]'), 'warning &v[0]'],
    ['a variable of C', inMethod('n', 'cdef double v = 0', 'self.values = &v'), 'warning &v'],
    [
      'a local vector',
      inMethod('n', 'cdef vector[double] v', 'v.push_back(1)', 'self.values = &v[0]'),
      'warning &v[0]',
    ],
    [
      'the data of a parameter',
      inMethod('np.ndarray a', 'self.values = <double*>a.data'),
      'information <double*>a.data',
    ],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual([expected]));
});

describe('silent', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['the owner is kept beside it', inMethod('s', 'b = s.encode()', 'self.owner = b', 'self.p = <char*>b')],
    ['kept by a cast', inMethod('np.ndarray a', 'self.owner = <object>a', 'self.values = <double*>a.data')],
    ['kept in a list', inMethod('s', 'b = s.encode()', 'self.owner.append(b)', 'self.p = <char*>b')],
    ['a reference is counted', inMethod('bytes b', 'Py_INCREF(b)', 'self.p = <char*>b')],
    ['taken away again', inMethod('bytes b', 'self.p = <char*>b', 'g(self)', 'self.p = NULL')],
    ['an attribute', inMethod('', 'self.p = <char*>self.owner')],
    ['from an attribute', inMethod('', 'b = self.owner', 'self.p = <char*>b')],
    ['a literal, which lives as long as the module', inMethod('', 'b = b"x"', 'self.p = <char*>b')],
    ['a local struct', inMethod('bytes b', 'cdef Node n', 'n.name = <char*>b', 'g(&n)')],
    ['allocated memory', inMethod('n', 'self.p = <char*>malloc(n)')],
    ['a local pointer', inMethod('s', 'b = s.encode()', 'p = <char*>b')],
    ['an object', inMethod('s', 'b = s.encode()', 'self.owner = b')],
    ['a comment', inMethod('s', 'b = s.encode()', 'self.p = b  # binary-detective: ignore[cython/kept-pointer]')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});
