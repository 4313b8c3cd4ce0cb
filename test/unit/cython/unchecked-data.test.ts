import { describe, expect, test } from 'vitest';
import { uncheckedDataCode } from '../../../language-server/protocol/cython.ts';
import { fixed, lint, underlined } from '../../support/cython-lint.ts';

const told = (text: string) => lint(text).filter(({ code }) => code === uncheckedDataCode);
const flagged = (text: string): readonly string[] => underlined(text, told(text));
const inFunction = (parameters: string, ...lines: readonly string[]): string =>
  `cimport numpy as np\ndef f(${parameters}):\n${lines.map(line => `    ${line}\n`).join('')}`;

describe('fires', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a typed array of any dtype', inFunction('np.ndarray a', 'p = <double*>a.data'), 'information <double*>a.data'],
    [
      'a buffer that may have strides',
      inFunction('np.ndarray[double] a', 'p = <double*>a.data'),
      'information <double*>a.data',
    ],
    [
      'the function of the C interface',
      inFunction('np.ndarray a', 'p = <int*>np.PyArray_DATA(a)'),
      'information <int*>np.PyArray_DATA(a)',
    ],
    [
      'a type of NumPy',
      inFunction('np.ndarray a', 'g(<np.float64_t*>a.data, a.shape[0])'),
      'information <np.float64_t*>a.data',
    ],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual([expected]));
});

describe('silent', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['the dtype is asked', inFunction('np.ndarray a', 'if a.dtype != np.float64: raise', 'p = <double*>a.data')],
    ['the flags are asked', inFunction('np.ndarray a', 'assert a.flags.c_contiguous', 'p = <double*>a.data')],
    ['the strides are used', inFunction('np.ndarray a', 'g(<double*>a.data, a.strides[0])')],
    ['PyArray_ISCARRAY', inFunction('np.ndarray a', 'if not np.PyArray_ISCARRAY(a): raise', 'p = <double*>a.data')],
    ['a function that checks', inFunction('np.ndarray a', '_check_array(a)', 'p = <double*>a.data')],
    ['made contiguous', inFunction('np.ndarray a', 'a = np.ascontiguousarray(a)', 'p = <double*>a.data')],
    ['made here', inFunction('', 'cdef np.ndarray a = np.zeros(3)', 'p = <double*>a.data')],
    ['a buffer with its mode', inFunction('np.ndarray[double, mode="c"] a', 'p = <double*>a.data')],
    ['bytes', inFunction('np.ndarray a', 'p = <char*>a.data', 'q = <unsigned char*>a.data')],
    ['nothing in particular', inFunction('np.ndarray a', 'p = <void*>a.data')],
    ['a memoryview', inFunction('double[::1] a', 'p = &a[0] if a.shape[0] else NULL')],
    ['a comment', inFunction('np.ndarray a', 'p = <double*>a.data  # noqa: cython/unchecked-data')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});

describe('the fix takes the address from a typed memoryview', () => {
  test('of one dimension', () => {
    const text = inFunction('np.ndarray a', '"""Sums."""', 'p = <double*>a.data');
    const after = fixed(text, told(text)[0]);
    expect(after).toBe(inFunction('np.ndarray a', '"""Sums."""', 'cdef double[::1] a_view = a', 'p = &a_view[0]'));
    expect(flagged(after)).toEqual([]);
  });

  test('of as many as the buffer says', () => {
    const text = inFunction('np.ndarray[double, ndim=2] a', 'p = <double*>a.data');
    const after = inFunction('np.ndarray[double, ndim=2] a', 'cdef double[:, ::1] a_view = a', 'p = &a_view[0, 0]');
    expect(fixed(text, told(text)[0])).toBe(after);
  });
});
