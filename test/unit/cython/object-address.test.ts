import { describe, expect, test } from 'vitest';
import { objectAddressCode } from '../../../language-server/protocol/cython.ts';
import { fixed, lint, underlined } from '../../support/cython-lint.ts';

/** The levels and texts of what is flagged. */
const flagged = (text: string, siblings: Readonly<Record<string, string>> = {}): readonly string[] =>
  underlined(text, lint(text, siblings));

const inFunction = (parameters: string, ...lines: readonly string[]): string =>
  `def f(${parameters}):\n${lines.map(line => `    ${line}\n`).join('')}`;

describe('what a cast of an untyped parameter says', () => {
  const text = inFunction('a', 'p = <void*>a');
  const [diagnostic] = lint(text);

  test('a sentence that names the operand, why it is an object, and the right form', () => {
    expect(diagnostic?.message).toBe(
      '"a" is a Python object here (an untyped parameter), so <void*>a is the address of the object itself, not the ' +
        'address stored in it. Write <void*><size_t>a to get the number that it holds.',
    );
    expect(diagnostic).toMatchObject({ code: objectAddressCode, rule: 'object-address', severity: 'information' });
  });

  test('a quick fix by way of the integer, which is then fine', () => {
    expect(fixed(text, diagnostic)).toBe(inFunction('a', 'p = <void*><size_t>a'));
    expect(diagnostic?.fixes).toMatchObject([
      { title: 'Write <void*><size_t>a', isPreferred: true },
      { title: 'Declare size_t a', isPreferred: false },
      { title: 'Declare cnp.ndarray a, and write a.data', isPreferred: false },
    ]);
    expect(flagged(fixed(text, diagnostic))).toEqual([]);
  });

  test('the cast of the file that has the right form', () => {
    const source = inFunction('a, b', 'q = <void*><size_t>b', 'p = <void*>a');
    expect(lint(source)[0]?.message).toContain('(as line 2 does: <void*><size_t>b)');
  });
});

describe('levels', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['an operand that may be anything', inFunction('a', 'p = <void*>a'), ['information <void*>a']],
    ['a name that says address', inFunction('ptr', 'p = <void*>ptr'), ['warning <void*>ptr']],
    ['arithmetic with a number', inFunction('a', 'b = a + 8', 'p = <void*>a'), ['warning <void*>a']],
    ['an int made of it', inFunction('a', 'b = int(a)', 'p = <void*>a'), ['warning <void*>a']],
    ['a local that is an int', inFunction('a', 'b = int(a)', 'p = <void*>b'), ['warning <void*>b']],
    ['an attribute that says address', inFunction('a', 'p = <void*>a.ptr'), ['warning <void*>a.ptr']],
    ['NumPy by way of ctypes', inFunction('a', 'p = <void*>a.ctypes.data'), ['warning <void*>a.ctypes.data']],
    [
      'the array interface',
      inFunction('a', "p = <void*>a.__array_interface__['data'][0]"),
      ["warning <void*>a.__array_interface__['data'][0]"],
    ],
    ['free', inFunction('a', 'free(<void*>a)'), ['warning <void*>a']],
    ['its own length beside it', inFunction('a', 'g(<void*>a, len(a))'), ['warning <void*>a']],
    ['bytes', inFunction('bytes a', 'p = <void*>a'), ['error <void*>a']],
    ['bytearray', inFunction('bytearray a', 'p = <void*>a'), ['error <void*>a']],
    ['text', inFunction('unicode a', 'p = <void*>a'), ['error <void*>a']],
    ['a dict', inFunction('dict a', 'p = <void*>a'), ['hint <void*>a']],
    ['a tuple of arguments', inFunction('*a', 'p = <void*>a'), ['hint <void*>a']],
    ['references that are counted', inFunction('a', 'Py_INCREF(a)', 'p = <void*>a'), ['hint <void*>a']],
    ['a comparison', inFunction('a', 'b = <void*>a == p'), ['hint <void*>a']],
    ['a name that says user data', inFunction('callback', 'p = <void*>callback'), ['hint <void*>callback']],
    [
      'a C function beside it',
      `cdef void run(void* a):\n    pass\n\n${inFunction('a', 'start(run, <void*>a)')}`,
      ['hint <void*>a'],
    ],
    ['None for NULL', inFunction('', 'p = <void*>None'), ['information <void*>None']],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(flagged(text)).toEqual(expected));
});

describe('what is meant is not flagged', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['self', 'cdef class C:\n    def m(self):\n        start(<void*>self)\n'],
    ['self of a Python class', 'class C:\n    def m(self):\n        start(<void*>self)\n'],
    ['an identity', inFunction('a', 'return <size_t><void*>a')],
    ['a round trip', inFunction('a', 'return <object><void*>a')],
    ['a pointer to an object', `from cpython.ref cimport PyObject\n${inFunction('a', 'p = <PyObject*>a')}`],
    ['a type', inFunction('', 'p = <void*>int')],
    ['a class', `cdef class C:\n    pass\n${inFunction('', 'p = <void*>C')}`],
    ['what the C interface of NumPy takes', inFunction('a', 'p = PyArray_MultiIterNew(1, <void*>a)')],
    ['a C function', 'cdef void g():\n    pass\np = <void*>g\n'],
    [
      'a static method in C',
      'cdef class C:\n    @staticmethod\n    cdef void g(void* a):\n        pass\np = <void*>C.g\n',
    ],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});

describe('what is not known is not flagged', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a name from a star cimport', `from m cimport *\n${inFunction('', 'p = <void*>a')}`],
    ['a type from a star cimport', `from m cimport *\n${inFunction('T a', 'p = <void*>a')}`],
    ['a target from a star cimport', `from m cimport *\n${inFunction('a', 'p = <T*>a')}`],
    ['a type of a module that is not there', `from m cimport T\n${inFunction('T a', 'p = <void*>a')}`],
    ['its attributes', `from m cimport T\n${inFunction('T a', 'p = <void*>a.b')}`],
    [
      'a base class of a module that is not there',
      'from m cimport B\ncdef class C(B):\n    def m(self):\n        p = <void*>self.a\n',
    ],
    ['an include that is not there', `include "m.pxi"\n${inFunction('', 'p = <void*>a')}`],
    ['a name that nothing binds', inFunction('', 'p = <void*>a')],
    ['a constant', `DEF a = 5\n${inFunction('', 'p = <void*>a')}`],
    ['a fused type of numbers', `ctypedef fused T:\n    int\n    double\n${inFunction('T a', 'p = <void*>&a')}`],
    [
      'a fused type with one that is not known',
      `ctypedef fused T:\n    int\n    Elsewhere\n${inFunction('T a', 'p = <void*>a')}`,
    ],
    ['an annotation from a star cimport', `from m cimport *\n${inFunction('a: T', 'p = <void*>a')}`],
    ['arithmetic of what is not known', `from m cimport g\n${inFunction('', 'a = g() + 1', 'p = <void*>a')}`],
    ['a comparison', inFunction('a, b, c', 'd = a < b > c')],
    ['a comparison with stars', inFunction('a, b, c', 'd = a <b*c> b')],
    ['a cast in a string', inFunction('a', 'd = "<void*>a"', "'''", '<void*>a', "'''")],
    ['a cast in a comment', inFunction('a', 'pass  # <void*>a')],
  ];
  test.each(cases)('%s', (_, text) => expect(flagged(text)).toEqual([]));
});

describe('files beside the source', () => {
  test('the .pxd of the module types an attribute', () => {
    const text = 'cdef class C:\n    def m(self):\n        p = <void*>self.a\n        q = <void*>self.b\n';
    expect(flagged(text, { '.pxd': 'cdef class C:\n    cdef size_t a\n' })).toEqual(['information <void*>self.b']);
  });

  test('a cimported module gives types and names', () => {
    const siblings = { 'm.pxd': 'ctypedef size_t word\ncdef class C:\n    cdef word a\n    cdef object b\n' };
    const text = `from m cimport C, word\n${inFunction('C c, word w, o', 'p = <void*>c.a', 'p = <void*>c.b', 'p = <void*>w')}`;
    expect(flagged(text, siblings)).toEqual(['information <void*>c.b']);
    expect(flagged(text.replace('from m', 'from .m'), siblings)).toEqual(['information <void*>c.b']);
    expect(flagged(text.replace('from m', 'from p.m'), { '../p/m.pxd': siblings['m.pxd'] })).toHaveLength(1);
  });

  test('a star cimport of a module that is there gives its names', () => {
    const text = `from m cimport *\n${inFunction('word w, o', 'p = <void*>w', 'p = <void*>o')}`;
    expect(flagged(text, { 'm.pxd': 'ctypedef size_t word\n' })).toEqual(['information <void*>o']);
  });

  test('an included file gives its names, and its own casts are not told here', () => {
    const included = 'ctypedef void* Handle\ndef g(a):\n    p = <void*>a\n';
    expect(flagged(`include "m.pxi"\n${inFunction('a', 'p = <Handle>a')}`, { 'm.pxi': included })).toEqual([
      'information <Handle>a',
    ]);
  });
});

describe('fixes', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a typedef', inFunction('a', 'p = <Handle>a'), 'p = <Handle><size_t>a'],
    ['spaces', inFunction('a', 'p = < void * > a'), 'p = < void * > <size_t>a'],
    ['parentheses', inFunction('a', 'p = (<void*>(a))'), 'p = (<void*><size_t>(a))'],
    ['bytes', inFunction('bytes a', 'p = <void*>a'), 'p = <void*><char*>a'],
    ['what has a length', inFunction('a', 'g(<void*>a, len(a))'), 'g(<void*><char*>a, len(a))'],
    ['NULL', inFunction('', 'p = <void*>None'), 'p = <void*>NULL'],
    ['an array', `cimport numpy as np\n${inFunction('np.ndarray a', 'p = <void*>a')}`, 'p = <void*>a.data'],
    ['.data', `cimport numpy as np\n${inFunction('a', 'p = <void*>a.data')}`, 'def f(np.ndarray a):'],
  ];
  test.each(cases)('%s', (_, source, line) => {
    const text = `ctypedef void* Handle\n${source}`;
    expect(fixed(text, lint(text)[0])).toContain(line);
  });
});

test('a comment on the line keeps a rule, or all, quiet', () => {
  const line = (comment: string): string => inFunction('a', `p = <void*>a  # ${comment}`);
  expect(flagged(line(`binary-detective: ignore[${objectAddressCode}]`))).toEqual([]);
  expect(flagged(line(`binary-detective: ignore[cython/other, ${objectAddressCode}]`))).toEqual([]);
  expect(flagged(line('binary-detective: ignore'))).toEqual([]);
  expect(flagged(line('binary-detective: ignore[cython/other]'))).toHaveLength(1);
  expect(flagged(inFunction('a', 'x = "# binary-detective: ignore"; p = <void*>a'))).toHaveLength(1);
});

test('pure Python mode imports the compiler', () => {
  const typed = inFunction('a: cython.size_t, b: int', 'p = <void*>a', 'p = <void*>b');
  expect(flagged(`import cython\n${typed}`)).toEqual(['information <void*>b']);
  const named = inFunction('a: uintptr_t, b', 'p = <void*>a', 'p = <void*>b');
  expect(flagged(`from cython.cimports.libc.stdint import uintptr_t\n${named}`)).toEqual(['information <void*>b']);
  const decorated = `@cython.cfunc\ndef g() -> cython.size_t:\n    return 1\n${inFunction('', 'a = g()', 'p = <void*>a')}`;
  expect(flagged(`import cython\n${decorated}`)).toEqual([]);
});

test('cython.cast is the same cast', () => {
  expect(flagged(`cimport cython\n${inFunction('a', 'p = cython.cast(cython.p_void, a)')}`)).toEqual([
    'information cython.cast(cython.p_void, a)',
  ]);
  expect(flagged(`cimport cython\n${inFunction('a: cython.size_t', 'p = cython.cast(cython.p_void, a)')}`)).toEqual([]);
});
