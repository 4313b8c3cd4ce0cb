/** What all cases have before them. */
export const casePreamble = `# cython: language_level=3
cimport cython
cimport numpy as np
import numpy
import array as pyarray
from cpython cimport array
from cpython.ref cimport PyObject
from libc.stdint cimport uintptr_t, int64_t
from libc.stdlib cimport malloc

cdef struct Point:
    int x
    void* data

ctypedef struct Pair:
    int first

ctypedef union Either:
    int one

ctypedef void* Handle
ctypedef Point* PointHandle
ctypedef const void* ConstHandle
ctypedef size_t Word
ctypedef void (*Callback)(void*)

cdef enum Color:
    RED = 1

cdef class Ext:
    cdef size_t number
    cdef object thing
    cdef void* pointer
    cdef bytes raw
    cdef Ext inner
    cdef public list items

cdef class Sub(Ext):
    cdef int more

cdef Point c_point
cdef size_t c_number = 5
cdef object c_object = None
py_global = 5
other_global = object()

cdef size_t c_function(x):
    return 1

cdef object c_object_function():
    return 1

cdef void* c_pointer_function():
    return NULL

def py_function(x):
    return x

class PyClass:
    attribute = 1

`;

/** An operand: its parameters, lines before the cast, the expression. */
export interface Operand {
  readonly parameters: string;
  readonly before: readonly string[];
  readonly expression: string;
}

const operand = (parameters: string, expression: string, ...before: readonly string[]): Operand => ({
  parameters,
  before,
  expression,
});

/** Operands of each kind that decides: objects and C values, named, reached, converted, inferred and demoted. */
export const operands: readonly Operand[] = [
  // Parameters.
  operand('a', 'a'),
  operand('object a', 'a'),
  operand('size_t a', 'a'),
  operand('Word a', 'a'),
  operand('int a', 'a'),
  operand('unsigned long long a', 'a'),
  operand('Py_ssize_t a', 'a'),
  operand('char* a', 'a'),
  operand('bint a', 'a'),
  operand('Color a', 'a'),
  operand('bytes a', 'a'),
  operand('bytearray a', 'a'),
  operand('str a', 'a'),
  operand('unicode a', 'a'),
  operand('list a', 'a'),
  operand('dict a', 'a'),
  operand('tuple a', 'a'),
  operand('set a', 'a'),
  operand('type a', 'a'),
  operand('Ext a', 'a'),
  operand('Ext a not None', 'a'),
  operand('np.ndarray a', 'a'),
  operand('array.array a', 'a'),
  operand('a=5', 'a'),
  operand('a=None', 'a'),
  operand('size_t a=5', 'a'),
  operand('*a', 'a'),
  operand('**a', 'a'),
  operand('x, *, a', 'a'),
  // Annotations.
  operand('a: int', 'a'),
  operand('a: float', 'a'),
  operand('a: object', 'a'),
  operand('a: bytes', 'a'),
  operand('a: list', 'a'),
  operand('a: numpy.ndarray', 'a'),
  operand('a: np.ndarray', 'a'),
  operand('a: Ext', 'a'),
  operand('a: cython.size_t', 'a'),
  operand('a: cython.int', 'a'),
  operand('a: cython.p_void', 'a'),
  operand('a: "int"', 'a'),
  operand('a: cython.size_t = 5', 'a'),
  // Attributes.
  operand('a', 'a.ptr'),
  operand('a', 'a.b.c'),
  operand('Ext a', 'a.number'),
  operand('Ext a', 'a.thing'),
  operand('Ext a', 'a.pointer'),
  operand('Ext a', 'a.raw'),
  operand('Ext a', 'a.items'),
  operand('Ext a', 'a.inner'),
  operand('Ext a', 'a.inner.number'),
  operand('Ext a', 'a.inner.thing'),
  operand('Ext a', 'a.undeclared'),
  operand('Sub a', 'a.number'),
  operand('Sub a', 'a.more'),
  operand('Sub a', 'a.thing'),
  operand('Sub a', 'a.undeclared'),
  operand('a', '(<Ext>a).number'),
  operand('a', '(<Ext>a).thing'),
  operand('np.ndarray a', 'a.data'),
  operand('np.ndarray a', 'a.shape'),
  operand('np.ndarray a', 'a.ndim'),
  operand('np.ndarray a', 'a.T'),
  operand('np.ndarray a', 'a.T.data'),
  operand('np.ndarray a', 'a.base'),
  operand('np.ndarray a', 'a.dtype'),
  operand('np.ndarray a', 'a.ctypes.data'),
  operand('a', '(<np.ndarray>a).data'),
  operand('a', 'a.data'),
  operand('array.array a', 'a.data.as_voidptr'),
  operand('array.array a', 'a.data.as_chars'),
  operand('array.array a', 'a.typecode'),
  operand('', 'c_point.data'),
  operand('', 'c_point.x'),
  operand('Point* a', 'a.data'),
  operand('Point* a', 'a.x'),
  // Subscripts.
  operand('a', 'a[0]'),
  operand('a', 'a[0][1]'),
  operand('a', "a['k']"),
  operand('a', 'a[0:1]'),
  operand('list a', 'a[0]'),
  operand('dict a', "a['k']"),
  operand('tuple a', 'a[0]'),
  operand('bytes a', 'a[0]'),
  operand('np.ndarray a', 'a[0]'),
  operand('np.ndarray[size_t] a', 'a[0]'),
  operand('np.ndarray[np.int64_t, ndim=2] a', 'a[0, 1]'),
  operand('np.ndarray[np.int64_t, ndim=2] a', 'a[0]'),
  operand('np.ndarray[object] a', 'a[0]'),
  operand('np.ndarray[size_t] a', 'a'),
  operand('np.ndarray[size_t] a', 'a.data'),
  operand('size_t[:] a', 'a[0]'),
  operand('size_t[:, :] a', 'a[0, 1]'),
  operand('object[:] a', 'a[0]'),
  operand('size_t[:] a', '&a[0]'),
  operand('void** a', 'a[0]'),
  operand('size_t* a', 'a[2]'),
  operand('a', "a.__array_interface__['data'][0]"),
  // Module names.
  operand('', 'py_global'),
  operand('', 'other_global'),
  operand('', 'c_number'),
  operand('', 'c_object'),
  operand('', '&c_point'),
  operand('', 'RED'),
  operand('', 'c_function'),
  // Temporaries and conversions.
  operand('a', 'a()'),
  operand('a', 'int(a)'),
  operand('a', 'a.f()'),
  operand('a', '(a + 1)'),
  operand('a', '(-a)'),
  operand('a', 'c_object_function()'),
  operand('a', 'c_function(a)'),
  operand('a', 'c_pointer_function()'),
  operand('a', 'len(a)'),
  operand('a, b', '(a if b else b)'),
  operand('a, b', '(a.x if b else b[0])'),
  operand('a, b', '(a() if b else b)'),
  operand('a, size_t b', '(a if b else b)'),
  operand('size_t a, size_t b', '(a if b else b)'),
  operand('a, b', '(a or b)'),
  operand('a, b', '(a and b)'),
  operand('a, b', '(a)'),
  operand('a', '<object>a'),
  operand('a', '<list>a'),
  operand('a', '<Ext>a'),
  operand('a', '<Ext?>a'),
  operand('a', '<bytes>a'),
  operand('a', '<size_t>a'),
  operand('a', '<uintptr_t>a'),
  operand('a', '<size_t>a.ptr'),
  operand('a', '<size_t>(a + 1)'),
  operand('size_t a', '(a + 1)'),
  operand('size_t a', '(-a)'),
  operand('char* a', '(a + 1)'),
  operand('', '0'),
  operand('', 'NULL'),
  operand('', '1.5'),
  // Locals.
  operand('', 'x', 'x = 5'),
  operand('', 'x', 'x = 5', 'x += 1'),
  operand('', 'x', 'x = 5', 'x = x * 2'),
  operand('', 'x', 'x = 5', 'x = x | 2'),
  operand('', 'x', 'x = 5', 'y = -x'),
  operand('', 'x', 'x = 5', 'y = x + 1'),
  operand('', 'x', 'x = 99999999999'),
  operand('z', 'x', 'x = 5', 'x = z'),
  operand('z', 'x', 'x = int(z)'),
  operand('z', 'x', 'x = z.ptr'),
  operand('z', 'x', 'x = len(z)'),
  operand('z', 'x', 'x = <size_t>z'),
  operand('z', 'x', 'x = <void*><size_t>z'),
  operand('size_t z', 'x', 'x = z'),
  operand('size_t z', 'x', 'x = z + 1'),
  operand('size_t z', 'x', 'x = z', 'y = x + 1'),
  operand('Ext z', 'x', 'x = z'),
  operand('Ext z', 'x', 'x = z.number'),
  operand('Ext z', 'x', 'x = z.thing'),
  operand('', 'x', 'x = Ext()'),
  operand('', 'x', 'x = PyClass()'),
  operand('', 'x', 'x = c_pointer_function()'),
  operand('', 'x', 'x = c_object_function()'),
  operand('', 'x', 'x = malloc(3)'),
  operand('', 'x', "x = b'abc'"),
  operand('', 'x', "x = 'abc'"),
  operand('', 'x', "x = u'abc'"),
  operand('', 'x', 'x = 1.5'),
  operand('', 'x', 'x = [1, 2]'),
  operand('', 'x', 'x = {}'),
  operand('z', 'x', 'x = (z, 2)'),
  operand('', 'x', 'x = None'),
  operand('', 'x', 'x = NULL'),
  operand('z', 'x', 'x = bytes(z)'),
  operand('z', 'x', 'x = bytearray(z)'),
  operand('z', 'x', 'x = str(z)'),
  operand('z', 'x', 'x = z if z else 1'),
  operand('z', 'x', 'x = lambda: z'),
  operand('z', 'x', 'x = [i for i in z]'),
  operand('z', 'x', 'x, y = z'),
  operand('z', 'x', 'x, y = 1, z'),
  operand('z', 'y', 'x, y = 1, z'),
  operand('', 'x', 'cdef size_t x = 5'),
  operand('', 'x', 'cdef object x = 5'),
  operand('', 'x', 'cdef x = 5'),
  operand('', 'x', 'cdef int y, x'),
  operand('', 'x', 'cdef void *y, *x'),
  operand('', 'x', 'cdef int x[4]'),
  operand('', 'x', 'cdef:', '    size_t x'),
  operand('', 'x', 'cdef Point x'),
  operand('', '&x', 'cdef Point x'),
  operand('', '&x', 'cdef int x'),
  operand('', 'x', 'x: cython.size_t = 5'),
  operand('', 'x', 'x = cython.declare(cython.size_t, 5)'),
  operand('z', 'x', 'for x in z: pass'),
  operand('z', 'x', 'for x in range(10): pass'),
  operand('z', 'x', 'for x in range(z): pass'),
  operand('z', 'x', 'for x in range(z, 10): pass'),
  operand('size_t z', 'x', 'for x in range(z, 10): pass'),
  operand('size_t z', 'x', 'for x in range(0, z, 2): pass'),
  operand('bytes z', 'x', 'for x in z: pass'),
  operand('list z', 'x', 'for x in z: pass'),
  operand('size_t[:] z', 'x', 'for x in z: pass'),
  operand('z', 'x', 'with z as x: pass'),
  operand('z', 'z', 'z = z + 1'),
  operand('size_t z', 'z', 'z += 1'),
  operand('z', 'x', 'x = z == 1'),
  operand('z', 'x', 'x = not z'),
  operand('z', 'x', 'x = True'),
  operand('size_t z', 'x', 'x = z & 3'),
  operand('size_t z', 'x', 'x = z', 'x = 2'),
  operand('size_t z', 'x', 'x = z', 'x = None'),
  operand('char* z', 'x', 'x = z + 1'),
  operand('Point* z', 'x', 'x = z.data'),
  operand('Point* z', 'x', 'x = z[0].data'),
  operand('', 'x', 'x = &c_point'),
  operand('', 'x', 'import os as x'),
  operand('', 'x', 'from os import path as x'),
];

/** Targets of casts: those whose pointer takes an object's address, and their neighbours that do not. */
export const targets: readonly string[] = [
  'void*',
  'const void*',
  'Handle',
  'ConstHandle',
  'Point*',
  'PointHandle',
  'Either*',
  'PyObject*',
  'void**',
  'char*',
  'double*',
  'Callback',
  'size_t',
  'object',
  'Ext',
];

/** A function that holds a case. */
export interface Context {
  readonly name: string;
  /** Whether Cython's grammar has the operand's lines there. */
  readonly allows: (operand: Operand) => boolean;
  readonly lines: (name: string, parameters: string, body: readonly string[]) => string;
}

const always = (): boolean => true;

export const contexts: readonly Context[] = [
  { name: 'def', allows: always, lines: (name, parameters, body) => block(`def ${name}(${parameters}):`, body) },
  {
    name: 'cdef',
    allows: ({ parameters }) => !/(^|[^\w])\*/u.test(parameters),
    lines: (name, parameters, body) => block(`cdef ${name}(${parameters}):`, body),
  },
  { name: 'method', allows: always, lines: (name, parameters, body) => method('cdef class', name, parameters, body) },
  { name: 'python method', allows: always, lines: (name, parameters, body) => method('class', name, parameters, body) },
  {
    name: 'closure',
    allows: always,
    lines: (name, parameters, body) =>
      block(`def ${name}(${parameters}):`, [
        ...body.slice(0, -1),
        'def inner():',
        `    ${body.at(-1) ?? ''}`,
        'return inner',
      ]),
  },
  {
    name: 'generator',
    allows: always,
    lines: (name, parameters, body) => block(`def ${name}(${parameters}):`, [...body, 'yield 1']),
  },
  {
    name: 'branch',
    // Cython has no `cdef` inside a control structure.
    allows: ({ before }) => !before.some(line => line.startsWith('cdef')),
    lines: (name, parameters, body) =>
      block(`def ${name}(${parameters}):`, ['if True:', ...body.map(line => `    ${line}`)]),
  },
];

function method(keyword: string, name: string, parameters: string, body: readonly string[]): string {
  const head = parameters === '' ? 'def m(self):' : `def m(self, ${parameters}):`;
  return block(`${keyword} C${name}:`, block(head, body).trimEnd().split('\n'));
}

function block(head: string, body: readonly string[]): string {
  return `${head}\n${body.map(line => `    ${line}\n`).join('')}`;
}

/** A function with one cast of the operand, in a file after {@link casePreamble}. */
export function caseSource(
  name: string,
  { parameters, before, expression }: Operand,
  target: string,
  context: Context,
): string {
  return context.lines(name, parameters, [...before, `p = <${target}>${expression}`]);
}
