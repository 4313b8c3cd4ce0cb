import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { osPath } from '../../../language-server/native/byte-text.ts';
import type { FaultProgress, FaultRun, FaultSweep, StackFrame } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, markedLine, runOf, writeExecutable } from '../../support/faults-fixture.ts';
import { processesNaming, until } from '../../support/processes.ts';

const { folder, compile, sweep, environment } = faultsFixture();
const verdicts = compile('verdicts.c');

function place(frame: StackFrame | undefined): string {
  return `${frame?.function} ${basename(frame?.file ?? '')}:${frame?.line}`;
}

const markedAt = (marker: string, name = 'main'): string => `${name} verdicts.c:${markedLine('verdicts.c', marker)}`;

/** The run in which the program's only allocation fails. */
async function firstRun(what: string): Promise<FaultRun> {
  // With the deadline that the sweep takes by itself.
  return runOf(await sweep([verdicts, what], { deadlineSeconds: 0 }), 0);
}

describe('verdicts', () => {
  test.each([
    ['crash', 'crash', null, 'SIGSEGV'],
    ['library', 'crash', null, 'SIGSEGV'],
    ['overflow', 'crash', null, 'SIGSEGV'],
    ['callback', 'crash', null, 'SIGSEGV'],
    ['handler', 'crash', 70, 'SIGSEGV'],
    ['action', 'crash', 70, 'SIGSEGV'],
    ['raise', 'crash', null, 'SIGFPE'],
    ['trap', 'crash', null, 'SIGTRAP'],
    ['abort', 'abort', null, 'SIGABRT'],
    ['hang', 'hang', null, null],
    ['clean', 'cleanError', 1, null],
    ['silent', 'silentError', 1, null],
    ['wrong', 'wrongOutput', 0, null],
    ['warn', 'unaffected', 0, null],
    ['', 'unaffected', 0, null],
  ] as const)('%s: %s', async (what, verdict, exitCode, signal) => {
    const run = await firstRun(what);
    expect(run).toMatchObject({ verdict, exitCode, signal });
    expect(place(run.injectedStack[0])).toBe(markedAt('allocation'));
    expect(run.message).toContain(`verdicts.c:${markedLine('verdicts.c', 'allocation')} in main`);
    expect(run.crashStack.length > 0).toBe(signal !== null);
  });

  test('the summary counts them, and groups hold the bugs alone', async () => {
    const swept = await sweep([verdicts, 'clean']);
    expect(swept).toMatchObject({
      command: [verdicts, 'clean'],
      clean: { exitCode: 0, signal: null, allocations: 1, stacks: 1, stable: true },
      plan: { mode: 'fromNth', points: 1, firsts: 1 },
      verdicts: { cleanError: 1, crash: 0 },
      groups: [],
    });
  });
});

describe('stacks', () => {
  test('a crash is at its source line', async () => {
    const run = await firstRun('crash');
    expect(place(run.crashStack[0])).toBe(markedAt('crash'));
    expect(run.crashStack[0]).toMatchObject({ module: realpathSync(verdicts), inlined: false });
    for (const stack of [run.crashStack, run.injectedStack]) expect(stack.at(-1)?.function).toBe('_start');
    expect(run.message).toBe(
      `SIGSEGV at ${markedAt('crash').split(' ')[1]} in main, after the allocation at ${markedAt('allocation').split(' ')[1]} in main failed.`,
    );
  });

  test('a crash in the C library has its caller', async () => {
    const { crashStack, message } = await firstRun('library');
    expect(crashStack[0]?.module).toContain('libc.so');
    expect(crashStack.map(place)).toContain(markedAt('library'));
    expect(message).toMatch(/^SIGSEGV .*called at verdicts\.c:\d+ in main, after/u);
  });

  test('a call through a null pointer has its caller', async () => {
    const { crashStack } = await firstRun('callback');
    expect(crashStack[0]).toMatchObject({ module: '', offset: '0x0', function: null });
    expect(place(crashStack[1])).toBe(markedAt('call', 'call_back'));
    expect(crashStack[2]?.function).toBe('main');
  });

  test('a stack overflow has its recursion', async () => {
    const { crashStack } = await firstRun('overflow');
    expect(crashStack.slice(0, 20).map(frame => frame.function)).toEqual(Array(20).fill('recurse'));
  });

  test('abort has the line that called it', async () => {
    const { crashStack } = await firstRun('abort');
    expect(crashStack.map(place)).toContain(markedAt('abort'));
  });

  test('a handler of the program runs as without the shim, and is seen through', async () => {
    const run = await firstRun('handler');
    expect(place(run.crashStack[0])).toBe(markedAt('crash'));
    expect(run.message).toContain("the program's own handler made it exit status 70");
  });

  test('a crash in another thread is seen too', async () => {
    const run = runOf(await sweep([compile('thread_crash.c')], { maxPoints: 100 }), 0);
    expect(run).toMatchObject({ verdict: 'crash', signal: 'SIGSEGV' });
    expect(place(run.crashStack[0])).toBe(`work thread_crash.c:${markedLine('thread_crash.c', 'crash')}`);
  });

  test('a program that recovers from its fault has not crashed', async () => {
    const run = runOf(await sweep([compile('recovers.c')]), 0);
    expect(run).toMatchObject({ verdict: 'unaffected', exitCode: 0, signal: null, crashStack: [] });
  });

  test('inlined functions are frames of their own', async () => {
    const program = compile('inlined.c', ['-O2']);
    const { crashStack } = runOf(await sweep([program]), 0);
    expect(crashStack.slice(0, 2).map(({ function: name, inlined }) => [name, inlined])).toEqual([
      ['store', true],
      ['main', false],
    ]);
  });

  test('a stripped program has modules and offsets that its unstripped twin explains', async () => {
    const program = compile('verdicts.c', [], 'whole');
    const stripped = join(folder, 'stripped');
    execFileSync('strip', ['-o', stripped, program]);
    const frame = runOf(await sweep([stripped, 'crash']), 0).crashStack[0];
    expect(frame).toMatchObject({ module: realpathSync(stripped), function: null, file: null, line: null });
    const told = execFileSync('addr2line', ['-e', program, frame?.offset ?? ''], { encoding: 'utf8' });
    expect(told).toContain(`verdicts.c:${markedLine('verdicts.c', 'crash')}`);
  });

  test('gdb sees the same crash in the same place', async () => {
    const swept = await sweep([verdicts, 'library']);
    const [group] = swept.groups;
    const variables = (group?.reproduce ?? []).filter(word => /^(?:MALLOC_|LD_PRELOAD=)/u.test(word)).join(' ');
    const commands = [`set exec-wrapper env ${variables}`, 'set debuginfod enabled off', 'run', 'bt'];
    const told = execFileSync(
      'gdb',
      ['-batch', '-nx', ...commands.flatMap(command => ['-ex', command]), '--args', verdicts, 'library'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, LC_ALL: 'C' } },
    );
    expect(told).toContain('Program received signal SIGSEGV');
    const main = /in main .* at (.*):(\d+)/u.exec(told);
    const own = group?.crashStack.find(frame => frame.function === 'main');
    expect([main?.[1], Number(main?.[2])]).toEqual([own?.file, own?.line]);
  });
});

describe('groups', () => {
  test('one for each bug, with all its points and a command that reproduces it', async () => {
    const program = compile('loop.c');
    const swept = await sweep([program]);
    const lines = (marker: string): string => `loop.c:${markedLine('loop.c', marker)}`;
    expect(
      swept.groups.map(({ verdict, ns, smallestN, crashStack }) => [verdict, ns, smallestN, place(crashStack[0])]),
    ).toEqual([
      ['crash', [0, 2, 4], 0, `fill ${lines('first')}`],
      ['crash', [1, 3, 5], 1, `fill ${lines('second')}`],
      ['silentError', [6], 6, 'undefined :undefined'],
    ]);
    for (const { reproduce, signal, verdict } of swept.groups) {
      const [command = '', ...args] = reproduce;
      const again = await environment().door.runProgram({ command, args, deadlineMs: 20_000 });
      expect(again).toMatchObject({ kind: 'exited', signal, ...(verdict === 'silentError' && { exitCode: 5 }) });
    }
  });
});

test('the sample workspace has each of its bugs, at its line', async () => {
  const workspace = fileURLToPath(new URL('../../workspace', import.meta.url));
  const build = ['make', `B=${join(folder, 'build')}`];
  const command = [join(folder, 'build/inventory'), 'data/stock.csv'];
  const { verdicts: counts, groups } = await sweep(command, { cwd: workspace, build });
  const bugLine = (file: string, text: string): string => {
    const lines = readFileSync(join(workspace, 'src', file), 'utf8').split('\n');
    return `${file}:${lines.findIndex(line => line.includes(text)) + 1}`;
  };
  expect(groups.map(({ verdict, message }) => [verdict, / at (\S+\.c:\d+)/u.exec(message)?.[1]])).toEqual([
    ['crash', bugLine('csv.c', 'Bug: malloc may have failed')],
    ['crash', bugLine('inventory.c', 'Bug: malloc may have failed')],
    ['wrongOutput', bugLine('report.c', '= calloc(')],
  ]);
  expect(counts.cleanError).toBeGreaterThan(0);
  expect(counts.unaffected).toBeGreaterThan(0);
});

describe('points', () => {
  test('one alone, and one that is not reached', async () => {
    expect((await sweep([verdicts, 'crash'], { only: 0 })).runs).toMatchObject([{ n: 0, verdict: 'crash' }]);
    expect((await sweep([verdicts, 'crash'], { only: 7 })).runs).toMatchObject([
      { n: 7, verdict: 'notReached', injectedStack: [], crashStack: [] },
    ]);
  });

  test('more than allowed: one for each call stack, then some that are spread over the others', async () => {
    const program = compile('loop.c');
    const { clean, plan, runs } = await sweep([program], { maxPoints: 5 });
    expect([clean.allocations, plan.points]).toEqual([7, 5]);
    expect(runs.map(({ n }) => n)).toEqual([0, 1, 2, 5, 6]);
  });

  test('progress tells the clean run, then the start and the end of each', async () => {
    const progress: FaultProgress[] = [];
    const swept = await sweep([compile('loop.c')], { progress });
    expect(progress[0]).toEqual({ kind: 'clean', clean: swept.clean, points: 7 });
    const told = (kind: FaultProgress['kind']) => progress.filter(step => step.kind === kind).length;
    expect([told('started'), told('run')]).toEqual([7, 7]);
  });
});

describe('outputs that differ by themselves', () => {
  test('are not compared, and said so', async () => {
    const swept = await sweep([compile('unstable.c')]);
    expect(swept.verdicts).toMatchObject({ unaffected: 1, wrongOutput: 0 });
    expect(runOf(swept, 0).message).toContain('two clean runs differ');
  });

  test('are not called wrong when the change comes in the middle of the sweep', async () => {
    const state = join(folder, 'state');
    const program = compile('reads_file.c');
    writeFileSync(state, 'before');
    const onProgress = (step: FaultProgress): void => {
      if (step.kind === 'clean') writeFileSync(state, 'after!');
    };
    const swept = await sweep([program, state], { onProgress });
    expect(swept.verdicts).toMatchObject({ unaffected: 1, wrongOutput: 0 });
  });
});

test("runs that get in each other's way go one after the other", async () => {
  const lock = join(folder, 'lock');
  const { clean, verdicts: counts } = await sweep([compile('locks.c'), lock]);
  expect(clean).toMatchObject({ exitCode: 0, stable: true });
  expect(counts).toMatchObject({ unaffected: 20, cleanError: 0 });
});

describe('what a program is given', () => {
  test('arguments, folder and variables arrive; the shim stays out of sight', async () => {
    const program = compile('environment_sweep.c');
    const swept = await sweep([program, 'a b', '"$x"\n'], { cwd: '/', env: { GREETING: 'hello there' } });
    expect(swept.clean.exitCode).toBe(0);
  });

  test.each([
    ['spaces', 'a b'],
    ['quotes', `it's "quoted"`],
    ['a newline', 'two\nlines'],
    ['an equals sign', 'a=b'],
    ['bytes that are no UTF-8', 'caf\udce9'],
    ['a backslash', 'back\\slash'],
  ])('a program whose name has %s', async (_, name) => {
    const program = join(folder, name);
    copyFileSync(verdicts, osPath(program));
    const swept = await sweep([program, 'crash']);
    expect(swept.runs).toMatchObject([{ verdict: 'crash', signal: 'SIGSEGV' }]);
    expect(place(runOf(swept, 0).crashStack[0])).toBe(markedAt('crash'));
    const [command = '', ...args] = swept.groups[0]?.reproduce ?? [];
    const again = await environment().door.runProgram({ command, args, deadlineMs: 20_000 });
    expect(again).toMatchObject({ kind: 'exited', signal: 'SIGSEGV' });
  });

  test('a relative name is taken from the folder, a bare one from PATH', async () => {
    expect((await sweep(['./verdicts', 'crash'])).verdicts.crash).toBe(1);
    expect((await sweep(['verdicts', 'crash'], { cwd: '/', env: { PATH: folder } })).verdicts.crash).toBe(1);
  });
});

describe('builds', () => {
  test('run first, in the folder', async () => {
    const progress: FaultProgress[] = [];
    const build = ['cp', 'verdicts', 'built'];
    expect((await sweep(['./built', 'crash'], { build, progress })).verdicts.crash).toBe(1);
    expect(progress[0]).toEqual({ kind: 'building', command: build });
  });

  test('that fail end the sweep with their words', async () => {
    const build = ['sh', '-c', 'echo no rule to make that >&2; exit 2'];
    await expect(sweep([verdicts], { build })).rejects.toMatchObject({
      kind: 'toolFailed',
      message: expect.stringMatching(/failed \(exit status 2\):\nno rule to make that/u),
    });
  });
});

describe('ends', () => {
  test('a cancel keeps what was done, and leaves neither process nor file', async () => {
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const stop = new AbortController();
    const name = `${verdicts}-cancelled`;
    copyFileSync(verdicts, name);
    const onProgress = (step: FaultProgress): void => {
      if (step.kind === 'started') void until(() => processesNaming(name).length > 0).then(() => stop.abort());
    };
    const swept: FaultSweep = await sweep([name, 'hang'], { onProgress, signal: stop.signal });
    expect(swept).toMatchObject({ runs: [], plan: { points: 1 }, clean: { allocations: 1 } });
    expect(processesNaming(name)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
  });

  test('a cancel before the clean run is through rejects', async () => {
    const signal = AbortSignal.abort();
    await expect(sweep([verdicts], { signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a crash leaves no core file', async () => {
    const empty = join(folder, 'cores');
    mkdirSync(empty);
    expect((await sweep([verdicts, 'crash'], { cwd: empty })).verdicts.crash).toBe(1);
    expect(readdirSync(empty)).toEqual([]);
  });
});

test('an untrusted door refuses, and nothing has run', async () => {
  const untrusted = faultsFixture({ isTrusted: () => false });
  const trace = join(folder, 'trace');
  const program = writeExecutable(join(folder, 'touches'), `#!/usr/bin/python3\nopen(${JSON.stringify(trace)}, "w")\n`);
  await expect(untrusted.sweep([program], { build: ['touch', trace] })).rejects.toMatchObject({ kind: 'untrusted' });
  await expect(untrusted.sweep([program])).rejects.toMatchObject({ kind: 'untrusted' });
  expect(existsSync(trace)).toBe(false);
  expect(existsSync(untrusted.cacheFolder)).toBe(false);
});
