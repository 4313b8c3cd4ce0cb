import { expect, test } from 'vitest';
import { fixed, lint } from '../support/cython-lint.ts';
import { compileCases } from '../support/cython-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

const preamble = `# cython: language_level=3
cimport numpy as np
import numpy
from libc.stdint cimport uintptr_t
cdef extern from *:
    void take "(void)" (void* p) nogil

`;

/** One of each kind of fix that changes more than the cast itself. */
const sources: readonly string[] = [
  'def c0(a):\n    take(<void*>a.data)\n',
  'def c1(a, b=None):\n    """Doc."""\n    take(<void*>b.data)\n',
  'def c2(np.ndarray a):\n    take(<void*>a.T.data)\n',
  'def c3(a):\n    take(<void*>a)\n',
  'def c4(a=5, *, c=None):\n    take(<void*>c)\n    take(<void*>a)\n',
  'def c5(np.ndarray a):\n    """Doc."""\n    cdef double* p = <double*>a.data\n    take(p)\n',
  'def c6(np.ndarray[double, ndim=2] a, n): take(<double*>a.data)\n',
  'def c15(np.ndarray[double, ndim=2] a, n):\n    return take(<double*>a.data)\n',
  'def c7(np.ndarray a):\n    for i in range(3):\n        take(<np.int32_t*>a.data)\n',
  'cdef c8(double[::1] x):\n    take(&x[0])\n',
  'cdef c9(double[:, ::1] x):\n    with nogil:\n        take(&x[0, 0])\n',
  'cdef bytes c10(void* p):\n    return <bytes>p\n',
  'cdef class C11:\n    def m(self, a):\n        take(<void*>a.data)\n',
  'def c12(ptr):\n    take(<void*><int>ptr)\n',
  'def c13(bytes a):\n    take(<void*>a)\n',
  'def c14(a):\n    take(<void*>a)\n    return len(a)\n',
];

test('every quick fix of every rule gives a source that the compiler takes, and that its rule no longer speaks of', async () => {
  const cases = sources.flatMap(source => {
    const text = preamble + source;
    return lint(text).flatMap(diagnostic =>
      diagnostic.fixes.map((fix, index) => ({
        fix,
        code: diagnostic.code,
        after: fixed(text, diagnostic, index),
        before: text,
      })),
    );
  });
  expect(new Set(cases.map(({ code }) => code)).size).toBe(6);
  expect(cases.length).toBeGreaterThan(20);
  // What a fix adds to the top of the file would move the others' lines: here each cimports NumPy itself.
  const compiled = await compileCases(
    folder,
    preamble,
    cases.map(({ after }, index) => after.slice(preamble.length).replace(/\b(c|C)\d+(?=\(|:)/u, `$1ase${index}`)),
  );
  const refused = compiled.flatMap(({ source, errors }) => (errors.size === 0 ? [] : [`${source}${[...errors]}`]));
  expect(refused).toEqual([]);
  const still = cases.filter(({ after, before, code }) => {
    const count = (text: string): number => lint(text).filter(each => each.code === code).length;
    return count(after) >= count(before);
  });
  expect(still.map(({ after, fix }) => `${fix.title}: ${after.slice(preamble.length)}`)).toEqual([]);
});
