import { describe, expect, test } from 'vitest';
import { objectAddressCode } from '../../../language-server/protocol/cython.ts';
import { lint, underlined } from '../../support/cython-lint.ts';

const flagged = (text: string, kind: 'pyx' | 'py' = 'pyx'): readonly string[] =>
  underlined(
    text,
    lint(text, {}, kind).filter(({ code }) => code === objectAddressCode),
  );

describe('conditional compilation', () => {
  const both = (test_: string): string =>
    `IF ${test_}:\n    ctypedef size_t word\nELSE:\n    ctypedef object word\ndef f(word a):\n    p = <void*>a\n`;

  test('DEF decides', () => {
    expect(flagged(`DEF A = True\n${both('A')}`)).toEqual([]);
    expect(flagged(`DEF A = False\n${both('A')}`)).toHaveLength(1);
    expect(flagged(`DEF A = 3\nDEF B = A > 2\n${both('not B')}`)).toHaveLength(1);
  });

  test('what the platform or the build decides is not known where the branches differ', () => {
    expect(flagged(both('UNAME_SYSNAME == "Windows"'))).toEqual([]);
    expect(flagged(both('FROM_SETUP'))).toEqual([]);
    expect(flagged(both('FROM_SETUP').replace('size_t', 'object'))).toHaveLength(1);
  });

  test('casts of a branch that is not compiled are not told', () => {
    expect(
      flagged('DEF A = 0\ndef f(a):\n    IF A:\n        p = <void*>a\n    ELSE:\n        q = <void*>a\n'),
    ).toHaveLength(1);
    expect(flagged('def f(a):\n    IF A:\n        p = <void*>a\n    ELIF B:\n        q = <void*>a\n')).toHaveLength(2);
  });
});

describe('templates', () => {
  const inFunction = (parameters: string, line: string): string =>
    `from libcpp.vector cimport vector
from libcpp.map cimport map
from libcpp.memory cimport unique_ptr
cdef extern from "x.h":
    cdef cppclass Box[T, U]:
        T* get()
        U second
        T both[2]
cdef f(${parameters}):
    ${line}
`;

  test('elements and methods of containers have the type of their arguments', () => {
    expect(flagged(inFunction('vector[size_t] v', 'p = <void*>v[0]'))).toEqual([]);
    expect(flagged(inFunction('vector[PyThing*] v', 'p = <void*>v.data()'))).toEqual([]);
    expect(flagged(inFunction('map[int, object] m', 'p = <void*>m[0]'))).toHaveLength(1);
    expect(flagged(inFunction('unique_ptr[int] u', 'p = <void*>u.get()'))).toEqual([]);
  });

  test('members of a class of the file have theirs', () => {
    expect(flagged(inFunction('Box[int, object] b', 'p = <void*>b.second'))).toHaveLength(1);
    expect(flagged(inFunction('Box[object, size_t]* b', 'p = <void*>b.second'))).toEqual([]);
    expect(flagged(inFunction('Box[object, size_t] b', 'p = <void*>b.both[0]'))).toHaveLength(1);
    expect(flagged(inFunction('Box[Elsewhere, int] b', 'p = <void*>b.both[0]'))).toEqual([]);
  });
});

describe('pure Python mode', () => {
  test('a file that does not import the compiler is no Cython', () => {
    expect(flagged('def f(z):\n    p = cython.cast(cython.p_void, z)\n', 'py')).toEqual([]);
    expect(flagged('import numpy, cython\ndef f(z):\n    p = cython.cast(cython.p_void, z)\n', 'py')).toHaveLength(1);
  });

  test('the result of a C function, by annotation or decorator', () => {
    const text = (decorators: string, annotation: string): string =>
      `import cython\n@cython.cfunc\n${decorators}def g()${annotation}:\n    pass\ndef f():\n    p = cython.cast(cython.p_void, g)\n    x = g()\n    p = cython.cast(cython.p_void, x)\n`;
    expect(flagged(text('', ' -> cython.size_t'), 'py')).toEqual([]);
    expect(flagged(text('@cython.returns(cython.p_int)\n', ''), 'py')).toEqual([]);
    expect(flagged(text('', ''), 'py')).toHaveLength(1);
  });

  test('Python of today is read: nothing in it is taken for a cast', () => {
    const text =
      'import cython\nmatch a:\n    case {"x": [b, *c]} if b < c > d:\n        pass\ntype X = int\ndef f[T](x: T, /, *, y: list[int] | None = None) -> dict[str, T]:\n    return x < y > (lambda: 0)\n';
    expect(flagged(text, 'py')).toEqual([]);
  });
});
