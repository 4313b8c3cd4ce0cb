import { expect, test } from 'vitest';
import { type CythonOutlineEntry, cythonOutline } from '../../../language-server/cython/language/outline.ts';

const source = `cimport cython
cdef extern from "stdio.h" nogil:
    ctypedef struct FILE:
        pass
    int puts(const char*)
    enum: EOF, BUFSIZ
    cdef cppclass Shape "ns::Shape":
        double area()

ctypedef unsigned long word
ctypedef fused number:
    int
    double

cdef struct node:
    node* next
    int value

cdef enum Color:
    red
    green = 3

cdef class Tree(Base):
    cdef node* root
    cdef public list names
    property size:
        def __get__(self):
            return 1
    cpdef int depth(self) except -1:
        return 0
    @staticmethod
    def make():
        def inner():
            pass
        return inner

cdef inline void* address(a) nogil:
    cdef void* p = <void*>a
    return p

async def later():
    pass

cdef int counter, other = 3
class Plain:
    x = 1
    def f(self): pass
def broken(:
def fine(): pass
`;

function lines(entries: readonly CythonOutlineEntry[], indent = ''): readonly string[] {
  return entries.flatMap(({ name, kind, detail, children }) => [
    `${indent}${kind} ${name}${detail === '' ? '' : ` (${detail})`}`,
    ...lines(children, `${indent}  `),
  ]);
}

test('everything that a source declares, below what it is declared in', () => {
  expect(lines(cythonOutline(source))).toMatchInlineSnapshot(`
    [
      "block extern "stdio.h" (cdef extern)",
      "  struct FILE (struct)",
      "  function puts",
      "  enum enum",
      "    enumMember EOF",
      "    enumMember BUFSIZ",
      "  struct Shape (cppclass)",
      "    method area",
      "type word (ctypedef)",
      "type number (fused)",
      "struct node (struct)",
      "  field next",
      "  field value",
      "enum Color (enum)",
      "  enumMember red",
      "  enumMember green",
      "class Tree (cdef class)",
      "  field root",
      "  field names",
      "  property size (property)",
      "    method __get__ (def)",
      "  method depth (cpdef)",
      "  method make (def)",
      "    function inner (def)",
      "function address (cdef)",
      "function later (def)",
      "variable counter",
      "variable other",
      "class Plain (class)",
      "  method f (def)",
      "function fine (def)",
    ]
  `);
});

test('each name is where it says', () => {
  const texts = source.split('\n');
  const check = (entries: readonly CythonOutlineEntry[]): void => {
    for (const { name, kind, range, selectionRange, children } of entries) {
      if (kind !== 'block' && name !== 'enum') {
        const { line, character } = selectionRange.start;
        expect(texts[line]?.slice(character, selectionRange.end.character)).toBe(name);
      }
      // A client refuses an outline in which a name is outside of what it names.
      expect(range.start.line).toBeLessThanOrEqual(selectionRange.start.line);
      expect(range.end.line).toBeGreaterThanOrEqual(selectionRange.end.line);
      check(children);
    }
  };
  check(cythonOutline(source));
});

test('a range holds the whole of what it names', () => {
  const [tree] = cythonOutline('cdef class A:\n    def f(self):\n        if self:\n            return 1\n\n\nx = 1\n');
  expect(tree?.range).toMatchObject({ start: { line: 0 }, end: { line: 3, character: 20 } });
  expect(tree?.children[0]?.range.end.line).toBe(3);
});

test('junk has none', () => {
  expect(cythonOutline('\0<<<((')).toEqual([]);
});
