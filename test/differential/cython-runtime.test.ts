import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { lint } from '../support/cython-lint.ts';
import { compileCython } from '../support/cython-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Seed cases of the rules, as a module that tells what each does when it runs; what the comment names is told on its line. */
const source = `# cython: language_level=3
from cpython.ref cimport PyObject
from cpython.bytes cimport PyBytes_AS_STRING
from libc.string cimport memcmp
cdef extern from "Python.h":
    PyObject* PyDict_GetItem(object d, object k)

def untyped(a):
    return <size_t><void*>a == id(a), <size_t>(<char*><void*>a) == id(a)

def copied(number):
    cdef void* p = <void*>number                    # object-address
    return <size_t>p == id(number), <size_t>p == number

def by_number(number):
    cdef void* p = <void*><size_t>number
    return <size_t>p == number

def of_bytes(bytes b):
    cdef void* wrong = <void*>b                     # object-address
    cdef void* right = <void*><char*>b
    return <size_t>wrong == id(b), memcmp(right, PyBytes_AS_STRING(b), len(b)) == 0

cdef class Holder:
    cdef object thing
    cdef size_t number
    def __init__(self, thing):
        self.thing = thing
        self.number = 5
    def addresses(self):
        cdef void* p = <void*>self.thing            # object-address
        cdef void* q = <void*>self.number
        return <size_t>p == id(self.thing), <size_t>q == 5

def demoted(z):
    x = 5
    cdef void* before = <void*>x                    # object-address
    x = z
    return <size_t>before == id(5)

def inferred():
    x = 5
    cdef void* p = <void*>x
    return <size_t>p == 5

def data_of(a):
    view = a.data
    cdef void* p = <void*>a.data                    # untyped-data
    return <size_t>p != a.address, <size_t>p == id(view)

def data_to_text(a):
    if a.shape: pass
    cdef char* p = <char*>a.data                    # untyped-data
    return p != NULL

def narrow(address):
    cdef void* p = <void*><int>address              # narrow-address
    return <size_t>p

def narrow_value(size_t address):
    cdef void* p = <void*><int>address              # narrow-address
    return <size_t>p == address

def reinterpreted(b):
    cdef void* p = <void*>b                         # object-address
    back = <object>p
    return back is b

def copied_text(bytes b):
    cdef char* p = b
    copy = <bytes>p
    return copy == b, copy is b

def missing(d):
    cdef PyObject* p = PyDict_GetItem(d, "absent")
    return p == NULL

def empty(double[::1] x):
    cdef double* p = &x[0]                          # empty-address
    return p != NULL
`;

const probe = `
import array, json, cases

class Array:
    """As an array of NumPy: .data is a memoryview, the memory lies elsewhere."""
    def __init__(self):
        self.memory = array.array("d", [1.0, 2.0])
        self.address = self.memory.buffer_info()[0]
        self.data = memoryview(self.memory)
        self.shape = (2,)

def outcome(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return type(error).__name__

big = 0x7f3112345678
print(json.dumps({
    "untyped": cases.untyped([]),
    "copied": cases.copied(big),
    "by_number": cases.by_number(big),
    "of_bytes": cases.of_bytes(b"some bytes that have a length"),
    "holder": cases.Holder([1]).addresses(),
    "demoted": cases.demoted(7),
    "inferred": cases.inferred(),
    "data_of": cases.data_of(Array()),
    "data_to_text": outcome(cases.data_to_text, Array()),
    "narrow": outcome(cases.narrow, big),
    "narrow_value": cases.narrow_value(big),
    "reinterpreted": cases.reinterpreted([1]),
    "copied_text": cases.copied_text(b"text"),
    "missing": cases.missing({}),
    "empty": outcome(cases.empty, array.array("d")),
}))
`;

const folder = temporaryFolder();
let answers: Record<string, unknown> = {};

beforeAll(async () => {
  const { errors } = await compileCython(folder, 'cases.pyx', source);
  expect([...errors]).toEqual([]);
  const python = (code: string): string =>
    execFileSync('/usr/bin/python3', ['-c', code], { encoding: 'utf8', cwd: folder }).trim();
  const include = python('import sysconfig; print(sysconfig.get_path("include"))');
  // -O0: the question is what is taken, not how fast.
  execFileSync('cc', [
    '-O0',
    '-w',
    '-shared',
    '-fPIC',
    `-I${include}`,
    '-o',
    join(folder, 'cases.so'),
    join(folder, 'cases.pyx.c'),
  ]);
  writeFileSync(join(folder, 'probe.py'), probe);
  answers = JSON.parse(execFileSync('/usr/bin/python3', ['probe.py'], { encoding: 'utf8', cwd: folder })) as Record<
    string,
    unknown
  >;
}, 120_000);

test('what the lint tells of the seed cases is what they are marked with', () => {
  const lines = source.split('\n');
  const marked = lines.flatMap((line, index) => {
    const rule = /# ([a-z]+-[a-z-]+)$/u.exec(line)?.[1];
    return rule === undefined ? [] : [`${index + 1} ${rule}`];
  });
  const told = lint(source)
    .filter(({ range }) => !(lines[range.start.line] ?? '').includes('id(a)'))
    .map(({ range, rule }) => `${range.start.line + 1} ${rule}`);
  expect(told).toEqual(marked);
});

describe('what the compiled module does', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['a cast of an untyped argument is its id()', 'untyped', [true, true]],
    ['of a number it is the object, not the number', 'copied', [true, false]],
    ['by way of size_t it is the number', 'by_number', true],
    ['of bytes the object, by way of char* the bytes', 'of_bytes', [true, true]],
    ['of an attribute the object, of a C one its value', 'holder', [true, true]],
    ['of a local that is an object later the object', 'demoted', true],
    ['of a local that is C its value', 'inferred', true],
    ['of .data the memoryview, not the memory', 'data_of', [true, true]],
    ['.data does not convert to char*', 'data_to_text', 'TypeError'],
    ['a number beyond an int does not convert', 'narrow', 'OverflowError'],
    ['a C value beyond an int is cut', 'narrow_value', false],
    ['an object comes back as it was', 'reinterpreted', true],
    ['bytes of a char* are a copy', 'copied_text', [true, false]],
    ['a look-up that finds nothing is NULL', 'missing', true],
    ['the first of no elements raises', 'empty', 'IndexError'],
  ];
  test.each(cases)('%s', (_, name, expected) => expect(answers[name]).toEqual(expected));
});

test('the C of a cast that takes the address has no conversion, and that of its fix has one', () => {
  const c = readFileSync(join(folder, 'cases.pyx.c'), 'utf8');
  expect(c).toContain('__pyx_v_p = ((void *)__pyx_v_number);');
  expect(c).toMatch(/__pyx_t_\d+ = __Pyx_PyInt_As_size_t\(__pyx_v_number\)/u);
});
