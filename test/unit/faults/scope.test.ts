import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FaultScope } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, markedLine, shimFolder } from '../../support/faults-fixture.ts';

const { folder, compile, byHand, sweep, door } = faultsFixture();

compile('scope_library.c', ['-shared', '-fPIC'], 'libscope.so');
const scoped = compile('scope.c', ['-L', folder, '-lscope', `-Wl,-rpath,${folder}`]);

/** Which of its allocations a program says it was refused: all that are in scope. */
async function refused(variables: Readonly<Record<string, string>>, command = [scoped]): Promise<string> {
  const { stdout, stderr } = await byHand(command, { MALLOC_MAX_CALLED: '0', ...variables });
  expect(stderr).toBe('');
  return stdout.trim();
}

describe('MALLOC_FAULTS_INCLUDE and MALLOC_FAULTS_EXCLUDE, set by hand', () => {
  test.each([
    ['library:libscope.so', 'OCldBOCldB'],
    ['library:libsc*.s?', 'OCldBOCldB'],
    ['library:scope', 'ocLDbocLDb'],
    [`library:${folder}/*`, 'ocldbocldb'],
    ['library:/nowhere/*', 'OCLDBOCLDB'],
    ['library:libc.so.6', 'OcLdBOcLdB'],
    ['frames:1:libscope.so', 'OClDBOClDB'],
    ['frames:3:libscope.so', 'OCldbOCldb'],
    ['library:scope,library:libscope.so', 'ocldbocldb'],
    ['library:libscope.so,frames:1:libc.so.6', 'OCLdBOCLdB'],
  ])('%s', async (include, expected) => {
    expect(await refused({ MALLOC_FAULTS_INCLUDE: include })).toBe(expected);
  });

  test('what is excluded is out in any case', async () => {
    expect(await refused({ MALLOC_FAULTS_EXCLUDE: 'library:libscope.so' })).toBe('ocLDbocLDb');
    const both = { MALLOC_FAULTS_INCLUDE: 'frames:3:libscope.so', MALLOC_FAULTS_EXCLUDE: 'library:scope' };
    expect(await refused(both)).toBe('OCldBOCldB');
  });

  test('numbers run through what is in scope', async () => {
    const scope = { MALLOC_FAULTS_INCLUDE: 'library:libscope.so', MALLOC_MAX_CALLED: '' };
    expect(await refused({ ...scope, MALLOC_FAULTS_FAIL: '2' })).toBe('OCLDBOClDB');
    expect(await refused({ ...scope, MALLOC_FAULTS_FAIL: '1-2' })).toBe('OCLdBOClDB');
    expect(await refused({ ...scope, MALLOC_FAULTS_FAIL: 'every:2' })).toBe('OCLdBOCLdB');
  });

  test.each([
    'library:',
    'frames:0:x',
    'frames:65:x',
    'frames:x',
    'code:x',
    'code:x+0x2-0x1',
    'stack:1',
    'x',
    'library:a,',
  ])('%j is said, and nothing fails', async include => {
    const variables = { MALLOC_MAX_CALLED: '0', MALLOC_FAULTS_INCLUDE: include };
    const { stdout, stderr } = await byHand([scoped], variables);
    expect(stderr).toBe(
      `malloc-faults: MALLOC_FAULTS_INCLUDE or MALLOC_FAULTS_EXCLUDE is not understood: ${include}; nothing fails\n`,
    );
    expect(stdout).toBe('OCLDBOCLDB\n');
  });
});

describe('a sweep in a scope', () => {
  const refusals = async (scope: FaultScope, command = [scoped]): Promise<[number, string]> => {
    const { groups, clean, runs } = await sweep(command, { scope, mode: { kind: 'fromNth' } });
    expect(runs.map(({ verdict }) => verdict)).toEqual(runs.map(() => 'wrongOutput'));
    const [program = '', ...args] = groups.find(({ smallestN }) => smallestN === 0)?.reproduce ?? [];
    const again = await door.runProgram({ command: program, args, deadlineMs: 20_000 });
    return [clean.allocations, again.kind === 'exited' ? Buffer.from(again.stdout).toString().trim() : again.kind];
  };

  test.each<[FaultScope, number, string]>([
    [{ includeLibraries: ['libscope.so'] }, 4, 'OClDBOClDB'.replaceAll('D', 'd')],
    [{ excludeLibraries: ['libscope.so'] }, 6, 'ocLDbocLDb'],
    [{ includeLibraries: ['libscope.so'], frames: 3 }, 6, 'OCldbOCldb'],
    [{ includeFunctions: ['library_calls'] }, 2, 'OCLDbOCLDb'],
    [{ includeFunctions: ['own'] }, 4, 'oCLDboCLDb'],
    [{ includeFunctions: ['own'], excludeFunctions: ['library_calls'] }, 2, 'oCLDBoCLDB'],
    [{ includeFunctions: ['libscope.so:helper', 'copies'] }, 4, 'OclDBOclDB'],
    [{ includeFunctions: ['strdup'] }, 4, 'OcLdBOcLdB'],
    [{ includeFunctions: ['own'], includeLibraries: ['libscope.so'], frames: 8 }, 2, 'OCLDbOCLDb'],
    [{ includeFunctions: [`${join(folder, 'libscope.so')}:library_copy`] }, 2, 'OCLdBOCLdB'],
  ])('%j', async (scope, allocations, outcome) => {
    expect(await refusals(scope)).toEqual([allocations, outcome]);
  });

  test.each<[FaultScope, string]>([
    [{ includeFunctions: ['shop::Cart::add'] }, 'aTP'],
    [{ includeFunctions: ['shop::Cart::total', 'plain'] }, 'Atp'],
  ])('names of C++: %j', async (scope, outcome) => {
    const program = compile('cpp_scope.cc');
    expect((await refusals({ ...scope, start: 'main' }, [program]))[1]).toBe(outcome);
  });

  test('a call stack by the number that a run has told', async () => {
    const { runs } = await sweep([scoped], { mode: { kind: 'nth' } });
    const stacks = runs.map(({ stack }) => stack);
    // The loop's second round has the same stacks.
    expect(stacks.slice(5)).toEqual(stacks.slice(0, 5));
    expect(new Set(stacks).size).toBe(5);
    const [first = '', second = '', , fourth = ''] = stacks;
    expect(await refusals({ includeStacks: [first] })).toEqual([2, 'oCLDBoCLDB']);
    expect(await refusals({ excludeStacks: [second, fourth] })).toEqual([6, 'oClDboClDb']);
  });

  test.each<[FaultScope, RegExp]>([
    [{ includeFunctions: ['no_such_function'] }, /no function no_such_function .* Is the file stripped/u],
    [{ includeFunctions: ['libscope.so:own'] }, /^libscope\.so has no function own/u],
    [{ includeLibraries: ['a,b'] }, /"a,b" is no library/u],
    [{ includeStacks: ['12'] }, /"12" is no call stack/u],
    [{ includeLibraries: ['a'], frames: 65 }, /65 is no number of frames/u],
  ])('%j is refused', async (scope, message) => {
    await expect(sweep([scoped], { scope })).rejects.toMatchObject({
      kind: 'invalidParams',
      message: expect.stringMatching(message),
    });
  });

  test('in which nothing is', async () => {
    await expect(sweep([scoped], { scope: { includeLibraries: ['libm.so.6'] } })).rejects.toMatchObject({
      kind: 'notSupported',
      message: expect.stringContaining('ended without an allocation that is in scope'),
    });
  });
});

describe('windows', () => {
  const windows = compile('windows.c', ['-I', shimFolder]);
  test.each([
    ['', '0', '11111 5'],
    ['main', '0', '01111 4'],
    ['program', '0', '00110 2'],
    ['main', '1', '00111 4'],
    ['program', '1', '00010 2'],
  ])('MALLOC_FAULTS_START=%s, from allocation %s on', async (start, limit, expected) => {
    for (const flags of [[], ['-no-pie'], ['-O2', '-fno-plt']]) {
      const program = compile('windows.c', ['-I', shimFolder, ...flags], `windows${flags.join('')}`);
      const { stdout } = await byHand([program], { MALLOC_MAX_CALLED: limit, MALLOC_FAULTS_START: start });
      expect(stdout).toBe(`${expected}\n`);
    }
  });

  test('without the shim they are nothing', async () => {
    expect((await byHand([windows], { LD_PRELOAD: undefined })).stdout).toBe('00000 0\n');
  });

  test('what is neither main nor program is said', async () => {
    const { stderr, stdout } = await byHand([windows], { MALLOC_MAX_CALLED: '0', MALLOC_FAULTS_START: 'Main' });
    expect(stderr).toMatch(/MALLOC_FAULTS_START is neither main nor program: Main;/u);
    expect(stdout).toBe('11111 5\n');
  });

  test('a sweep from main on, and of the windows alone', async () => {
    expect((await sweep([windows])).clean.allocations).toBe(5);
    expect((await sweep([windows], { scope: { start: 'main' } })).clean.allocations).toBe(4);
    const swept = await sweep([windows], { scope: { start: 'program' } });
    expect(swept.runs.map(({ n, verdict }) => [n, verdict])).toEqual([
      [0, 'wrongOutput'],
      [1, 'wrongOutput'],
    ]);
  });
});

describe('following', () => {
  const follow: FaultScope = { follow: true };
  test('children and the program that it becomes are counted with it', async () => {
    const last = compile('dies_if_refused.c');
    const swept = await sweep([compile('children.c'), last], { scope: follow, mode: { kind: 'nth' } });
    expect(swept.clean).toMatchObject({ allocations: 6, stable: true });
    expect(swept.runs.map(({ n, exitCode, signal }) => [n, exitCode ?? signal])).toEqual([
      ...[0, 1].map(n => [n, 2]),
      ...[2, 3, 4].map(n => [n, 3]),
      [5, 'SIGSEGV'],
    ]);
    expect(swept.groups.find(({ verdict }) => verdict === 'crash')?.crashStack[0]).toMatchObject({
      function: 'main',
      line: markedLine('dies_if_refused.c', 'unchecked'),
    });
  });

  test('a program that another starts by a shell', async () => {
    const last = compile('dies_if_refused.c');
    const swept = await sweep(['env', 'A=b', last], { scope: { ...follow, includeLibraries: ['dies_if_refused'] } });
    expect(swept.runs).toMatchObject([{ n: 0, verdict: 'crash', signal: 'SIGSEGV' }]);
  });
});

describe('budgets', () => {
  const budget = compile('budget.c');
  test.each([
    ['budget:5500', '5 5 5000'],
    ['budget:999', '0 0 1000'],
    ['budget:1000', '1 1 1000'],
    ['budget:1000000', '10 10 101000'],
    ['total:5000', '5 0 1000'],
    ['total:0', '0 0 1000'],
  ])('%s', async (rule, expected) => {
    expect((await byHand([budget], { MALLOC_FAULTS_FAIL: rule })).stdout).toBe(`${expected}\n`);
  });

  test('a sweep has one run', async () => {
    const swept = await sweep([budget], { mode: { kind: 'budget', bytes: 5500 } });
    expect(swept.runs).toMatchObject([{ n: 5500, fails: 'MALLOC_FAULTS_FAIL=budget:5500', verdict: 'wrongOutput' }]);
    expect(swept.runs[0]?.message).toMatch(/allocations, the first of them at budget\.c:\d+ in main, failed\.$/u);
  });
});
