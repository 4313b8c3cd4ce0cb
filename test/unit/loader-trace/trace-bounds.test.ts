import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBindings } from '../../../language-server/loader-trace/binding-rows.ts';
import { readStored, storeProcess } from '../../../language-server/loader-trace/trace-files.ts';
import { removeTraceFolder } from '../../../language-server/loader-trace/trace-folder.ts';
import { readProcess, readText } from '../../../language-server/loader-trace/trace-views.ts';
import { UserError } from '../../../language-server/protocol/errors.ts';
import { processesNaming, until } from '../../support/processes.ts';
import { compileLibrary, compileProgram } from '../../support/sample-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { bindingsOf, trace } from '../../support/traced-run.ts';

const folder = temporaryFolder();
const { signal } = new AbortController();

/** Opens and closes a library with a hundred symbols as often as its argument says: some 10 KB of the loader's output a time. */
function talker(): string {
  const count = 100;
  const names = Array.from({ length: count }, (_, index) => `a_symbol_with_a_long_name_${index}`);
  compileLibrary(folder, 'libtold.so', names.map(name => `int ${name}(void) { return 1; }`).join('\n'));
  const calls = names.map(name => `extern int ${name}(void);`).join('\n');
  const table = `int (*told[])(void) = { ${names.join(', ')} };`;
  compileLibrary(folder, 'libtelling.so', `${calls}\n${table}`, [`-L${folder}`, '-ltold', '-Wl,-rpath,$ORIGIN']);
  return compileProgram(
    folder,
    'talker',
    `#include <dlfcn.h>
    #include <stdio.h>
    #include <stdlib.h>
    int main(int count, char **words) {
      for (int left = atoi(words[1]); left > 0; left--) dlclose(dlopen("${folder}/libtelling.so", RTLD_NOW));
      puts("told"); return 0; }`,
  );
}
const program = talker();
const sizeOf = (log: string): number =>
  readdirSync(log).reduce((total, name) => total + (name.startsWith('log.') ? statSync(join(log, name)).size : 0), 0);

describe('much output', () => {
  test('beyond the limit is read and counted, and not kept; the program is not disturbed', async () => {
    const keptBytes = 1 << 20;
    const run = await trace({ program: { command: [program, '1500'], cwd: folder }, keptBytes });
    expect(run.result.outcome).toEqual({ kind: 'exited', exitCode: 0, signal: null });
    expect(run.result.output.stdout).toBe('told\n');
    expect(run.result.incomplete).toEqual([
      'Truncated: the loader wrote more than is kept. Later lines are counted, but for some at each cut, and not kept.',
    ]);
    expect(sizeOf(run.result.log)).toBeLessThanOrEqual(keptBytes);
    expect(run.result.processes[0]).toMatchObject({ differences: 0, failure: null, started: true });
    const recorded = run.result.processes[0]?.bindings ?? 0;
    const kept = await bindingsOf(run, 0);
    expect(kept.length).toBeGreaterThan(1000);
    expect(recorded).toBeGreaterThan(10 * kept.length);
  });

  test('within the limit every binding is there, on whichever page it is asked for', async () => {
    const run = await trace({ program: { command: [program, '60'], cwd: folder } });
    expect(run.result.incomplete).toEqual([]);
    const all = await bindingsOf(run, 0, 5000);
    expect(all).toHaveLength(run.result.processes[0]?.bindings ?? -1);
    for (const start of [0, 1, 511, 512, 513, 2000, all.length - 1, all.length]) {
      const page = await readBindings({ log: run.result.log, process: 0, start, count: 7 }, signal);
      expect(page).toEqual({ rows: all.slice(start, start + 7), matching: all.length });
    }
    const ofOne = { log: run.result.log, process: 0, filter: 'LONG_name_42' };
    const filtered = await readBindings({ ...ofOne, start: 10, count: 100 }, signal);
    expect(filtered).toEqual({
      rows: all.filter(({ symbol }) => symbol === 'a_symbol_with_a_long_name_42').slice(10),
      matching: 60,
    });
    const { text } = await readText(ofOne, signal);
    expect(text.split('\n').filter(line => line.startsWith('binding file'))).toHaveLength(60);
  });

  test('a filter leaves the searches, libraries and pairs that name it', async () => {
    const run = await trace({ program: { command: [program, '1'], cwd: folder } });
    const detail = readProcess({ log: run.result.log, process: 0, filter: 'LIBTOLD' });
    expect(detail.searches.map(({ name }) => name)).toEqual(['libtold.so']);
    expect(detail.libraries.map(({ path }) => path)).toEqual([join(folder, 'libtold.so')]);
    expect(detail.bindingGroups.every(({ from, to }) => `${from}${to}`.includes('libtold'))).toBe(true);
    expect(detail.bindingGroups.find(({ from }) => from.endsWith('libtelling.so'))?.count).toBe(100);
  });
});

describe('an end before the end', () => {
  test('a cancel ends the program and its children, and keeps what was recorded', async () => {
    const mark = `trace-${process.pid}-children`;
    const script = `sleep 1000 & setsid sh -c "sleep 1000; true ${mark}" & sh -c "sleep 1000; true ${mark}"; true`;
    const stop = new AbortController();
    const running = trace({ program: { command: ['/bin/sh', '-c', script, mark], cwd: folder } }, stop.signal);
    await until(() => processesNaming(mark).length === 3);
    stop.abort();
    const run = await running;
    expect(run.result.outcome).toEqual({ kind: 'cancelled' });
    expect(processesNaming(mark)).toEqual([]);
    expect(run.details[0]?.searches).toMatchObject([{ name: 'libc.so.6', by: '/bin/sh', outcome: 'mapped' }]);
  });

  test('a program that cannot write its records is not taken for one that says nothing', async () => {
    const command = ['setpriv', '--reuid=daemon', '--clear-groups', '/bin/true'];
    const run = await trace({ program: { command, cwd: folder } });
    expect(run.result.processes.map(({ name }) => name)).toEqual(['setpriv']);
    expect(run.result.output.stdout).toContain('find library=libc.so.6 [0]; searching');
    expect(run.result.incomplete).toEqual([expect.stringContaining('as another user or in another root')]);
  });

  test('a program that removes the records, or puts a fifo among them, is seen to its end', async () => {
    const fifo = 'mkfifo "$LD_DEBUG_OUTPUT.1"; true';
    const blocked = await trace({ program: { command: ['/bin/sh', '-c', fifo], cwd: folder } });
    expect(blocked.result.outcome).toEqual({ kind: 'exited', exitCode: 0, signal: null });
    expect(blocked.details[0]?.searches).toMatchObject([{ name: 'libc.so.6' }]);
    const remove = 'rm -r "$(dirname "$LD_DEBUG_OUTPUT")"; true';
    const said = await trace({ program: { command: ['/bin/sh', '-c', remove], cwd: folder } }).then(
      ({ result }) => result.incomplete.join(' '),
      (error: unknown) => String(error),
    );
    // Before anything of it was read, or after.
    expect(said).toMatch(/could not be read: ENOENT|^UserError: The records of the trace cannot be kept: ENOENT/u);
  });

  test('a program that is killed by a signal', async () => {
    const run = await trace({ program: { command: ['/bin/sh', '-c', 'kill -SEGV $$'], cwd: folder } });
    expect(run.result.outcome).toEqual({ kind: 'exited', exitCode: null, signal: 'SIGSEGV' });
    expect(run.result.processes[0]).toMatchObject({ started: true, failure: null });
  });
});

describe('the records', () => {
  test('are for nobody else, and gone when they are discarded', async () => {
    const { result } = await trace({ program: { command: ['/bin/true'], cwd: folder } });
    expect(statSync(result.log).mode & 0o777).toBe(0o700);
    removeTraceFolder(result.log);
    expect(existsSync(result.log)).toBe(false);
    expect(() => readProcess({ log: result.log, process: 0 })).toThrow(UserError);
    removeTraceFolder(result.log);
  });

  test('are in a folder of ours, or nothing is read or removed', async () => {
    const { result } = await trace({ program: { command: ['/bin/true'], cwd: folder } });
    const mine = join(folder, 'binary-detective-trace-1-abc');
    mkdirSync(mine);
    for (const log of [folder, mine, '/', `${result.log}/../..`, `${result.log}/`, '']) {
      removeTraceFolder(log);
      expect(() => readProcess({ log, process: 0 })).toThrow(/not there any more/u);
    }
    expect(existsSync(mine)).toBe(true);
    expect(existsSync(result.log)).toBe(true);
    expect(() => readProcess({ log: result.log, process: 7 })).toThrow(/no process 7/u);
  });

  test('give up the loader’s lines first where the disk is full', async () => {
    const { result } = await trace({ program: { command: ['/bin/true'], cwd: folder } });
    const stored = readStored(result.log, 0);
    // What is written there meets a full disk, until it is removed.
    symlinkSync('/dev/full', join(result.log, 'process-1.json'));
    expect(storeProcess(result.log, 1, stored)).toBe(false);
    expect(readStored(result.log, 1)).toEqual(stored);
    expect(sizeOf(result.log)).toBe(0);
    expect(storeProcess(result.log, 2, stored)).toBe(true);
  });

  test('of a server that was killed are removed by the next trace', async () => {
    const dead = execFileSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    const left = join(realpathSync(tmpdir()), `binary-detective-trace-${dead}-gone`);
    mkdirSync(left);
    writeFileSync(join(left, 'log.1'), 'x');
    await trace({ program: { command: ['/bin/true'], cwd: folder } });
    expect(existsSync(left)).toBe(false);
  });
});

describe('programs without LD_DEBUG are not run', () => {
  const sideEffect = join(folder, 'it-ran');
  const source = `#include <stdio.h>\n#include <unistd.h>\nint main(void) {
    fclose(fopen("${sideEffect}", "w")); return execl("/bin/true", "true", (char *)0); }`;
  const refused = async (command: string): Promise<string> => {
    const error: unknown = await trace({ program: { command: [command], cwd: folder } }).catch(
      (reason: unknown) => reason,
    );
    expect(existsSync(sideEffect)).toBe(false);
    if (!(error instanceof UserError)) throw error;
    expect(error.kind).toBe('notSupported');
    return error.message;
  };

  test('a static one', async () => {
    const path = compileProgram(folder, 'static', source, ['-static']);
    expect(await refused(path)).toBe(
      `${path} is statically linked: no loader works for it, so LD_DEBUG does nothing. Nothing was run.`,
    );
  });

  test('one that is loaded by musl', async () => {
    const path = join(folder, 'musl');
    execFileSync('musl-gcc', ['-o', path, '-x', 'c', '-'], { input: source });
    expect(await refused(path)).toMatch(
      /is loaded by musl \(\/lib\/ld-musl-.*\), which knows no LD_DEBUG\. Nothing was run\.$/u,
    );
  });

  test('a setuid one', async () => {
    const path = compileProgram(folder, 'setuid', source);
    execFileSync('chown', ['daemon', path]);
    chmodSync(path, 0o4755);
    expect(await refused(path)).toContain('is a setuid or setgid program');
  });

  test('but for what they start, where that is wanted', async () => {
    const command = [join(folder, 'static')];
    const run = await trace({ program: { command, cwd: folder }, childrenOnly: true });
    expect(existsSync(sideEffect)).toBe(true);
    expect(run.result.processes.map(({ name, differences }) => ({ name, differences }))).toEqual([
      { name: 'true', differences: 0 },
    ]);
    expect(run.result.incomplete).toEqual([expect.stringContaining('Only what it started is recorded.')]);
  });

  test('one that is not there', async () => {
    for (const command of ['./gone', 'no-such-program-anywhere', folder]) {
      await expect(trace({ program: { command: [command], cwd: folder } })).rejects.toThrow(/^There is no /u);
    }
  });
});
