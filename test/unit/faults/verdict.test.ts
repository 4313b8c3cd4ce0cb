import { describe, expect, test } from 'vitest';
import type { ObservedRun } from '../../../language-server/faults/armed-run.ts';
import { parseMaps, placeOf } from '../../../language-server/faults/memory-map.ts';
import { planPoints } from '../../../language-server/faults/plan.ts';
import { type Baseline, verdictOf } from '../../../language-server/faults/verdict.ts';
import type { FaultVerdict } from '../../../language-server/protocol/faults.ts';

interface Case {
  readonly clean?: Partial<Record<'stdout' | 'stderr', string>> & { exitCode?: number; stable?: boolean };
  readonly run: Partial<Record<'stdout' | 'stderr', string>> & { exitCode?: number };
  readonly verdict: FaultVerdict;
}

function judge({ clean = {}, run }: Case): FaultVerdict {
  const stable = clean.stable ?? true;
  const baseline: Baseline = {
    exitCode: clean.exitCode ?? 0,
    stdout: Buffer.from(clean.stdout ?? 'out\n'),
    stderr: Buffer.from(clean.stderr ?? ''),
    sameStdout: stable,
    sameStderr: stable,
    usualSignal: null,
  };
  const observed: ObservedRun = {
    exitCode: run.exitCode ?? baseline.exitCode,
    signal: null,
    timedOut: false,
    durationMs: 1,
    stdout: Buffer.from(run.stdout ?? clean.stdout ?? 'out\n'),
    stderr: Buffer.from(run.stderr ?? clean.stderr ?? ''),
    truncated: false,
    leaks: null,
    record: { inForce: true, allocations: 9, failed: 1, replacedBy: '', injectedHash: 0n, injected: [], crash: null },
  };
  return verdictOf(observed, baseline);
}

describe('verdicts by exit status and output', () => {
  const cases: Readonly<Record<string, Case>> = {
    'nothing differs': { run: {}, verdict: 'unaffected' },
    'other output': { run: { stdout: 'ou' }, verdict: 'wrongOutput' },
    'a warning more, and the same output': { run: { stderr: 'no cache\n' }, verdict: 'unaffected' },
    'a warning more among the usual ones': {
      clean: { stderr: 'a\nb\n' },
      run: { stderr: 'a\nno cache\nb\n' },
      verdict: 'unaffected',
    },
    'a usual warning less': { clean: { stderr: 'a\nb\n' }, run: { stderr: 'a\n' }, verdict: 'wrongOutput' },
    'failed with a word': { run: { exitCode: 1, stdout: '', stderr: 'no memory\n' }, verdict: 'cleanError' },
    'failed without a word': { run: { exitCode: 1, stdout: '' }, verdict: 'silentError' },
    'failed with its usual words alone': {
      clean: { stderr: 'a\n' },
      run: { exitCode: 1, stderr: 'a\n' },
      verdict: 'silentError',
    },
    'fails always, and says why it does now': {
      clean: { exitCode: 1, stdout: '' },
      run: { stderr: 'no memory\n' },
      verdict: 'cleanError',
    },
    'fails always, with other output now': {
      clean: { exitCode: 1 },
      run: { stdout: 'other\n' },
      verdict: 'wrongOutput',
    },
    'succeeds where it should fail': { clean: { exitCode: 1 }, run: { exitCode: 0 }, verdict: 'wrongOutput' },
    'output that differs always': { clean: { stable: false }, run: { stdout: 'other\n' }, verdict: 'unaffected' },
    'output that differs always, and a failure': {
      clean: { stable: false },
      run: { exitCode: 2, stderr: 'no memory' },
      verdict: 'cleanError',
    },
    'a report of AddressSanitizer': {
      run: { exitCode: 1, stderr: '==12==ERROR: AddressSanitizer: SEGV on unknown address\n' },
      verdict: 'sanitizer',
    },
    'a report of UndefinedBehaviorSanitizer': {
      run: { stderr: 'a.c:3:4: runtime error: store to null pointer of type int\n' },
      verdict: 'sanitizer',
    },
    'a panic of Rust': {
      run: { exitCode: 101, stderr: "thread 'main' panicked at src/main.rs:5:10:\nout of memory\n" },
      verdict: 'abort',
    },
    'a panic of Go': {
      run: { exitCode: 2, stderr: 'panic: no memory\n\ngoroutine 1 [running]:\nmain.main()\n' },
      verdict: 'abort',
    },
    'an internal compiler error that the driver tells of': {
      run: { exitCode: 4, stderr: 'gcc: internal compiler error: Segmentation fault signal terminated program cc1\n' },
      verdict: 'crash',
    },
    'the word panic alone': { run: { exitCode: 2, stderr: 'panic: no memory\n' }, verdict: 'cleanError' },
  };
  test.each(Object.entries(cases))('%s', (_, given) => {
    expect(judge(given)).toBe(given.verdict);
  });
});

test.each<[number, number, number[], 'stacks' | 'all', number[]]>([
  [0, 10, [], 'all', []],
  [1, 10, [], 'all', [0]],
  [4, 10, [], 'all', [0, 1, 2, 3]],
  [4, 4, [], 'stacks', [0, 1, 2, 3]],
  [101, 3, [], 'all', [0, 50, 100]],
  [10, 1, [], 'all', [0]],
  [6, 10, [0, 1, 5], 'all', [0, 1, 5, 2, 3, 4]],
  [6, 10, [0, 1, 5], 'stacks', [0, 1, 5]],
  [6, 4, [0, 1, 5], 'all', [0, 1, 5, 2]],
  [6, 2, [0, 1, 5], 'all', [0, 5]],
])('%i allocations, at most %i points, stacks from %j on, %s', (allocations, most, firsts, which, points) => {
  const plan = planPoints(allocations, most, firsts, which);
  expect(plan).toEqual({ points, firsts: Math.min(firsts.length, most) });
});

test('points that are spread are different ones, in order, and as many as allowed', () => {
  const { points } = planPoints(14_166, 2000, [], 'all');
  expect(new Set(points).size).toBe(2000);
  expect(points.toSorted((a, b) => a - b)).toEqual(points);
  expect(points.at(-1)).toBe(14_165);
});

test('an address is a place in the file that is mapped there', () => {
  const maps = parseMaps(
    Buffer.from(
      [
        '55d0c8a01000-55d0c8a02000 r-xp 00001000 fe:00 1311 /home/a b/two\\012lines',
        '7f0000000000-7f0000001000 rwxp 00000000 00:00 0 ',
        '7f0000002000-7f0000003000 r-xp 00002000 fe:00 99 /usr/lib/gone.so (deleted)',
        'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]',
        'garbage',
      ].join('\n'),
    ),
  );
  expect(placeOf(maps, 0x55d0c8a01234n)).toEqual({ module: '/home/a b/two\nlines', offset: 0x1234n });
  expect(placeOf(maps, 0x7f0000000010n)).toEqual({ module: '', offset: 0x7f0000000010n });
  expect(placeOf(maps, 0x7f0000002001n)).toEqual({ module: '/usr/lib/gone.so', offset: 0x2001n });
  expect(placeOf(maps, 0xffffffffff600001n).module).toBe('[vsyscall]');
  expect(placeOf(maps, 0n)).toEqual({ module: '', offset: 0n });
});
