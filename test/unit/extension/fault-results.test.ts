import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { afterEdit, allocationSites } from '../../../extension/fault-injection/allocation-sites.ts';
import { chooseDebugger, launchConfiguration } from '../../../extension/fault-injection/debuggers.ts';
import { collectRuns, type KeptSweep, sweepOf } from '../../../extension/fault-injection/kept-sweep.ts';
import { shellLine } from '../../../extension/fault-injection/shell-line.ts';
import type { FaultDebugLaunch } from '../../../language-server/protocol/fault-debug.ts';
import { verdictOrder } from '../../../language-server/protocol/fault-picture.ts';
import type { FaultRun, FaultSweep, StackFrame } from '../../../language-server/protocol/faults.ts';
import { numberRanges, rangesText } from '../../../language-server/protocol/number-ranges.ts';

const frame = (name: string, line: number, module = '/work/app'): StackFrame => ({
  ...{ module, offset: `0x${line.toString(16)}`, function: name, file: `/work/${name}.c`, line, inlined: false },
});
const libc = (name: string): StackFrame => ({
  ...{ module: '/usr/lib/x86_64-linux-gnu/libc.so.6', offset: '0x10', function: name, file: null, line: null },
  inlined: false,
});

function runOf(n: number, verdict: FaultRun['verdict'], stack: readonly StackFrame[]): FaultRun {
  const crashed = verdict === 'crash';
  return {
    ...{
      n,
      verdict,
      fails: `MALLOC_MAX_CALLED=${n}`,
      exitCode: crashed ? null : 1,
      signal: crashed ? 'SIGSEGV' : null,
    },
    ...{
      durationMs: 1.5,
      askedAtUs: n * 10,
      injectedStack: stack,
      crashStack: crashed ? [frame('use', 40)] : [],
      stack: '0x1',
    },
    message: crashed ? 'SIGSEGV' : 'failed',
  };
}

function sweepWith(runs: readonly FaultRun[], crashes: readonly number[]): FaultSweep {
  const group = {
    id: 'i',
    key: 'k',
    known: false,
    verdict: 'crash' as const,
    signal: 'SIGSEGV',
    message: 'SIGSEGV at use.c:40',
  };
  return {
    command: ['app'],
    clean: { exitCode: 0, signal: null, allocations: 9, stacks: 2, stable: true, sameOutput: true, durationMs: 3 },
    plan: { mode: 'fromNth', points: runs.length, firsts: 2 },
    verdicts: Object.fromEntries(verdictOrder.map(name => [name, 0])) as unknown as FaultSweep['verdicts'],
    runs,
    groups: [
      {
        ...{ ...group, smallestN: crashes[0] ?? 0, ns: crashes, shown: { n: crashes[0] ?? 0, failed: 1 } },
        ...{ injectedStack: [frame('make', 7)], crashStack: [frame('use', 40)], reproduce: ['env', 'app'] },
      },
    ],
    ...{ skipped: [], notes: [], stopped: null, snapshot: { used: 0, refused: null } },
  } as FaultSweep;
}

function kept(runs: readonly FaultRun[], crashes: readonly number[]): KeptSweep {
  const collector = collectRuns();
  for (const run of runs) collector.add(run);
  const ended = collector.finish(sweepWith(runs, crashes));
  const program = { command: ['app'] };
  return { version: 1, target: 't', name: 'app', program, mode: { kind: 'fromNth' }, programTime: null, ...ended };
}

describe('what is kept of a sweep', () => {
  const make = [libc('strdup'), frame('make', 7), frame('main', 3)];
  const other = [frame('other', 9), frame('main', 4)];
  const runs = [runOf(2, 'crash', make), runOf(0, 'cleanError', other), runOf(1, 'crash', make)];

  test('is each stack and sentence once, and the runs in their order', () => {
    const { n, verdict, group, stack, stacks, columns } = kept(runs, [1, 2]);
    expect(n).toEqual([0, 1, 2]);
    expect(verdict.map(index => verdictOrder[index])).toEqual(['cleanError', 'crash', 'crash']);
    expect(group).toEqual([-1, 0, 0]);
    expect(stack[1]).toBe(stack[2]);
    expect(stacks).toHaveLength(3);
    expect(columns.messages).toHaveLength(2);
  });

  test('gives the answer of the server again', () => {
    const sorted = runs.toSorted((a, b) => a.n - b.n);
    expect(sweepOf(kept(runs, [1, 2]))).toEqual({ ...sweepWith(sorted, [1, 2]), runs: sorted });
  });

  test('has the later of two results of one run', () => {
    const again = runOf(1, 'cleanError', make);
    const { n, verdict } = kept([...runs, again], [2]);
    expect(n).toEqual([0, 1, 2]);
    expect(verdict.map(index => verdictOrder[index])).toEqual(['cleanError', 'cleanError', 'crash']);
  });

  test('of 100,000 runs is a few megabytes', () => {
    const stacks = Array.from({ length: 500 }, (_, at) => [frame(`f${at}`, at + 1), frame('main', 3)]);
    const many = Array.from({ length: 100_000 }, (_, n) => runOf(n, 'cleanError', stacks[n % 500] ?? []));
    expect(JSON.stringify(kept(many, [])).length).toBeLessThan(8_000_000);
  });

  test('tells of each line of the person that asks for memory, the worst first', () => {
    const more = [...runs, runOf(3, 'cleanError', make), runOf(4, 'unaffected', [libc('malloc')])];
    expect(
      allocationSites(kept(more, [1, 2])).map(({ file, line, outcomes }) => [
        `${file}:${line}`,
        outcomes.map(({ verdict, ns }) => [verdictOrder[verdict], ns]),
      ]),
    ).toEqual([
      ['/work/other.c:9', [['cleanError', [0]]]],
      [
        '/work/make.c:7',
        [
          ['crash', [1, 2]],
          ['cleanError', [3]],
        ],
      ],
    ]);
  });
});

test.each([
  ['typing on the marked line takes it away', { startLine: 4, endLine: 4, insertedBreaks: 0 }, [3, 9]],
  ['a new line above moves it', { startLine: 3, endLine: 3, insertedBreaks: 2 }, [3, 7, 11]],
  ['lines below it do not matter', { startLine: 20, endLine: 22, insertedBreaks: 0 }, [3, 5, 9]],
  ['lines that are taken away above it move it', { startLine: 0, endLine: 1, insertedBreaks: 0 }, [2, 4, 8]],
  ['a stretch that holds it takes it away', { startLine: 3, endLine: 6, insertedBreaks: 1 }, [3, 7]],
])('marks after an edit: %s', (_what, edit, lines) => {
  expect(afterEdit([{ line: 3 }, { line: 5 }, { line: 9 }], edit).map(({ line }) => line)).toEqual(lines);
});

test('numbers are told as stretches', () => {
  expect(numberRanges([0, 1, 2, 7, 9, 10])).toEqual([
    [0, 2],
    [7, 7],
    [9, 10],
  ]);
  expect(rangesText([0, 1, 2, 7, 9, 10])).toBe('0–2, 7, 9–10');
  expect(rangesText([1, 3, 5, 7], 2)).toBe('1, 3, …');
  expect(rangesText([])).toBe('');
});

test('a command line means to a shell what was meant', () => {
  const words = ['a b', "it's", '$HOME', '-x=1', '', '*', '\\', 'ü\n'];
  const line = `printf '%s\\0' ${shellLine(words)}`;
  expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(words);
});

describe('the debugger', () => {
  test.each([
    ['auto', ['python', 'lldb', 'cppdbg'], 'cppdbg'],
    ['auto', ['lldb'], 'lldb'],
    ['auto', ['lldb-dap'], 'lldb-dap'],
    ['auto', ['gdb'], 'gdb'],
    ['auto', ['python'], 'terminal'],
    ['terminal', ['cppdbg'], 'terminal'],
    ['lldb', [], 'lldb'],
    [17, [], 'terminal'],
  ])('with the setting %s and extensions for %j is %s', (setting, installed, choice) => {
    expect(chooseDebugger(setting, new Set(installed))).toBe(choice);
  });

  const launch: FaultDebugLaunch = {
    ...{ program: '/w/app', args: ['a b'], cwd: '/w', env: { A: '1', LD_PRELOAD: '/c/shim.so' }, stdin: '/w/in "put"' },
    ...{ shellArguments: `'a b' < '/w/in "put"'`, gdb: { kind: 'missing', message: '', remedy: '' } },
  };

  test('of Microsoft is told in its words', () => {
    expect(launchConfiguration('cppdbg', 'x', launch)).toMatchObject({
      ...{ type: 'cppdbg', request: 'launch', program: '/w/app', cwd: '/w', MIMode: 'gdb' },
      args: ['a b', '<', '/w/in "put"'],
      environment: [
        { name: 'A', value: '1' },
        { name: 'LD_PRELOAD', value: '/c/shim.so' },
      ],
    });
  });

  test('of LLVM, and CodeLLDB', () => {
    expect(launchConfiguration('lldb', 'x', launch)).toMatchObject({
      ...{ args: ['a b'], env: launch.env, stdio: ['/w/in "put"', null, null] },
    });
    expect(launchConfiguration('lldb-dap', 'x', launch)).toMatchObject({
      env: ['A=1', 'LD_PRELOAD=/c/shim.so'],
      preRunCommands: [String.raw`settings set target.input-path "/w/in \"put\""`],
    });
  });

  test('of gdb, by either extension', () => {
    expect(launchConfiguration('gdb', 'x', launch)).toMatchObject({
      ...{ program: '/w/app', target: '/w/app', args: launch.shellArguments, arguments: launch.shellArguments },
      env: launch.env,
    });
    expect(launchConfiguration('gdb', 'x', { ...launch, stdin: null })).toMatchObject({ args: ['a b'] });
  });
});
