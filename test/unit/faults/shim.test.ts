import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { compile, byHand, shim, sweep } = faultsFixture();
const allocators = compile('allocators.c');

/** Which of its four allocations the program got. */
async function outcomes(limit: string | undefined, allocator = 'malloc'): Promise<string[]> {
  const { stdout } = await byHand([allocators, allocator], { MALLOC_MAX_CALLED: limit });
  return stdout.trim().split('\n');
}

describe('MALLOC_MAX_CALLED, set by hand', () => {
  const block = 'block 0';
  const failed = 'NULL ENOMEM';
  test.each([
    ['0', [failed, failed, failed, failed]],
    ['1', [block, failed, failed, failed]],
    ['3', [block, block, block, failed]],
    ['4', [block, block, block, block]],
    ['', [block, block, block, block]],
    [undefined, [block, block, block, block]],
    ['99999999999999999999999999', [block, block, block, block]],
  ])('%j', async (limit, expected) => {
    expect(await outcomes(limit)).toEqual(expected.map((outcome, index) => `${index + 1} ${outcome}`));
  });

  test.each(['abc', '-1', '3x', ' 3', '1e3'])('%j is said to be no number, and nothing fails', async limit => {
    const { stdout, stderr } = await byHand([allocators], { MALLOC_MAX_CALLED: limit });
    expect(stderr).toBe(`malloc-faults: MALLOC_MAX_CALLED is not a number: ${limit}; 1000000 is taken\n`);
    expect(stdout).not.toContain('NULL');
  });

  test('the default is a million', async () => {
    const program = compile('counts.c');
    const { stdout } = await byHand([program], {});
    expect(stdout).toBe('1000000\n');
  });
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
  'strdup',
  'posix_memalign',
])('%s is counted, and fails with ENOMEM', async allocator => {
  expect(await outcomes('2', allocator)).toEqual(['1 block 0', '2 block 0', '3 NULL ENOMEM', '4 NULL ENOMEM']);
});

test('posix_memalign leaves errno alone: its value is the error', async () => {
  const program = compile('posix_errno.c');
  expect((await byHand([program], { MALLOC_MAX_CALLED: '0' })).status).toBe(0);
});

test('a failed realloc leaves the old block; realloc to nothing is no request', async () => {
  const program = compile('keeps_block.c');
  expect((await byHand([program], { MALLOC_MAX_CALLED: '1' })).status).toBe(0);
});

test('operator new in its throwing and nothrow forms comes through malloc', async () => {
  const program = compile('exceptions.cc');
  // libstdc++ allocates an emergency pool for exceptions before main.
  const limit = { MALLOC_MAX_CALLED: '1' };
  expect((await byHand([program, 'nothrow'], limit)).status).toBe(3);
  const caught = await byHand([program, 'caught'], limit);
  expect([caught.status, caught.stderr]).toEqual([4, 'caught\n']);
  expect((await byHand([program, 'uncaught'], limit)).signal).toBe('SIGABRT');
});

test.each([
  ['linked with the C++ library', []],
  ['with the C++ library within', ['-static-libstdc++', '-static-libgcc']],
])('each form of operator new throws, or gives null: %s', async (_, flags) => {
  const program = compile('news.cc', ['-std=c++17', ...flags], `news${flags.length}`);
  // The pool for exceptions comes before main: an exception can be thrown without memory.
  const refused = { MALLOC_MAX_CALLED: '0', MALLOC_FAULTS_START: 'main' };
  expect((await byHand([program], refused)).stdout).toBe('TT00TT00\n');
  expect((await byHand([program], {})).stdout).toBe('BBBBBBBB\n');
});

test('a product that overflows is refused as without the shim, and the old block stays', async () => {
  const program = compile('overflows.c');
  expect((await byHand([program], {})).status).toBe(0);
  expect((await byHand([program], { LD_PRELOAD: undefined })).status).toBe(0);
});

test('forks of a process with threads, and signal handlers, allocate on', async () => {
  const program = compile('forks_with_threads.c');
  const budget = { MALLOC_FAULTS_FAIL: 'budget:100000000', MALLOC_FAULTS_EXCLUDE: 'library:nothing' };
  for (const variables of [{ MALLOC_MAX_CALLED: '999999999' }, budget]) {
    expect((await byHand([program], variables)).stdout).toBe('20\n');
  }
});

test('eight threads get exactly as many blocks as are allowed', async () => {
  const program = compile('threads.c');
  const { stdout: all } = await byHand([program], {});
  expect(all).toBe('8000\n');
  // What starts the threads allocates too, before any of them does.
  const { clean } = await sweep([program], { maxPoints: 1 });
  const before = clean.allocations - 8000;
  expect(clean.stable).toBe(true);
  for (const limit of [1000, 4321, 7999]) {
    const { stdout } = await byHand([program], { MALLOC_MAX_CALLED: String(before + limit) });
    expect(Number(stdout)).toBe(limit);
  }
});

test('a forked child goes on from its parent count, each for itself', async () => {
  const program = compile('forks.c');
  expect((await byHand([program], { MALLOC_MAX_CALLED: '5' })).status).toBe(3 * 16 + 3);
});

test('a program that another starts counts for itself; with MALLOC_FAULTS_CHILDREN=0 it is left alone', async () => {
  const program = compile('starts.c');
  const followed = await byHand([program, allocators], { MALLOC_MAX_CALLED: '3' });
  expect(followed.stdout.split('\n')[3]).toBe('4 NULL ENOMEM');
  const alone = { MALLOC_MAX_CALLED: '3', MALLOC_FAULTS_CHILDREN: '0' };
  expect((await byHand([program, allocators], alone)).stdout).not.toContain('NULL');
});

test('with MALLOC_FAULTS_CHILDREN=0 a program sees its environment as it is without the shim', async () => {
  const program = compile('environment.c');
  const seen = async (preload: string): Promise<string> => {
    const variables = { MALLOC_MAX_CALLED: '100', MALLOC_FAULTS_CHILDREN: '0', LD_PRELOAD: preload };
    const { stdout } = await byHand([program], variables);
    return stdout
      .split('\n')
      .filter(line => /^(?:LD_|MALLOC_)/u.test(line))
      .join();
  };
  const other = join('/nonexistent', 'other.so');
  expect(await seen(await shim())).toBe('');
  expect(await seen(`${await shim()}:${other}`)).toBe(`LD_PRELOAD=${other}`);
  expect(await seen(`${other} ${await shim()}`)).toBe(`LD_PRELOAD=${other}`);
});
