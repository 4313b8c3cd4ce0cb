import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunOutcome } from '../../../language-server/native/door.ts';
import { toolIds } from '../../../language-server/native/tools.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { exited, longMs, openDoor, scriptRunner, text } from './door-fixture.ts';

const folder = temporaryFolder();
const door = openDoor({ concurrency: 4 });
const sh = scriptRunner(door);

describe('an ordinary run', () => {
  test('gives exit code, both streams and its time', async () => {
    const outcome = exited(await sh('echo out; echo err >&2; exit 3'));
    expect(outcome).toMatchObject({ exitCode: 3, signal: null, truncated: { stdout: false, stderr: false } });
    expect([text(outcome.stdout), text(outcome.stderr)]).toEqual(['out\n', 'err\n']);
    expect(outcome.durationMs).toBeGreaterThan(0);
  });

  test('names the signal that ended it', async () => {
    expect(exited(await sh('kill -SEGV $$'))).toMatchObject({ exitCode: null, signal: 'SIGSEGV' });
  });

  test('hands on input, environment and working folder', async () => {
    const outcome = await sh('cat; echo "$WORD"; pwd; echo "$GONE"', {
      input: Buffer.from('in\n'),
      env: { WORD: 'word', GONE: undefined },
      cwd: '/',
    });
    expect(text(exited(outcome).stdout)).toBe('in\nword\n/\n\n');
  });

  test('has an empty standard input otherwise', async () => {
    expect(text(exited(await sh('cat; echo end')).stdout)).toBe('end\n');
  });

  test('survives a program that does not read its input', async () => {
    expect(exited(await sh('exec 0<&-; exit 0', { input: Buffer.alloc(1 << 20) })).exitCode).toBe(0);
  });

  test('leads a session and process group of its own', async () => {
    const [pid, pgrp, session] = text(exited(await sh('echo $$; cut -d" " -f5,6 /proc/$$/stat')).stdout).split(/\s/u);
    expect([pgrp, session]).toEqual([pid, pid]);
  });
});

describe('environment', () => {
  const helperVariables = { ELECTRON_RUN_AS_NODE: '1', VSCODE_PID: '1', GCC_COLORS: 'x', LANGUAGE: 'ja' };
  const saved = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(helperVariables)) delete process.env[name];
    Object.assign(process.env, saved);
  });
  const variables = (outcome: RunOutcome): readonly string[] => text(exited(outcome).stdout).split('\0');

  test('of the person reaches their programs, without what VS Code adds for its own', async () => {
    Object.assign(process.env, helperVariables);
    const request = { command: '/usr/bin/env', args: ['-0'], env: { VSCODE_WANTED: 'yes' }, deadlineMs: longMs };
    const environment = variables(await door.runProgram(request));
    expect(environment).toContain('LANGUAGE=ja');
    expect(environment).toContain(`HOME=${process.env['HOME']}`);
    expect(environment.filter(variable => /^(?:VSCODE|ELECTRON)/u.test(variable))).toEqual(['VSCODE_WANTED=yes']);
  });

  test('of tools makes them print for a program', async () => {
    Object.assign(process.env, helperVariables);
    const anyTool = openDoor({ toolPath: () => '/usr/bin/env' });
    const environment = variables(await anyTool.runTool('objdump', { args: ['-0'], deadlineMs: longMs }));
    expect(environment).toContain('LC_ALL=C.UTF-8');
    expect(environment.filter(variable => /^(?:LANGUAGE|GCC_COLORS)=/u.test(variable))).toEqual([]);
  });
});

describe('what cannot be run is said in a sentence', () => {
  const script = (name: string, content: string, mode: number): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode });
    return path;
  };
  const foreignLoader = (): string => {
    const path = join(folder, 'foreign');
    const args = ['-x', 'c', '-', '-o', path, '-Wl,--dynamic-linker=/no/such/loader'];
    execFileSync('cc', args, { input: 'int main(void){return 0;}' });
    return path;
  };

  test.each([
    ['no such program', { command: '/no/such/program' }, /^\/no\/such\/program could .* there is no such file\.$/u],
    ['no such name on PATH', { command: 'no-such-name' }, /no program of that name is on PATH/u],
    ['not executable', { command: script('text', 'x', 0o644) }, /text could .*: it is not executable/u],
    ['a folder', { command: folder }, /it is a folder/u],
    ['a missing working folder', { command: '/bin/true', cwd: '/no/such' }, /in \/no\/such: that .* does not exist/u],
    ['a file as working folder', { command: '/bin/true', cwd: '/etc/passwd' }, /working folder is not a folder/u],
    [
      'no interpreter',
      { command: script('run', '#!/no/such/python -x\n', 0o755) },
      /: \/no\/such\/python, the interp/u,
    ],
    ['no loader', { command: foreignLoader() }, /the loader that it asks for is not on this machine/u],
    ['a NUL in an argument', { command: '/bin/true', args: ['a\0b'] }, /NUL/u],
    ['too long', { command: '/bin/true', args: ['x'.repeat(3_000_000)] }, /larger than the system allows/u],
  ])('%s', async (_, request, sentence) => {
    const failed = { kind: 'spawnFailed', message: expect.stringMatching(sentence) };
    expect(await door.runProgram({ args: [], deadlineMs: longMs, ...request })).toMatchObject(failed);
  });

  test.each([
    ['no such program', { command: '/no/such/\uDCFF' }, /\/no\/such\/\\xff could .* there is no such file/u],
    ['no such name on PATH', { command: 'no-such-\uDCFF' }, /no program of that name is on PATH/u],
    ['not executable', { command: script('text 2', 'x', 0o644), args: ['\uDCFF'] }, /it is not executable/u],
    ['a folder', { command: folder, args: ['\uDCFF'] }, /it is a folder/u],
    ['a missing working folder', { command: '/bin/true', cwd: '/\uDCFF' }, /that working folder does not exist/u],
    ['a file as working folder', { command: '/bin/true', args: ['\uDCFF'], cwd: '/etc/passwd' }, /is not a folder/u],
    ['a NUL in an argument', { command: '/bin/true', args: ['\uDCFF\0b'] }, /NUL/u],
    ['too long', { command: '/bin/true', args: ['\uDCFF'.repeat(1_000_000)] }, /larger than the system allows/u],
  ])('also through the launcher: %s', async (_, request, sentence) => {
    const failed = { kind: 'spawnFailed', message: expect.stringMatching(sentence) };
    expect(await door.runProgram({ args: [], deadlineMs: longMs, ...request })).toMatchObject(failed);
  });

  test('a missing tool is an answer with its remedy', async () => {
    const without = openDoor({ toolPath: () => '/no/such/tool' });
    const outcome = await without.runTool('addr2line', { args: [], deadlineMs: longMs });
    expect(outcome).toMatchObject({ kind: 'missing', tool: 'addr2line', remedy: expect.stringContaining('binutils') });
    expect(await without.find('addr2line')).toEqual(outcome);
  });
});

describe('trust', () => {
  const witness = join(folder, 'untrusted');
  let trusted = false;
  const guarded = openDoor({ isTrusted: () => trusted });
  const touch = (): Promise<RunOutcome> =>
    guarded.runProgram({ command: '/usr/bin/touch', args: [witness], deadlineMs: longMs });

  test('a program of the workspace is refused until trust is granted', async () => {
    expect(await touch()).toMatchObject({ kind: 'untrusted' });
    const compile = { args: ['--version'], deadlineMs: longMs, executesWorkspaceCode: true };
    expect(await guarded.runTool('cc', compile)).toMatchObject({ kind: 'untrusted' });
    expect(existsSync(witness)).toBe(false);
    trusted = true;
    expect(exited(await touch()).exitCode).toBe(0);
    expect(existsSync(witness)).toBe(true);
  });

  test('trust that is taken back counts at once', async () => {
    trusted = true;
    expect(exited(await touch()).exitCode).toBe(0);
    trusted = false;
    expect(await touch()).toMatchObject({ kind: 'untrusted' });
  });

  test('a tool that only reads is not refused', async () => {
    const outcome = await openDoor({ isTrusted: () => false }).runTool('objdump', {
      args: ['--version'],
      deadlineMs: longMs,
    });
    expect(exited(outcome).exitCode).toBe(0);
  });
});

test('the log has each command as one can paste it, and how it ended where it did not exit', async () => {
  const lines: string[] = [];
  const logging = scriptRunner(openDoor({ log: line => lines.push(line) }));
  await logging("echo 'a b'");
  expect(lines).toEqual([String.raw`/bin/sh -c 'echo '\''a b'\''' sh`]);
  await logging('sleep 1000', { deadlineMs: 1 });
  expect(lines.at(-1)).toBe('/bin/sh: timedOut');
  await logging('x'.repeat(100_000));
  expect(Math.max(...lines.map(line => line.length))).toBeLessThan(2100);
});

test('the report names every tool, its version as the tool itself says it, and where it was searched', async () => {
  const report = await door.report();
  expect(report.map(tool => tool.id)).toEqual(toolIds);
  const found = report.filter(tool => tool.path !== null);
  const always = ['objdump', 'readelf', 'nm', 'addr2line', 'cc'];
  expect(found.map(tool => tool.id)).toEqual(expect.arrayContaining(always));
  for (const tool of found) {
    expect(execFileSync(tool.path ?? '', ['--version'], { encoding: 'utf8' })).toContain(tool.version);
    expect(tool.searched).toContain(tool.path);
  }
});

test('the report of a machine without tools says so of each, with the remedy', async () => {
  const report = await openDoor({ toolPath: tool => `/no/such/${tool}` }).report();
  for (const tool of report) {
    expect(tool).toMatchObject({ path: null, version: null, searched: [`/no/such/${tool.id}`] });
    expect(tool.remedy).toMatch(/^\S+(?: -\S+)* install \S+/u);
  }
});
