import { describe, expect, test } from 'vitest';
import { untypedDataCode } from '../../../language-server/protocol/cython.ts';
import { fixed, lint, underlined } from '../../support/cython-lint.ts';

const told = (text: string) => lint(text).filter(({ code }) => code === untypedDataCode);
const flagged = (text: string): readonly string[] => underlined(text, told(text));
const inFunction = (parameters: string, ...lines: readonly string[]): string =>
  `cimport numpy as cnp\nimport numpy as np\ndef f(${parameters}):\n${lines.map(line => `    ${line}\n`).join('')}`;

describe('fires', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['the address of the memoryview', inFunction('a', 'p = <void*>a.data'), 'warning <void*>a.data'],
    ['copied into', inFunction('a, n', 'memcpy(<void*>a.data, p, n)'), 'warning <void*>a.data'],
    ['an attribute', inFunction('a', 'p = <void*>a.values.data'), 'warning <void*>a.values.data'],
    ['the transposed of a typed array', inFunction('cnp.ndarray a', 'p = <void*>a.T.data'), 'warning <void*>a.T.data'],
    ['an annotation of Python', inFunction('a: np.ndarray', 'p = <void*>a.data'), 'warning <void*>a.data'],
    ['char* of what has a dtype', inFunction('a', 'if a.dtype: pass', 'p = <char*>a.data'), 'warning <char*>a.data'],
    ['a number of what NumPy made', inFunction('', 'a = np.zeros(3)', 'p = <size_t>a.data'), 'warning <size_t>a.data'],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual([expected]));

  test('and no other rule says the same', () => {
    expect(lint(inFunction('a', 'p = <void*>a.data')).map(({ code }) => code)).toEqual([untypedDataCode]);
  });
});

describe('silent', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a typed array', inFunction('cnp.ndarray a', 'p = <void*>a.data')],
    ['a buffer', inFunction('cnp.ndarray[double] a', 'p = <void*>a.data')],
    ['a cast to a typed array', inFunction('a', 'p = <void*>(<cnp.ndarray>a).data')],
    ['ctypes', inFunction('a', 'p = <void*><size_t>a.ctypes.data')],
    ['bytes in an attribute of that name', inFunction('message', 'p = <char*>message.data')],
    ['an identity', inFunction('a', 'p = <size_t><void*>a.data')],
    ['a C struct', 'cdef struct S:\n    void* data\ncdef f(S* s):\n    p = <int*>s.data\n'],
    ['a comment', inFunction('a', 'p = <void*>a.data  # binary-detective: ignore[cython/untyped-data]')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});

describe('fixes', () => {
  test('type the argument', () => {
    const text = inFunction('a', 'p = <void*>a.data');
    expect(fixed(text, told(text)[0])).toBe(inFunction('cnp.ndarray a', 'p = <void*>a.data'));
  });

  test('cimport NumPy where the file does not', () => {
    const text = '# cython: language_level=3\nimport numpy as np\n\ndef f(a, b=1):\n    p = <void*>a.data\n';
    const after = fixed(text, told(text)[0]);
    expect(after).toBe(
      '# cython: language_level=3\nimport numpy as np\ncimport numpy as cnp\n\ndef f(cnp.ndarray a, b=1):\n    p = <void*>a.data\n',
    );
    expect(lint(after)).toEqual([]);
  });

  test('cast what is no parameter', () => {
    const text = inFunction('a', 'p = <void*>a.values.data');
    expect(fixed(text, told(text)[0])).toContain('p = <void*>(<cnp.ndarray>a.values).data');
  });

  test('the message says what is lost', () => {
    const [diagnostic] = told(inFunction('a, n', 'memcpy(<void*>a.data, p, n)'));
    expect(diagnostic?.message).toContain('What is written there never reaches the array.');
  });
});
