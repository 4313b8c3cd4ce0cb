import { describe, expect, test } from 'vitest';
import { narrowAddressCode } from '../../../language-server/protocol/cython.ts';
import { fixed, lint, underlined } from '../../support/cython-lint.ts';

const preamble = `cimport numpy as np
from libc.stdint cimport uint32_t, uintptr_t, int64_t
ctypedef int own
cdef extern from "x.h":
    ctypedef int handle_t
`;

const inFunction = (line: string): string =>
  `${preamble}def f(x, ptr, np.ndarray arr):
    cdef size_t s = x
    cdef int i = x
    cdef double* p = NULL
    cdef double[3] values
    ${line}
`;

const narrow = (text: string) => lint(text).filter(({ code }) => code === narrowAddressCode);
const flagged = (line: string): readonly string[] => underlined(inFunction(line), narrow(inFunction(line)));

describe('what does not hold an address', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a Python number that may be anything', 'a = <void*><int>x', 'information <void*><int>x'],
    ['one that is an address by its name', 'a = <void*><int>ptr', 'warning <void*><int>ptr'],
    [
      'one by its attribute',
      'a = <void*><unsigned int>arr.ctypes.data',
      'warning <void*><unsigned int>arr.ctypes.data',
    ],
    ['what is freed', 'free(<void*><int>x)', 'warning <void*><int>x'],
    ['long, which is enough but for Windows', 'a = <void*><long>ptr', 'information <void*><long>ptr'],
    ['unsigned long the same', 'a = <void*><unsigned long>ptr', 'information <void*><unsigned long>ptr'],
    ['a C value that may be one', 'a = <void*><int>s', 'warning <void*><int>s'],
    ['a pointer there and back', 'a = <double*><int>p', 'warning <double*><int>p'],
    ['the data of a typed array', 'a = <void*><uint32_t>arr.data', 'warning <void*><uint32_t>arr.data'],
    ['a pointer', 'a = <int>p', 'warning <int>p'],
    ['an array', 'a = <int>values', 'warning <int>values'],
    ['a pointer by way of size_t', 'a = <int><size_t>p', 'warning <int><size_t>p'],
    ['a pointer to a fixed size', 'a = <uint32_t>p', 'warning <uint32_t>p'],
    ['a pointer to long', 'a = <long>p', 'information <long>p'],
    ['a pointer in pure Python mode', 'a = cython.cast(cython.int, p)', 'warning cython.cast(cython.int, p)'],
  ];
  test.each(cases)('%s', (_, line, expected) => {
    const text = line.includes('cython.') ? `cimport cython\n${inFunction(line)}` : inFunction(line);
    expect(underlined(text, narrow(text))).toEqual([expected]);
  });
});

describe('what is fine', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['size_t', 'a = <void*><size_t>ptr'],
    ['uintptr_t', 'a = <void*><uintptr_t>ptr'],
    ['a fixed size of 64 bits', 'a = <void*><int64_t>ptr'],
    ['long long', 'a = <void*><long long>ptr'],
    ['a small C number as user data', 'a = <void*><int>i'],
    ['a number that is written', 'a = <void*><int>5'],
    ['the alignment of a pointer', 'a = <int>p & 7'],
    ['the remainder of a pointer', 'a = <int>p % 16'],
    ['whether a pointer is NULL', 'a = <bint>p'],
    ['a type whose size only the C header knows', 'a = <handle_t>p'],
    ['a pointer as a whole', 'a = <size_t>p'],
    ['what is pointed to', 'a = <int>p[0]'],
  ];
  test.each(cases)('%s', (_, line) => expect(flagged(line)).toEqual([]));
});

test('the sentence says what is lost, and the fix widens the integer', () => {
  const text = inFunction('a = <void*><int>ptr');
  const [diagnostic] = narrow(text);
  expect(diagnostic?.message).toBe(
    'int has at most 32 bits, and an address has 64: an address beyond that raises OverflowError. Write size_t, which holds an address everywhere.',
  );
  expect(diagnostic?.rule).toBe('narrow-address');
  expect(fixed(text, diagnostic)).toBe(inFunction('a = <void*><size_t>ptr'));
  expect(narrow(fixed(text, diagnostic))).toEqual([]);
});

test('a comment says that it is meant', () => {
  expect(flagged('a = <int>p  # binary-detective: ignore[cython/narrow-address]')).toEqual([]);
});
