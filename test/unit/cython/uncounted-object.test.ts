import { describe, expect, test } from 'vitest';
import { uncountedObjectCode } from '../../../language-server/protocol/cython.ts';
import { lint, underlined } from '../../support/cython-lint.ts';

const flagged = (text: string): readonly string[] =>
  underlined(
    text,
    lint(text).filter(({ code }) => code === uncountedObjectCode),
  );

const inMethod = (parameters: string, ...lines: readonly string[]): string =>
  `from cpython.ref cimport PyObject, Py_INCREF
cdef struct Node:
    void* data
cdef class Ext:
    pass
cdef void* current
cdef class C:
    cdef void* p
    cdef PyObject* o
    cdef Node node
    cdef object owner
    cdef f(self, ${parameters}):
${lines.map(line => `        ${line}\n`).join('')}`;

describe('fires', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a callback', inMethod('callback', 'self.p = <void*>callback'), 'information <void*>callback'],
    ['an extension type', inMethod('Ext x', 'self.node.data = <void*>x'), 'information <void*>x'],
    ['PyObject*', inMethod('x', 'self.o = <PyObject*>x'), 'information <PyObject*>x'],
    ['a struct of the caller', inMethod('Node* n, dict d', 'n.data = <void*>d'), 'information <void*>d'],
    ['a global', inMethod('dict d', 'global current', 'current = <void*>d'), 'information <void*>d'],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual([expected]));
});

describe('silent', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['self', inMethod('', 'self.node.data = <void*>self')],
    ['a reference is counted', inMethod('callback', 'Py_INCREF(callback)', 'self.p = <void*>callback')],
    ['kept in an attribute', inMethod('callback', 'self.owner = callback', 'self.p = <void*>callback')],
    ['an attribute', inMethod('', 'self.p = <void*>self.owner')],
    ['a local pointer', inMethod('dict d', 'p = <void*>d')],
    ['a call', inMethod('dict d', 'g(<void*>d)')],
    ['a number', inMethod('d', 'self.p = <void*><size_t>d')],
    ['None', inMethod('', 'self.p = <void*>None')],
    ['a comment', inMethod('dict d', 'self.p = <void*>d  # noqa: cython/uncounted-object')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});

test('one cast has one diagnostic above a hint', () => {
  const text = inMethod('a, callback', 'self.p = <void*>a', 'self.o = <PyObject*>callback');
  const loud = lint(text).filter(({ severity }) => severity !== 'hint');
  expect(loud.map(({ code }) => code)).toEqual(['cython/object-address', uncountedObjectCode]);
});
