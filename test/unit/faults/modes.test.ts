import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nothingFails } from '../../../language-server/faults/injection.ts';
import { createScratch } from '../../../language-server/faults/scratch.ts';
import { recordStacks } from '../../../language-server/faults/stacks.ts';
import { findTarget } from '../../../language-server/faults/target.ts';
import type { FaultMode, FaultProgress } from '../../../language-server/protocol/faults.ts';
import { bugsOf, faultsFixture, markedLine } from '../../support/faults-fixture.ts';

const { compile, byHand, sweep, environment, shim, door } = faultsFixture();
const whichFail = compile('which_fail.c');
const modes = compile('modes.c');

/** Which of so many allocations fail by the rules. */
async function failing(rules: string, count = 30): Promise<number[]> {
  const { stdout, stderr } = await byHand([whichFail, String(count)], { MALLOC_FAULTS_FAIL: rules });
  expect(stderr).toBe('');
  return stdout.split(' ').filter(Boolean).map(Number);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('MALLOC_FAULTS_FAIL, set by hand', () => {
  test.each<[string, (number: number, bytes: number) => boolean]>([
    ['5', number => number === 5],
    ['0', number => number === 0],
    ['5,6', number => number === 5 || number === 6],
    ['20,3,8-11', number => [20, 3, 8, 9, 10, 11].includes(number)],
    ['25-', number => number >= 25],
    ['0-', () => true],
    ['99', () => false],
    ['99999999999999999999999', () => false],
    ['every:1', () => true],
    ['every:7', number => [6, 13, 20, 27].includes(number)],
    ['every:31', () => false],
    ['probability:1', () => true],
    ['probability:0', () => false],
    ['size:64', (_, bytes) => bytes === 64],
    ['size:64-128', (_, bytes) => bytes >= 64 && bytes <= 128],
    ['size:400-', (_, bytes) => bytes >= 400],
    ['size:0-32,28', (number, bytes) => bytes <= 32 || number === 28],
  ])('%s', async (rules, fails) => {
    expect(await failing(rules)).toEqual(numbers(30).filter(number => fails(number, 16 * (number + 1))));
  });

  test.each(['x', '-1', '5,', ',', '5-3', '5 ', 'every:0', 'every:', 'every:2x', 'probability:2', 'probability:1e-3'])(
    '%j is said, and nothing fails',
    async rules => {
      const { stdout, stderr } = await byHand([whichFail, '30'], { MALLOC_FAULTS_FAIL: rules });
      expect(stderr).toBe(`malloc-faults: MALLOC_FAULTS_FAIL is not understood: ${rules}; nothing fails by it\n`);
      expect(stdout).toBe('');
    },
  );

  test('a probability draws about its share, the same by the same seed and others by others', async () => {
    const drawn = await failing('probability:0.25:7', 20_000);
    // Four standard deviations of a binomial distribution.
    expect(Math.abs(drawn.length - 5000)).toBeLessThan(4 * Math.sqrt(20_000 * 0.25 * 0.75));
    expect(await failing('probability:0.25:7', 20_000)).toEqual(drawn);
    const others = await failing('probability:0.25:8', 20_000);
    const shared = others.filter(number => drawn.includes(number)).length;
    expect(Math.abs(shared - 1250)).toBeLessThan(4 * Math.sqrt(20_000 * 0.0625 * 0.9375));
    // So rare that the shim has to look several times where the next one is; beside a size it is asked each time.
    const rare = await failing('probability:0.0002:3', 50_000);
    expect(rare.length).toBeGreaterThan(0);
    expect(await failing('probability:0.0002:3,size:1', 50_000)).toEqual(rare);
  });

  test('a limit beside the rules holds too; without one there is none', async () => {
    const { stdout } = await byHand([whichFail, '10'], { MALLOC_FAULTS_FAIL: '2', MALLOC_MAX_CALLED: '8' });
    expect(stdout).toBe('2 8 9 ');
    expect((await byHand([compile('counts.c')], { MALLOC_FAULTS_FAIL: '1500000' })).stdout).toBe('1500000\n');
  });

  test.each([
    'malloc',
    'calloc',
    'realloc',
    'reallocarray',
    'aligned_alloc',
    'memalign',
    'valloc',
    'pvalloc',
    'posix_memalign',
  ])('%s fails once, with ENOMEM, and by its size', async allocator => {
    const allocators = compile('allocators.c');
    const outcomes = async (rules: string): Promise<string> =>
      (await byHand([allocators, allocator], { MALLOC_FAULTS_FAIL: rules })).stdout;
    expect(await outcomes('2')).toBe('1 block 0\n2 block 0\n3 NULL ENOMEM\n4 block 0\n');
    const size = allocator === 'aligned_alloc' ? 128 : 10;
    expect(await outcomes(`size:${size}`)).toBe('1 NULL ENOMEM\n2 NULL ENOMEM\n3 NULL ENOMEM\n4 NULL ENOMEM\n');
    expect(await outcomes(`size:0-${size - 1},size:${size + 1}-`)).not.toContain('NULL');
  });

  test('eight threads miss no failure and have none too many', async () => {
    const program = compile('threads.c');
    const { clean } = await sweep([program], { maxPoints: 1 });
    const before = clean.allocations - 8000;
    // As close together as can be, so that threads pass each other at them.
    const every = Array.from({ length: 256 }, (_, index) => before + 10 + 30 * index);
    for (const rules of [every.join(), `${before + 100}-${before + 355}`]) {
      const { stdout } = await byHand([program], { MALLOC_FAULTS_FAIL: rules });
      expect(Number(stdout)).toBe(8000 - 256);
    }
    const alone = await failing('probability:0.01:5', clean.allocations);
    const drawn = alone.filter(number => number >= before);
    // What starts the threads must not fail.
    expect(drawn).toHaveLength(alone.length);
    const { stdout } = await byHand([program], { MALLOC_FAULTS_FAIL: 'probability:0.01:5' });
    expect(Number(stdout)).toBe(8000 - drawn.length);
  });

  test('a forked child has the failures of its parent that are still to come', async () => {
    const program = compile('forks.c');
    expect((await byHand([program], { MALLOC_FAULTS_FAIL: '5,7' })).status).toBe(8 * 16 + 8);
  });

  test('with MALLOC_FAULTS_CHILDREN=0 the variable goes no further', async () => {
    const program = compile('starts.c');
    const given = { MALLOC_FAULTS_FAIL: 'size:10' };
    const allocators = compile('allocators.c');
    expect((await byHand([program, allocators], given)).stdout).toContain('NULL');
    expect((await byHand([program, allocators], { ...given, MALLOC_FAULTS_CHILDREN: '0' })).stdout).not.toContain(
      'NULL',
    );
  });
});

describe('sweeps', () => {
  const nth = { kind: 'nth' } as const;
  const lineOf = (marker: string): number => markedLine('modes.c', marker);

  test('a bug behind a failure that is handled needs exactly one failure', async () => {
    const one = await sweep([modes, 'recovers'], { mode: nth });
    expect(bugsOf(one)).toEqual([`crash 0 line ${lineOf('after recovery')}`]);
    expect(one.plan).toMatchObject({ mode: 'nth', points: 2, firsts: 2 });
    expect(one.runs.map(({ fails, verdict }) => [fails, verdict])).toEqual([
      ['MALLOC_FAULTS_FAIL=0', 'crash'],
      ['MALLOC_FAULTS_FAIL=1', 'cleanError'],
    ]);
    expect(one.runs[0]?.message).toBe(
      `SIGSEGV at modes.c:${lineOf('after recovery')} in recovers, after the allocation at modes.c:${lineOf('cache')} in recovers, and no other, failed.`,
    );
    expect(bugsOf(await sweep([modes, 'recovers']))).toEqual([]);
  });

  test('a bug behind a second try needs all later ones to fail', async () => {
    expect(bugsOf(await sweep([modes, 'retries']))).toEqual([`crash 0 line ${lineOf('after retry')}`]);
    const one = await sweep([modes, 'retries'], { mode: nth });
    expect([bugsOf(one), one.verdicts.unaffected]).toEqual([[], 1]);
  });

  test.each<[FaultMode, string, number]>([
    [{ kind: 'list', numbers: '0,2' }, 'MALLOC_FAULTS_FAIL=0,2', 0],
    [{ kind: 'size', bytes: '64-128' }, 'MALLOC_FAULTS_FAIL=size:64-128', 64],
    [{ kind: 'list', numbers: '2-4,0' }, 'MALLOC_FAULTS_FAIL=2-4,0', 2],
  ])('two failures around one success: %j', async (mode, fails, n) => {
    const swept = await sweep([modes, 'pairs'], { mode });
    expect(swept.plan).toMatchObject({ mode: mode.kind, points: 1, firsts: 0 });
    expect(swept.runs).toMatchObject([{ n, fails, verdict: 'crash' }]);
    expect(bugsOf(swept)).toEqual([`crash ${n} line ${lineOf('both missing')}`]);
    expect(swept.runs[0]?.message).toContain(
      `after 2 allocations, the last of them at modes.c:${lineOf('second table')} in pairs, failed.`,
    );
    for (const sweptMode of [nth, { kind: 'fromNth' } as const]) {
      expect(bugsOf(await sweep([modes, 'pairs'], { mode: sweptMode }))).toEqual([]);
    }
    const [command = '', ...args] = swept.groups[0]?.reproduce ?? [];
    expect(args).toContain(fails);
    const again = await environment().door.runProgram({ command, args, deadlineMs: 20_000 });
    expect(again).toMatchObject({ kind: 'exited', signal: 'SIGSEGV' });
  });

  test('every third', async () => {
    const swept = await sweep([modes, 'pairs'], { mode: { kind: 'every', step: 3 } });
    expect(swept.runs).toMatchObject([{ n: 2, fails: 'MALLOC_FAULTS_FAIL=every:3', verdict: 'unaffected' }]);
  });

  test('a probability is a run for each seed, each the same when it is run again', async () => {
    const mode = { kind: 'probability', probability: 0.5, seed: 3, seeds: 40 } as const;
    const swept = await sweep([modes, 'pairs'], { mode });
    expect(swept.runs.map(({ n }) => n)).toEqual(numbers(40).map(index => 3 + index));
    expect(new Set(swept.runs.map(({ verdict }) => verdict))).toEqual(
      new Set(['unaffected', 'cleanError', 'crash', 'notReached']),
    );
    const seed = swept.groups[0]?.smallestN ?? 0;
    expect(swept.groups[0]?.reproduce).toContain(`MALLOC_FAULTS_FAIL=probability:0.5:${seed}`);
    const again = await sweep([modes, 'pairs'], { mode, only: seed });
    expect(again.runs).toMatchObject([{ n: seed, verdict: 'crash' }]);
  });

  test.each<FaultMode>([
    { kind: 'list', numbers: '' },
    { kind: 'list', numbers: '5-3' },
    { kind: 'list', numbers: '1;2' },
    { kind: 'list', numbers: numbers(257).join() },
    { kind: 'size', bytes: '1,2' },
    { kind: 'every', step: 0 },
    { kind: 'probability', probability: 0, seed: 0 },
    { kind: 'probability', probability: Number.NaN, seed: 0 },
  ])('%j is refused before anything runs', async mode => {
    const progress: FaultProgress[] = [];
    await expect(sweep([join('/nonexistent', 'program')], { mode, progress })).rejects.toMatchObject({
      kind: 'invalidParams',
    });
  });
});

describe('call stacks', () => {
  test('the first allocation of each comes first, then the others', async () => {
    const progress: FaultProgress[] = [];
    const swept = await sweep([compile('loop.c')], { progress });
    expect([swept.clean.stacks, swept.plan.firsts, swept.plan.points]).toEqual([3, 3, 7]);
    const order = progress.flatMap(step => (step.kind === 'started' ? [step.n] : []));
    expect(order).toEqual([0, 1, 6, 2, 3, 4, 5]);
  });

  test('those alone find the same bugs', async () => {
    const command = [compile('loop.c')];
    const all = await sweep(command);
    const firsts = await sweep(command, { points: 'stacks' });
    expect(firsts.runs.map(({ n }) => n)).toEqual([0, 1, 6]);
    expect(firsts.groups.map(({ verdict, smallestN, crashStack }) => [verdict, smallestN, crashStack])).toEqual(
      all.groups.map(({ verdict, smallestN, crashStack }) => [verdict, smallestN, crashStack]),
    );
  });

  test('twelve frames tell one from another', async () => {
    const { clean } = await sweep([compile('recursion.c')], { points: 'stacks' });
    expect([clean.allocations, clean.stacks]).toEqual([30, 12]);
  });

  test('eight threads at once have one for their common work', async () => {
    const { clean } = await sweep([compile('threads.c')], { maxPoints: 1 });
    // Beside it, those of what starts a thread.
    expect(clean.stacks).toBeGreaterThanOrEqual(2);
    expect(clean.stacks).toBeLessThan(10);
  });

  test('what looks alike is told apart, and what moved is the same', async () => {
    const alike = compile('alike.c');
    const { clean } = await sweep([alike], { maxPoints: 1 });
    expect([clean.allocations, clean.stacks]).toEqual([768, 256]);
    const grown = await sweep([alike, 'grow'], { maxPoints: 1 });
    expect([grown.clean.allocations, grown.clean.stacks]).toEqual([3200, 1]);
  });

  test('they have the same numbers in another run, wherever the loader puts the program', async () => {
    const target = findTarget({ command: [compile('alike.c')] });
    const scratch = await createScratch(door);
    const program = { door, target, scratch, shim: await shim(), leaks: false };
    const armed = { ...program, fails: nothingFails, deadlineMs: 600_000 };
    const record = async (): Promise<BigUint64Array | undefined> =>
      (await recordStacks({ ...armed, signal: new AbortController().signal }, 768))?.stacks;
    const stacks = await record();
    expect(new Set(stacks).size).toBe(256);
    expect(await record()).toEqual(stacks);
    await scratch.remove();
  });

  test('one point alone needs none', async () => {
    expect((await sweep([compile('loop.c')], { only: 1 })).clean.stacks).toBeNull();
  });
});
