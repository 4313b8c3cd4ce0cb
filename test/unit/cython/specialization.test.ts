import { expect, test } from 'vitest';
import { lint, underlined } from '../../support/cython-lint.ts';

const preamble = `cimport cython
ctypedef fused anything:
    int
    object
    bytes
`;

test('each specialisation is linted, and the loudest says for which type it holds', () => {
  const text = `${preamble}def f(anything a):\n    p = <void*>a\n`;
  const [diagnostic, ...more] = lint(text);
  expect(more).toEqual([]);
  expect(diagnostic?.severity).toBe('error');
  expect(diagnostic?.message).toMatch(/^Where anything is bytes: "a" is a Python bytes object/u);
});

test('branches that are compiled for other types say nothing', () => {
  const branches = (test_: string): readonly string[] => {
    const text = `${preamble}def f(anything a):\n    if ${test_}:\n        p = <void*>a\n    else:\n        q = <void*>a\n`;
    return underlined(text, lint(text)).map(each => each.split(' ')[0] ?? '');
  };
  expect(branches('anything is int')).toEqual(['error']);
  expect(branches('anything is bytes')).toEqual(['error', 'information']);
  expect(branches('anything is not object')).toEqual(['error', 'information']);
  expect(branches('anything in (int, object)')).toEqual(['information', 'error']);
  expect(branches('a')).toEqual(['error', 'error']);
});

test('a method, a closure and a pointer of a fused type', () => {
  const text = `ctypedef fused kind:
    int
    object
cdef class C:
    def m(self, kind a):
        def inner():
            return <size_t><void*>NULL == <size_t>g(<void*>a)
        return inner
def v(cython.floating[:] x):
    return h(&x[0])
`;
  expect(underlined(text, lint(text)).filter(each => each.startsWith('info'))).toEqual([
    'information <void*>a',
    'information &x[0]',
  ]);
});

test('more combinations than anybody looks at end soon', () => {
  const types = Array.from(
    { length: 12 },
    (_, n) => `ctypedef fused t${n}:\n${Array.from({ length: 12 }, (_each, m) => `    T${m}\n`).join('')}`,
  );
  const text = `${types.join('')}def f(${Array.from({ length: 12 }, (_, n) => `t${n} a${n}`).join(', ')}):\n    p = <void*>a0\n`;
  expect(lint(text)).toEqual([]);
});
