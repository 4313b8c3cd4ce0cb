import { describe, expect, test } from 'vitest';
import { lintCython } from '../../language-server/cython/lint.ts';
import { casePreamble, caseSource, contexts, type Operand, operands, targets } from '../support/cython-cases.ts';
import { fixed } from '../support/cython-lint.ts';
import { type CompiledCase, compileCases } from '../support/cython-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const [plain] = contexts;
if (plain === undefined) throw new Error('No context');
const preambleLines = casePreamble.split('\n').length - 1;

/** Casts that take an object's address and are meant to: a type, and any pointer to a struct of the interpreter. */
const isIntended = ({ parameters }: Operand, target: string): boolean =>
  parameters === 'type a' || target === 'PyObject*';

interface Case {
  readonly operand: Operand;
  readonly target: string;
  readonly source: string;
}

function casesOf(allowed: readonly (typeof contexts)[number][], used: readonly string[]): readonly Case[] {
  return operands.flatMap((operand, index) =>
    used.flatMap((target, t) =>
      allowed.flatMap((context, c) =>
        context.allows(operand)
          ? [{ operand, target, source: caseSource(`case_${index}_${t}_${c}`, operand, target, context) }]
          : [],
      ),
    ),
  );
}

/** Where the compiler takes an address, as `line:character` of the case. */
const truth = ({ casts }: CompiledCase): readonly string[] =>
  casts.filter(cast => cast.takesAddress).map(cast => `${cast.line}:${cast.character}`);

const found = (source: string): readonly string[] =>
  lintCython(casePreamble + source, { kind: 'pyx' }).map(
    ({ range }) => `${range.start.line - preambleLines}:${range.start.character}`,
  );

/** Refused for its cast, and not for what stands around it. */
const isRefusedCast = ({ errors }: CompiledCase): boolean =>
  [...errors.values()].every(message => /cast|Unsafe|unsafe C derivative|pointers of primitive/iu.test(message));

async function compare(cases: readonly Case[]): Promise<{ readonly casts: number; readonly wrong: readonly string[] }> {
  const compiled = await compileCases(
    folder,
    casePreamble,
    cases.map(({ source }) => source),
  );
  const wrong: string[] = [];
  let casts = 0;
  for (const [index, result] of compiled.entries()) {
    const one = cases[index];
    if (one === undefined || (result.errors.size > 0 && !isRefusedCast(result))) continue;
    casts += 1;
    const expected = isIntended(one.operand, one.target) ? [] : truth(result);
    const actual = found(one.source);
    if (expected.join() !== actual.join())
      wrong.push(`${one.source}compiler ${expected.join()}, lint ${actual.join()}`);
  }
  return { casts, wrong };
}

describe('the casts that take an address are those of the Cython compiler', () => {
  test('for each operand and target', async () => {
    const { casts, wrong } = await compare(casesOf([plain], targets));
    expect(wrong).toEqual([]);
    expect(casts).toBeGreaterThan(3500);
  });

  test('for each operand and context', async () => {
    const { casts, wrong } = await compare(casesOf(contexts, ['void*']));
    expect(wrong).toEqual([]);
    expect(casts).toBeGreaterThan(1300);
  });
});

test('the C that the compiler writes for a flagged cast holds the object itself', async () => {
  const cases = casesOf([plain], ['void*']);
  const compiled = await compileCases(
    folder,
    casePreamble,
    cases.map(({ source }) => source),
  );
  const emitted = compiled.flatMap(({ source, casts }) =>
    found(source).length > 0 ? casts.filter(cast => cast.takesAddress).map(cast => cast.c) : [],
  );
  expect(emitted.length).toBeGreaterThan(50);
  // A name of the source or a temporary that holds a reference, cast as it is: no call of a conversion.
  for (const c of emitted) expect(c).toMatch(/^\(\(void \*\)[\w>.()* -]+\)$/u);
  expect(emitted).toContain('((void *)__pyx_v_a)');
});

test('each quick fix compiles, and the cast that it gives takes no address of an object', async () => {
  const cases = casesOf([plain], ['void*', 'Point*']).flatMap(({ source }) => {
    const [diagnostic] = lintCython(casePreamble + source, { kind: 'pyx' });
    if (diagnostic === undefined || diagnostic.fixes.length === 0) return [];
    return [fixed(casePreamble + source, diagnostic).slice(casePreamble.length)];
  });
  const compiled = await compileCases(folder, casePreamble, cases);
  expect(cases.length).toBeGreaterThan(60);
  expect(compiled.filter(({ errors }) => errors.size > 0)).toEqual([]);
  expect(compiled.filter(result => truth(result).length > 0)).toEqual([]);
  expect(cases.filter(source => found(source).length > 0)).toEqual([]);
});
