import { describe, expect, test } from 'vitest';
import type { FaultSweep } from '../../../language-server/protocol/faults.ts';
import { bugsOf, faultsFixture, markedLine } from '../../support/faults-fixture.ts';

/** Kinds of programs that a preloaded library does not take to by itself, each swept all the same. */
const { door, compile, compileForMusl, sweep } = faultsFixture();

async function reproduces({ groups }: FaultSweep, expected: object): Promise<void> {
  const [command = '', ...args] = groups[0]?.reproduce ?? [];
  expect(await door.runProgram({ command, args, deadlineMs: 20_000 })).toMatchObject({ kind: 'exited', ...expected });
}

describe('the same bugs are found in a program', () => {
  const plain = sweep([compile('loop.c')]).then(bugsOf);

  test('of 32 bits', async () => {
    const swept = await sweep([compile('loop.c', ['-m32'], 'loop32')]);
    expect(bugsOf(swept)).toEqual(await plain);
    await reproduces(swept, { signal: 'SIGSEGV' });
  });

  test('that is linked with musl', async () => {
    const swept = await sweep([compileForMusl('loop.c')]);
    expect(bugsOf(swept)).toEqual(await plain);
    expect(swept.clean.allocations).toBe(7);
    await reproduces(swept, { signal: 'SIGSEGV' });
  });

  test('that is linked with jemalloc', async () => {
    const program = compile('loop.c', ['-Wl,--no-as-needed', '-ljemalloc'], 'jemalloc');
    // The C++ library that comes with it allocates before main.
    const swept = await sweep([program], { scope: { start: 'main' } });
    expect(bugsOf(swept)).toEqual(await plain);
    await reproduces(swept, { signal: 'SIGSEGV' });
  });

  test('without frame pointers and unwind tables of its own', async () => {
    const swept = await sweep([compile('loop.c', ['-O2', '-fno-asynchronous-unwind-tables'], 'bare')]);
    expect(swept.groups.map(({ verdict }) => verdict)).toContain('crash');
  });
});

test('threads of a 32-bit program, and of one for musl, get exactly as many blocks as are allowed', async () => {
  for (const program of [compile('threads.c', ['-m32'], 'threads32'), compileForMusl('threads.c')]) {
    const { clean } = await sweep([program], { maxPoints: 1 });
    expect(clean.stable).toBe(true);
    const { runs } = await sweep([program], { mode: { kind: 'list', numbers: `${clean.allocations - 1000}-` } });
    expect(runs[0]?.verdict).toBe('wrongOutput');
  }
});

test('AddressSanitizer reports what a refused allocation leads to', async () => {
  const program = compile('dies_if_refused.c', ['-fsanitize=address'], 'asan');
  const swept = await sweep([program], { env: { ASAN_OPTIONS: 'detect_leaks=0' } });
  const line = markedLine('dies_if_refused.c', 'unchecked');
  expect(bugsOf(swept)).toEqual([`sanitizer 0 line ${line}`]);
  expect(swept.groups[0]?.message).toMatch(/^Sanitizer report: "ERROR: AddressSanitizer: SEGV/u);
  expect(swept.groups[0]?.reproduce).toContain('ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0');
  await reproduces(swept, { exitCode: 1, signal: null });
});

test('in a sandbox of seccomp, in which the shim may do nothing, a crash has its place', async () => {
  const swept = await sweep([compile('sandboxed.c')]);
  expect(swept.runs.map(({ n, verdict, signal }) => [n, verdict, signal])).toEqual([
    [0, 'cleanError', null],
    [1, 'crash', 'SIGSEGV'],
  ]);
  expect(swept.groups[0]?.message).toBe(
    `SIGSEGV at sandboxed.c:${markedLine('sandboxed.c', 'unchecked')} in fill, after the allocation at sandboxed.c:${markedLine('sandboxed.c', 'asks')} in main failed.`,
  );
  await reproduces(swept, { signal: 'SIGSEGV' });
});

test('a handler that counts for one signal only leaves the second to the system', async () => {
  const swept = await sweep([compile('resets.c')]);
  expect(swept.runs).toMatchObject([{ n: 0, verdict: 'crash', signal: 'SIGSEGV' }]);
});
