import { expect, test } from 'vitest';
import { cythonHover } from '../../../language-server/cython/language/hover.ts';

const source = `cdef struct node:
    node* next
def f(a, bytes b, size_t n, double d, list l, node* p, char* c):
    q = <void*>a
    q = <char*>b
    q = <size_t>a
    q = <object>p
    q = <bytes>c
    q = <void*>p
    q = <void*>n
    q = <size_t>p
    q = <int>d
    q = <list>a
    q = <list?>a
    q = <void*><size_t>a
    q = <void*>unheard
    k = b
    return k, p.next, l
`;

/** What is said where the text `at` first stands, `offset` characters into it. */
function said(at: string, offset = 1, compiled: string | null = null): string | undefined {
  const index = source.indexOf(at) + offset;
  const before = source.slice(0, index).split('\n');
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return cythonHover(source, position, { kind: 'pyx' }, compiled)?.markdown;
}

test.each([
  ['<void*>a', /address of the Python object `a` itself.*`<void\*><size_t>a`/u],
  ['<char*>b', /characters inside of the bytes object `b`.*not copied/u],
  ['<size_t>a', /Converts the Python object `a` to the C number `size_t`/u],
  ['<object>p', /memory at `p` for a Python object.*NULL/u],
  ['<bytes>c', /Copies the characters at `c`/u],
  ['<void*>p', /same address/u],
  ['<void*>n', /number `n` for an address/u],
  ['<size_t>p', /address `p` as a number/u],
  ['<int>d', /fraction/u],
  ['<list>a', /without a look/u],
  ['<list?>a', /raises TypeError/u],
])('a cast %s', (cast, expected) => {
  expect(said(cast, 0)).toMatch(expected);
  // On the type in it as well.
  expect(said(cast, 1)).toMatch(expected);
});

test('of two casts the one under the pointer', () => {
  expect(said('<void*><size_t>a', 0)).toContain('number `<size_t>a` for an address');
  expect(said('<void*><size_t>a', 7)).toContain('Converts the Python object');
});

test('names have their inferred types, and those of the compiler before', () => {
  expect(said('return k', 7)).toBe('`k` is `bytes`.');
  expect(said('p.next', 2)).toBe('`next` is `struct node *`.');
  expect(said(', l\n', 2)).toBe('`l` is `list`.');
  expect(said('return k', 7, 'bytes object')).toBe('`k` is `bytes object`, says the Cython compiler.');
});

test('nothing is said where nothing is known, or is there', () => {
  expect(said('= <void*>unheard', 0)).toBeUndefined();
  expect(said('def f', 0)).toBeUndefined();
});
