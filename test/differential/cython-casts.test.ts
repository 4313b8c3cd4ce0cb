import { describe, expect, test } from 'vitest';
import { type LintDiagnostic, lintCython } from '../../language-server/cython/lint.ts';
import { objectAddressCode, untypedDataCode } from '../../language-server/protocol/cython.ts';
import { casePreamble, caseSource, contexts, type Operand, operands, targets } from '../support/cython-cases.ts';
import { fixed } from '../support/cython-lint.ts';
import { type CompiledCase, compileCases, compileCython } from '../support/cython-oracle.ts';
import { pureProgram } from '../support/cython-programs/pure.ts';
import { scopePrograms } from '../support/cython-programs/scopes.ts';
import { typePrograms } from '../support/cython-programs/types.ts';
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

const found = (source: string): readonly string[] => foundIn([source])[0] ?? [];

/** What is said of casts that take the address of an object. */
function addressesIn(text: string, kind: 'pyx' | 'py' = 'pyx'): readonly LintDiagnostic[] {
  return lintCython(text, { kind }).filter(({ code }) => code === objectAddressCode || code === untypedDataCode);
}

/** Where the lint flags a cast, for each of the sources: they are linted as one file. */
function foundIn(sources: readonly string[]): readonly (readonly string[])[] {
  const flagged: string[][] = sources.map(() => []);
  const owners = sources.flatMap((source, index) =>
    source
      .split('\n')
      .slice(1)
      .map((_, line) => ({ index, line })),
  );
  for (const { range } of addressesIn(casePreamble + sources.join(''))) {
    const owner = owners[range.start.line - preambleLines];
    flagged[owner?.index ?? 0]?.push(`${owner?.line}:${range.start.character}`);
  }
  return flagged;
}

/** Refused for its cast, and not for what stands around it. */
const isRefusedCast = ({ errors }: CompiledCase): boolean =>
  [...errors.values()].every(message => /cast|Unsafe|unsafe C derivative|pointers of primitive/iu.test(message));

async function compare(cases: readonly Case[]): Promise<{ readonly casts: number; readonly wrong: readonly string[] }> {
  const compiled = await compileCases(
    folder,
    casePreamble,
    cases.map(({ source }) => source),
  );
  const flagged = foundIn(cases.map(({ source }) => source));
  const wrong: string[] = [];
  let casts = 0;
  for (const [index, result] of compiled.entries()) {
    const one = cases[index];
    if (one === undefined || (result.errors.size > 0 && !isRefusedCast(result))) continue;
    casts += 1;
    const expected = isIntended(one.operand, one.target) ? [] : truth(result);
    const actual = flagged[index] ?? [];
    if (expected.join() !== actual.join())
      wrong.push(`${one.source}compiler ${expected.join()}, lint ${actual.join()}`);
  }
  return { casts, wrong };
}

describe('the casts that take an address are those of the Cython compiler', () => {
  test('for each operand and target', async () => {
    const { casts, wrong } = await compare(casesOf([plain], targets));
    expect(wrong).toEqual([]);
    expect(casts).toBeGreaterThan(2500);
  });

  test('for each operand and context', async () => {
    const { casts, wrong } = await compare(casesOf(contexts, ['void*']));
    expect(wrong).toEqual([]);
    expect(casts).toBeGreaterThan(1300);
  });
});

/** How often each line holds a cast of the kind, so that a cast written as a call may begin anywhere in it. */
function perLine(lines: readonly number[]): readonly string[] {
  const counts = new Map<number, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b).map(([line, count]) => `${line}: ${count}`);
}

test('in whole programs: scopes, closures, classes, inference, declarations', async () => {
  const text = casePreamble + [...scopePrograms, ...typePrograms].join('');
  const { errors, casts } = await compileCython(folder, 'programs.pyx', text);
  expect([...errors]).toEqual([]);
  expect(casts.length).toBeGreaterThan(200);
  const lines = text.split('\n');
  const shown = (counts: readonly string[]): readonly string[] =>
    counts.map(each => `${each} ${lines[Number.parseInt(each, 10)]?.trim()}`);
  const expected = perLine(casts.filter(cast => cast.takesAddress).map(cast => cast.line));
  const actual = perLine(addressesIn(text).map(({ range }) => range.start.line));
  expect(shown(actual)).toEqual(shown(expected));
  expect(expected.length).toBeGreaterThan(80);
});

test('in pure Python mode', async () => {
  const { errors, casts } = await compileCython(folder, 'pure_program.py', pureProgram);
  expect([...errors]).toEqual([]);
  const linesOf = (lines: readonly number[]): readonly number[] => [...new Set(lines)].sort((a, b) => a - b);
  const expected = linesOf(casts.filter(cast => cast.takesAddress).map(cast => cast.line));
  expect(linesOf(addressesIn(pureProgram, 'py').map(({ range }) => range.start.line))).toEqual(expected);
  expect(expected).toHaveLength(10);
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
    const [diagnostic] = addressesIn(casePreamble + source);
    const count = diagnostic?.fixes.length ?? 0;
    return Array.from({ length: count }, (_, index) =>
      fixed(casePreamble + source, diagnostic, index).slice(casePreamble.length),
    );
  });
  const compiled = await compileCases(folder, casePreamble, cases);
  expect(cases.length).toBeGreaterThan(60);
  expect(compiled.filter(({ errors }) => errors.size > 0)).toEqual([]);
  expect(compiled.filter(result => truth(result).length > 0)).toEqual([]);
  expect(cases.filter(source => found(source).length > 0)).toEqual([]);
});
