import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DoctorReport } from '../../language-server/protocol/tools.ts';
import type { TraceProcessDetail, TraceResult } from '../../language-server/protocol/trace.ts';
import { commandLineIn } from '../support/command-line.ts';
import { bundle } from '../support/language-client.ts';
import { processesNaming, until } from '../support/processes.ts';
import { compileLibrary, compileProgram } from '../support/sample-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const temporary = join(folder, 'tmp');
mkdirSync(temporary);
compileLibrary(folder, 'libx.so', 'int x(void) { return 0; }');
compileProgram(
  folder,
  'app',
  '#include <stdio.h>\nint x(void); int main(int count, char **words) { puts("to stdout"); fputs("to stderr\\n", stderr); int c; while (count > 1 && (c = getchar()) > 0) putchar(c); return x() + 3; }',
  [`-L${folder}`, '-lx', '-Wl,-rpath,$ORIGIN'],
);
compileProgram(folder, 'broken', 'int x(void); int main(void) { return x(); }', [`-L${folder}`, '-lx']);
const env = { ...process.env, TMPDIR: temporary };
const cli = commandLineIn(folder, env);

interface TraceAnswer extends Omit<TraceResult, 'processes'> {
  readonly processes: readonly (TraceProcessDetail['process'] & TraceProcessDetail)[];
}

describe('trace', () => {
  test('the program has our streams, and the answer comes behind its output', async () => {
    const { exitCode, stdout, stderr } = await new Promise<{ exitCode: number; stdout: string; stderr: string }>(
      resolve => {
        const child = execFile(
          process.execPath,
          [bundle, 'trace', '--', './app', '--filter', 'is its own'],
          { cwd: folder, env },
          (error, out, err) => resolve({ exitCode: error === null ? 0 : Number(error.code), stdout: out, stderr: err }),
        );
        child.stdin?.end('typed in\n');
      },
    );
    expect(exitCode).toBe(0);
    expect(stderr).toBe('to stderr\n');
    expect(stdout.startsWith('to stdout\ntyped in\n')).toBe(true);
    expect(stdout).toContain(`search libx.so for ./app => ${join(folder, 'libx.so')} [RUNPATH ./app]`);
    expect(stdout).toContain('every search was as predicted');
    expect(stdout).toContain('exit 3 after');
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('JSON has standard output for itself', async () => {
    const { exitCode, stdout, stderr } = await cli.run('trace', '--format', 'json', '--', './app');
    const answer = JSON.parse(stdout) as TraceAnswer & { readonly schema: string };
    expect(exitCode).toBe(0);
    expect(stderr.split('\n').toSorted()).toEqual(['', 'to stderr', 'to stdout']);
    expect(answer.schema).toBe('binary-detective/trace@1');
    expect(answer.outcome).toEqual({ kind: 'exited', exitCode: 3, signal: null });
    expect(answer.processes[0]?.searches.map(({ name }) => name)).toEqual(['libx.so', 'libc.so.6']);
    expect(answer.processes[0]?.searches[0]?.predicted?.at(-1)).toBe(join(folder, 'libx.so'));
  });

  test('or a file', async () => {
    const { stdout, stderr } = await cli.run('trace', '--format', 'json', '--output', 'answer.json', '--', './app');
    expect([stdout, stderr]).toEqual(['to stdout\n', 'to stderr\n']);
    const answer = JSON.parse(readFileSync(join(folder, 'answer.json'), 'utf8')) as TraceAnswer;
    expect(answer.processes[0]?.name).toBe('./app');
  });

  test('a filter names a symbol', async () => {
    const { stdout } = await cli.run('trace', '--filter', 'puts', '--', './app');
    expect(stdout).toMatch(/^ {2}bind puts@GLIBC_2\.2\.5: \.\/app => \S+\/libc\.so\.6$/mu);
    expect(stdout).not.toContain('search libx.so');
  });

  test('what the loader gives up at is a finding', async () => {
    const { exitCode, stdout, stderr } = await cli.run('trace', '--', './broken');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('./broken: error while loading shared libraries: libx.so');
    expect(stdout).toContain('the loader ended it: libx.so: not found');
    expect(stdout).toMatch(/^ {6}tried \/lib\/x86_64-linux-gnu\/libx\.so$/mu);
  });

  test('what cannot be traced is said', async () => {
    const { exitCode, stderr } = await cli.run('trace', '--', './gone');
    expect([exitCode, stderr]).toEqual([2, 'binary-detective: There is no executable file ./gone.\n']);
  });

  test('SIGINT ends the program and tells what was recorded', async () => {
    const mark = `trace-cli-${process.pid}`;
    const child = spawn(process.execPath, [bundle, 'trace', '--', '/bin/sh', '-c', 'sleep 1000; true', mark], {
      cwd: folder,
      env,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const exited = new Promise<number | null>(resolve => child.once('close', resolve));
    await until(() => processesNaming('sleep\u00001000').length > 0 && processesNaming(mark).length === 2);
    child.kill('SIGINT');
    expect(await exited).toBe(2);
    expect(output).toContain('search libc.so.6 for /bin/sh =>');
    expect(output).toContain('cancelled after');
    expect(processesNaming(mark)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

test('doctor tells which loader is traced and asked, as it says itself', async () => {
  const { answer } = await cli.json<DoctorReport>('doctor');
  const loader = answer.loader;
  expect(loader?.traces).toBe(true);
  const said = execFileSync(loader?.path ?? '', ['--version'], { encoding: 'utf8' });
  expect(said).toContain(`release version ${loader?.version}.`);
});
