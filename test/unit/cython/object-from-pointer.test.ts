import { describe, expect, test } from 'vitest';
import { objectFromPointerCode } from '../../../language-server/protocol/cython.ts';
import { fixed, lint, underlined } from '../../support/cython-lint.ts';

const told = (text: string) => lint(text).filter(({ code }) => code === objectFromPointerCode);
const flagged = (text: string): readonly string[] => underlined(text, told(text));
const preamble = `from cpython.ref cimport PyObject
from libc.stdlib cimport malloc
cdef struct Node:
    int value
cdef void* find(int k) nogil
`;
const inFunction = (parameters: string, ...lines: readonly string[]): string =>
  `${preamble}cdef f(${parameters}):\n${lines.map(line => `    ${line}\n`).join('')}`;

describe('fires', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['bytes of void*', inFunction('void* p', 'return <bytes>p'), 'warning <bytes>p'],
    ['str of void*', inFunction('void* p', 'return <str>p'), 'warning <str>p'],
    ['bytes of a struct', inFunction('Node* p', 'return <bytes>p'), 'warning <bytes>p'],
    ['allocated memory', inFunction('', 'p = malloc(3)', 'return <object>p'), 'warning <object>p'],
    ['a variable of C', inFunction('', 'cdef Node n', 'return <object>&n'), 'warning <object>&n'],
    ['characters by way of void*', inFunction('char* s', 'return <object><void*>s'), 'warning <object><void*>s'],
    ['where it comes from nowhere', inFunction('', 'cdef void* p', 'g(&p)', 'return <list>p'), 'information <list>p'],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual([expected]));
});

describe('silent', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['the user data of a callback', inFunction('void* data', 'self = <object>data')],
    [
      'what went out as an object',
      `${inFunction('dict d', 'g(<void*>d)')}${inFunction('', 'cdef void* p', 'g(&p)', 'x = <dict>p')}`,
    ],
    [
      'self there and back',
      `${preamble}cdef class C:\n    def s(self):\n        g(<void*>self)\ncdef h(void* p):\n    return <C>p\n`,
    ],
    ['NULL as it is written', inFunction('', 'g(<object>NULL)')],
    ['an object of the interpreter', inFunction('PyObject* p', 'return <object>p')],
    ['characters, which are copied', inFunction('char* p', 'return <bytes>p')],
    ['a field', inFunction('Node** p', 'return <object>p[0].value')],
    ['a comment', inFunction('void* p', 'return <bytes>p  # binary-detective: ignore[cython/object-from-pointer]')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});

test('bytes are copied by way of char*', () => {
  const text = inFunction('void* p', 'return <bytes>p');
  const after = fixed(text, told(text)[0]);
  expect(after).toBe(inFunction('void* p', 'return <bytes><char*>p'));
  expect(flagged(after)).toEqual([]);
});
