import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyFixes } from '../../language-server/cython/diagnostics/apply-fixes.ts';
import { lintCython } from '../../language-server/cython/lint.ts';
import { rules } from '../../language-server/cython/rules/rules.ts';
import { casePreamble, caseSource, contexts, operands, targets } from '../support/cython-cases.ts';
import { fixed as applied } from '../support/cython-lint.ts';
import { scopePrograms } from '../support/cython-programs/scopes.ts';
import { typePrograms } from '../support/cython-programs/types.ts';

/** Whole functions and classes among them, in which every rule speaks. */
const pages = rules.flatMap(({ id }) => {
  const page = readFileSync(new URL(`../../docs/rules/${id}.md`, import.meta.url), 'utf8');
  return [...page.matchAll(/```cython\n([\s\S]*?)```/gu)].map(match => `cimport numpy as cnp\n${match[1]}`);
});

const corpus = operands.slice(0, 120).map((operand, index) => {
  const context = contexts[index % contexts.length];
  const target = targets[index % targets.length] ?? 'void*';
  return context === undefined ? '' : caseSource(`f${index}`, operand, target, context);
});

const fragments = [
  '<void*>',
  '<',
  '>',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ':',
  '\n',
  '\r\n',
  '\t',
  '    ',
  '"""',
  "'",
  '#',
  '\\\n',
  'def ',
  'cdef ',
  'cdef class ',
  'lambda ',
  'for ',
  ' in ',
  'include "x.pxi"',
  'from x cimport *',
  'ctypedef ',
  'struct ',
  ' if ',
  ' else ',
  '**',
  '🕵',
  '\u0000',
  '\ufeff',
  '@',
  '=',
  ',',
  'cython.cast(',
  'new ',
  'global a',
  'a',
  'object',
  '99999999999999999999',
  'f"{',
  '...',
  '->',
  'enum:',
  'property p:',
  'ctypedef fused T:\n    int\n    object\n',
  'IF A:',
  'ELSE:',
  'DEF A = 1\n',
  'cppclass V[T]:',
  'vector[a].x',
  '&a[0]',
  'self.p = ',
  '<object>p',
  '<double*>a.data',
  'T is object',
  'cython.struct(',
  'cython.declare(',
  'import cython as c\n',
  '@cython.cfunc\n',
  'np.ndarray[double, mode="c"]',
  'return ',
  'assert ',
]; // prettier-ignore

/** A source with parts cut, doubled, swapped or put in. */
const mutated = fc
  .tuple(
    fc.shuffledSubarray([...corpus, ...pages, ...typePrograms, ...scopePrograms], { minLength: 1, maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom(...fragments)), { maxLength: 12 }),
  )
  .map(([parts, edits]) =>
    edits.reduce((text, [at, length, fragment]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + fragment + text.slice(start + length);
    }, parts.join('\n')),
  );

const soup = fc.array(fc.constantFrom(...fragments), { maxLength: 400 }).map(parts => parts.join(''));
const text = fc.oneof(mutated, soup, fc.string({ unit: 'binary', maxLength: 500 }));

test('any text gives diagnostics that stand inside it', () => {
  fc.assert(
    fc.property(
      text,
      fc.constantFrom('pyx' as const, 'pxd' as const, 'pxi' as const, 'py' as const),
      (source, kind) => {
        const lines = source.split(/\r\n|\r|\n/u);
        for (const { range, fixes } of lintCython(source, { kind, readSibling: () => source })) {
          for (const { start, end } of [range, ...fixes.flatMap(fix => fix.edits.map(edit => edit.range))]) {
            expect(start.line).toBeLessThanOrEqual(end.line);
            expect(end.line).toBeLessThan(lines.length);
            expect(start.character).toBeLessThanOrEqual(lines[start.line]?.length ?? -1);
            expect(end.character).toBeLessThanOrEqual(lines[end.line]?.length ?? -1);
          }
        }
      },
    ),
    { numRuns: 4000 },
  );
});

test('the fixes of any text come to an end, and leave a text that can be linted', () => {
  fc.assert(
    fc.property(mutated, source => {
      const fixed = applyFixes(
        source,
        each => lintCython(each, { kind: 'pyx' }),
        () => true,
      );
      expect(fixed).not.toBeNull();
    }),
    { numRuns: 300 },
  );
});

test('each fix of any text changes the line that it is for, or a declaration, and can be linted', () => {
  fc.assert(
    fc.property(mutated, source => {
      for (const diagnostic of lintCython(source, { kind: 'pyx' })) {
        for (const index of diagnostic.fixes.keys()) {
          const after = applied(source, diagnostic, index);
          expect(after).not.toBe(source);
          lintCython(after, { kind: 'pyx' });
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('while a line is typed, nothing is said that the whole text does not say', () => {
  const whole = corpus.filter(source => lintCython(casePreamble + source, { kind: 'pyx' }).length === 0);
  expect(whole.length).toBeGreaterThan(30);
  // An operand that is still being typed is another operand; what stands above is as it was.
  const above = casePreamble.split('\n').length - 1;
  for (const source of whole) {
    const last = source.lastIndexOf('p = ');
    for (let length = 0; length < last; length += 1) {
      const diagnostics = lintCython(`${casePreamble}${source.slice(0, length)}\n`, { kind: 'pyx' });
      expect(diagnostics.filter(({ range }) => range.start.line < above)).toEqual([]);
    }
  }
});

describe('deep or long texts stay within the stack', () => {
  const big = 20_000;
  const texts: Readonly<Record<string, string>> = {
    parentheses: '('.repeat(big),
    casts: `x = ${'<void*>'.repeat(big)}a`,
    unary: `x = ${'-'.repeat(big)}a`,
    not: `x = ${'not '.repeat(big)}a`,
    attributes: `x = <void*>a${'.b'.repeat(big)}`,
    calls: `x = a${'()'.repeat(big)}`,
    'nested calls': `x = ${'f('.repeat(big)}${')'.repeat(big)}`,
    'call chains in call chains': `x = ${`a${'.b()'.repeat(200)}(`.repeat(100)}${')'.repeat(100)}`,
    sums: `x = ${'a + '.repeat(big)}<void*>a`,
    powers: `x = ${'a ** '.repeat(big)}a`,
    comparisons: `x = ${'a < '.repeat(big)}a`,
    lambdas: `x = ${'lambda: '.repeat(big)}a`,
    conditionals: `x = ${'a if b else '.repeat(big)}a`,
    lists: `x = ${'['.repeat(big)}${']'.repeat(big)}`,
    blocks: Array.from({ length: 2000 }, (_, level) => `${' '.repeat(level)}if a:\n`).join(''),
    'blocks on a line': 'if a: '.repeat(big),
    definitions: Array.from({ length: 2000 }, (_, level) => `${' '.repeat(level)}def f(a):\n`).join(''),
    declarators: `cdef int ${'(*'.repeat(big)}a${')'.repeat(big)}`,
    templates: `cdef ${'vector['.repeat(big)}int${']'.repeat(big)} a`,
    pointers: `cdef int ${'*'.repeat(big)}a`,
    aliases: `def f(a):\n${Array.from({ length: big }, (_, n) => `    x${n + 1} = x${n}\n`).join('')}    p = <void*>x${big}\n`,
    typedefs: `${Array.from({ length: big }, (_, n) => `ctypedef T${n} T${n + 1}\n`).join('')}def f(a):\n    p = <T${big}>a\n`,
    decorators: '@a\n'.repeat(big),
    dots: `cdef ${'a.'.repeat(big)}b c`,
    'fused types in fused types': `ctypedef fused T0:\n    int\n    object\n${Array.from({ length: 200 }, (_, n) => `ctypedef fused T${n + 1}:\n    T${n}\n    list\n`).join('')}def f(T200 a):\n    p = <void*>a\n`,
    'conditions at compile time': `${'IF A:\n    cdef int x\nELIF B:\n    cdef object x\nELSE:\n    cdef x\n'.repeat(2000)}p = <void*>x\n`,
    'names that are given one another': `cdef class C:\n    cdef char* p\n    def f(self):\n${Array.from({ length: 3000 }, (_, n) => `        x${n + 1} = x${n}\n`).join('')}        x0 = x3000\n        self.p = <char*>x3000\n`,
    'pointers kept': `cdef class C:\n    cdef char* p\n    def f(self, s):\n${'        b = s.encode()\n        self.p = <char*>b\n'.repeat(3000)}`,
    'arrays in templates': `cdef f(vector[${'vector['.repeat(90)}int${']'.repeat(90)}] v):\n    p = <void*>v${'[0]'.repeat(90)}\n`,
  };

  test.each(Object.keys(texts))('%s', name => {
    expect(Array.isArray(lintCython(texts[name] ?? '', { kind: 'pyx' }))).toBe(true);
  });
});

test('files that include and cimport one another in a circle end', () => {
  const source = 'include "a.pxi"\ncimport b\nfrom .c cimport *\nfrom . cimport d\ndef f(a):\n    p = <void*>a\n';
  expect(lintCython(source, { kind: 'pyx', readSibling: () => source })).toHaveLength(1);
});
