import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { debugLaunch } from '../../../language-server/faults/debug-launch.ts';
import type { FaultDebugLaunch } from '../../../language-server/protocol/fault-debug.ts';
import { faultsFixture, markedLine } from '../../support/faults-fixture.ts';

const { folder, compile, environment } = faultsFixture();
const verdicts = compile('verdicts.c');
const readsInput = compile('reads_input.c');

/** The very arguments that a terminal is given, with what makes gdb end by itself behind them. */
function runGdb({ gdb, cwd }: FaultDebugLaunch, commands: readonly string[] = []): string {
  if (gdb.kind === 'missing') throw new Error(gdb.message);
  const more = [...commands, 'kill'].flatMap(command => ['-ex', command]);
  const program = gdb.args.at(-1) ?? '';
  const args = ['-nx', '-batch', ...gdb.args.slice(0, -1), ...more, program];
  const { stdout, stderr } = spawnSync(gdb.path, args, { cwd, encoding: 'utf8' });
  return stdout + stderr;
}

describe('gdb in a terminal', () => {
  test('stops where the allocation fails, and goes on to the crash', async () => {
    const launch = await debugLaunch({ program: { command: [verdicts, 'crash'], cwd: folder }, n: 0 }, environment());
    const said = runGdb(launch, ['continue', 'info symbol $pc']);
    expect(said).toMatch(/Temporary breakpoint 1, .*malloc_faults_injected/u);
    expect(said).toMatch(
      new RegExp(`#\\d+ +0x[0-9a-f]+ in main .*verdicts\\.c:${markedLine('verdicts.c', 'allocation')}`, 'u'),
    );
    expect(said).toContain('received signal SIGSEGV');
    expect(said).toMatch(new RegExp(`^${markedLine('verdicts.c', 'crash')}\\t`, 'mu'));
  });

  test('gives the program its arguments, input and variables, whatever is in them', async () => {
    const odd = join(folder, `odd 'names" & $HOME`);
    mkdirSync(odd, { recursive: true });
    writeFileSync(join(odd, 'in put'), 'typed\n');
    const program = {
      command: ['/usr/bin/env', '-u', 'NOTHING', readsInput],
      cwd: odd,
      env: { ODD_VALUE: `a 'b' "c" $d \\e` },
      stdin: 'in put',
    };
    // env(1) becomes the program and asks for no memory of its own that counts here: the run is not stopped at all.
    const untouched = await debugLaunch({ program, n: 1_000_000 }, environment());
    expect(runGdb(untouched)).toContain('typed');
    expect(runGdb(untouched)).toContain('exited normally');
    expect(untouched.env).toMatchObject({ ODD_VALUE: `a 'b' "c" $d \\e` });
    const shown = await debugLaunch(
      { program: { ...program, command: ['/usr/bin/printenv', 'ODD_VALUE'] }, n: 1_000_000 },
      environment(),
    );
    expect(runGdb(shown)).toContain(`a 'b' "c" $d \\e`);
  });

  test('exactly one fails in the mode where one does', async () => {
    const program = { command: [compile('which_fail.c'), '4'], cwd: folder };
    const launch = await debugLaunch({ program, mode: { kind: 'nth' }, n: 2 }, environment());
    expect(launch.env).toMatchObject({ MALLOC_FAULTS_FAIL: '2' });
    expect(launch.env).not.toHaveProperty('MALLOC_MAX_CALLED');
    expect(runGdb(launch)).toMatch(/Temporary breakpoint 1, .*malloc_faults_injected \(number=number@entry=2, /u);
  });
});

test('the variables do not touch what starts the program, a shell for one', async () => {
  const launch = await debugLaunch({ program: { command: [verdicts, 'clean'], cwd: folder }, n: 0 }, environment());
  expect(launch).toMatchObject({
    program: realpathSync(verdicts),
    args: ['clean'],
    shellArguments: 'clean',
    stdin: null,
  });
  const { LD_PRELOAD = '', MALLOC_FAULTS_PROGRAM } = launch.env;
  expect(LD_PRELOAD).toMatch(/malloc-faults-[0-9a-f]+\.so$/u);
  expect(MALLOC_FAULTS_PROGRAM).toBe(realpathSync(verdicts));
  const env = { ...process.env, ...launch.env };
  // The shell and cat allocate in all that they do; the program behind them has nothing left.
  const script = 'words=$(cat /etc/hostname) && exec "$0" "$1"';
  const { status, stderr } = spawnSync('/bin/bash', ['-c', script, launch.program, 'clean'], { env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'out of memory\n' });
  // Without the name of the program, the shell itself is refused its memory.
  const bare = { ...env, MALLOC_FAULTS_PROGRAM: '' };
  expect(spawnSync('/bin/bash', ['-c', 'echo alive'], { env: bare, encoding: 'utf8' }).stdout).not.toContain('alive');
});

test('a program that is not there is refused', async () => {
  const program = { command: ['./absent'], cwd: folder };
  await expect(debugLaunch({ program, n: 0 }, environment())).rejects.toThrow('There is no program');
});

test('an answer without gdb says how to get it', async () => {
  const { door, ...rest } = environment();
  const missing = {
    ...{ kind: 'missing' as const, tool: 'gdb' as const, searched: [], setting: 'binaryDetective.tools.gdb' },
    ...{ remedy: 'apt-get install gdb', message: 'gdb is not here.' },
  };
  const without: typeof door = { ...door, find: tool => (tool === 'gdb' ? Promise.resolve(missing) : door.find(tool)) };
  const launch = await debugLaunch({ program: { command: [verdicts], cwd: folder }, n: 0 }, { ...rest, door: without });
  expect(launch.gdb).toEqual({ kind: 'missing', message: 'gdb is not here.', remedy: 'apt-get install gdb' });
});

// Kept beside the tests: the shim's hook must be what a debugger finds by name.
test('the hook is a symbol of the shim', async () => {
  const launch = await debugLaunch({ program: { command: [verdicts], cwd: folder }, n: 0 }, environment());
  const symbols = execFileSync('nm', ['-D', '--defined-only', launch.env['LD_PRELOAD'] ?? ''], { encoding: 'utf8' });
  expect(symbols).toMatch(/ T malloc_faults_injected$/mu);
});
