import { describe, expect, test } from 'vitest';
import { emptyAddressCode } from '../../../language-server/protocol/cython.ts';
import { fixed, lint, underlined } from '../../support/cython-lint.ts';

const told = (text: string) => lint(text).filter(({ code }) => code === emptyAddressCode);
const flagged = (text: string): readonly string[] => underlined(text, told(text));
const inFunction = (parameters: string, ...lines: readonly string[]): string =>
  `cimport numpy as np\nfrom libcpp.vector cimport vector\ncdef f(${parameters}):\n${lines.map(line => `    ${line}\n`).join('')}`;

describe('fires', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a memoryview', inFunction('double[::1] x', 'g(&x[0])'), 'information &x[0]'],
    ['of two dimensions', inFunction('double[:, ::1] x', 'g(&x[0, 0], n)'), 'information &x[0, 0]'],
    ['a buffer', inFunction('np.ndarray[double] x', 'g(&x[0])'), 'information &x[0]'],
    ['a vector', inFunction('vector[int] x', 'g(&x[0])'), 'information &x[0]'],
    ['a reference to a vector', inFunction('vector[int]& x', 'g(&x[0])'), 'information &x[0]'],
    ['without the GIL', inFunction('double[::1] x', 'with nogil:', '    g(&x[0])'), 'information &x[0]'],
    ['behind a cast', inFunction('double[::1] x', 'g(<void*>&x[0])'), 'information &x[0]'],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual([expected]));
});

describe('silent', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['its length is asked', inFunction('double[::1] x', 'if len(x) == 0: return', 'g(&x[0])')],
    ['its shape is asked', inFunction('double[::1] x', 'if x.shape[0] > 0:', '    g(&x[0])')],
    ['a name has its length', inFunction('double[::1] x', 'n = x.shape[0]', 'if n == 0: return', 'g(&x[0])')],
    ['a vector has a size', inFunction('vector[int] x', 'if x.size() == 0: return', 'g(&x[0])')],
    ['a vector is not empty', inFunction('vector[int] x', 'if x.empty(): return', 'g(&x[0])')],
    ['a condition beside it', inFunction('double[::1] x', 'g(&x[0] if x.shape[0] else NULL)')],
    ['a vector that is filled', inFunction('', 'cdef vector[int] x', 'x.push_back(3)', 'g(&x[0])')],
    ['made with elements', inFunction('', 'cdef double[::1] x = np.zeros(3)', 'g(&x[0])')],
    [
      'a view of an array with elements',
      inFunction('', 'a = np.zeros((3, 4))', 'cdef double[:, :] x = a', 'g(&x[0, 0])'),
    ],
    ['another element', inFunction('double[::1] x', 'g(&x[i])')],
    ['a pointer', inFunction('double* x', 'g(&x[0])')],
    ['an array of C', inFunction('', 'cdef int[3] x', 'g(&x[0])')],
    [
      'an attribute, which another method sets',
      'cdef class C:\n    cdef double[::1] x\n    def f(self):\n        g(&self.x[0])\n',
    ],
    ['a comment', inFunction('double[::1] x', 'g(&x[0])  # binary-detective: ignore')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});

describe('fixes', () => {
  test('data() of a vector', () => {
    const text = inFunction('vector[int] x', 'g(&x[0])');
    expect(fixed(text, told(text)[0])).toBe(inFunction('vector[int] x', 'g(x.data())'));
    expect(told(text)[0]?.fixes[0]?.isPreferred).toBe(true);
  });

  test('NULL of a memoryview without elements', () => {
    const text = inFunction('double[:, ::1] x', 'g(&x[0, 0])');
    const after = fixed(text, told(text)[0]);
    expect(after).toContain('g((&x[0, 0] if x.shape[0] and x.shape[1] else NULL))');
    expect(flagged(after)).toEqual([]);
  });
});
