import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TraceProgram } from '../../../language-server/protocol/trace.ts';
import { compileLibrary, compileProgram, writeScript } from '../../support/sample-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { askLoaderLog } from '../../support/trace-oracle.ts';
import { logOf, type TracedRun, trace } from '../../support/traced-run.ts';

/** Traces a program, and holds what was recorded against grep(1) over the loader's output of another run. */
async function traced(program: TraceProgram & { readonly cwd: string }): Promise<TracedRun> {
  const run = await trace({ program });
  expect(run.result.incomplete).toEqual([]);
  expect(await logOf(run)).toEqual(askLoaderLog(program));
  return run;
}

/** Every search stands beside a prediction, also those of dlopen, and they are the same. */
function expectPredicted({ details }: TracedRun): void {
  for (const { process, differences, notPredicted, searches } of details) {
    expect({ differences, notPredicted }).toEqual({ differences: [], notPredicted: null });
    const predictable = searches.filter(({ namespace }) => namespace === 0);
    if (!process.forked) expect(predictable.length).toBeGreaterThan(0);
    expect(predictable.filter(({ predicted }) => predicted === null)).toEqual([]);
  }
}

const root = temporaryFolder();

/** A folder with `lib/libx.so`, which has `int x(void)`, and a program that calls it. */
function build(
  name: string,
  flags: readonly string[] = [],
  main = 'int x(void); int main(void) { return x() - 7; }',
): string {
  const folder = join(root, name);
  mkdirSync(join(folder, 'lib'), { recursive: true });
  compileLibrary(join(folder, 'lib'), 'libx.so', 'int x(void) { return 7; }');
  compileProgram(folder, 'app', main, [`-L${join(folder, 'lib')}`, '-lx', ...flags]);
  return folder;
}

describe('each rule of the search', () => {
  test('RUNPATH', async () => {
    const folder = build('runpath', ['-Wl,--enable-new-dtags,-rpath,$ORIGIN/none:$ORIGIN/lib']);
    const run = await traced({ command: ['./app'], cwd: folder });
    expectPredicted(run);
    const [search] = run.details[0]?.searches ?? [];
    expect(search).toMatchObject({
      name: 'libx.so',
      by: './app',
      outcome: 'mapped',
      path: join(folder, 'lib/libx.so'),
    });
    expect(search?.places.at(-1)).toEqual({ kind: 'RUNPATH', from: './app' });
    expect(search?.predicted).toEqual(search?.tried.map(({ path }) => path));
  });

  test('RPATH', async () => {
    const folder = build('rpath', ['-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib']);
    const run = await traced({ command: [join(folder, 'app')], cwd: '/' });
    expectPredicted(run);
    expect(run.details[0]?.searches[0]?.places.at(-1)).toEqual({ kind: 'RPATH', from: join(folder, 'app') });
  });

  test('LD_LIBRARY_PATH, relative to the working directory', async () => {
    const folder = build('library-path');
    const run = await traced({ command: ['./app'], cwd: folder, env: { LD_LIBRARY_PATH: 'none:lib' } });
    expectPredicted(run);
    expect(run.details[0]?.searches[0]).toMatchObject({ outcome: 'mapped', path: 'lib/libx.so' });
  });

  test('LD_PRELOAD, one that is there and one that is not', async () => {
    const folder = build('preload', ['-Wl,-rpath,$ORIGIN/lib']);
    compileLibrary(folder, 'pre.so', 'int pre;');
    const run = await traced({
      command: ['./app'],
      cwd: folder,
      env: { LD_PRELOAD: './pre.so gone.so' },
    });
    expectPredicted(run);
    const outcomes = run.details[0]?.searches.map(({ name, outcome }) => `${name} ${outcome}`);
    expect(outcomes).toEqual(['./pre.so mapped', 'gone.so missing', 'libx.so mapped', 'libc.so.6 mapped']);
  });

  test('$ORIGIN in a needed name, in a preloaded one, and in one that is opened', async () => {
    const folder = build('origin');
    compileLibrary(join(folder, 'lib'), 'libx.so', 'int x(void) { return 7; }', ['-Wl,-soname,$ORIGIN/lib/libx.so']);
    compileLibrary(join(folder, 'lib'), 'liby.so', 'int y;');
    compileLibrary(join(folder, 'lib'), 'pre.so', 'int pre;');
    const main =
      '#include <dlfcn.h>\nint x(void); int main(void) { return (dlopen("$ORIGIN/lib/liby.so", RTLD_NOW) == 0) + x() - 7; }';
    compileProgram(folder, 'app', main, [`-L${join(folder, 'lib')}`, '-lx']);
    const run = await traced({ command: ['./app'], cwd: folder, env: { LD_PRELOAD: '$ORIGIN/lib/pre.so' } });
    expectPredicted(run);
    const names = run.details[0]?.searches.map(({ name, outcome }) => `${name} ${outcome}`);
    expect(names).toEqual([
      '$ORIGIN/lib/pre.so mapped',
      `${folder}/lib/libx.so mapped`,
      'libc.so.6 mapped',
      '$ORIGIN/lib/liby.so mapped',
    ]);
    expect(run.result.outcome).toMatchObject({ exitCode: 0 });
  });

  test('dlopen tells who called, also one that fails and one that is closed again', async () => {
    const main = `
      #include <dlfcn.h>
      int main(void) { void *x = dlopen("libx.so", RTLD_NOW); dlopen("libgone.so", RTLD_NOW); return dlclose(x); }`;
    const folder = build('dlopen', ['-Wl,--as-needed', '-Wl,-rpath,$ORIGIN/lib'], main);
    const run = await traced({ command: ['./app'], cwd: folder });
    expectPredicted(run);
    const opened = run.details[0]?.searches.filter(({ dynamic }) => dynamic);
    expect(opened).toMatchObject([
      { name: 'libx.so', by: './app', atStart: false, outcome: 'mapped' },
      { name: 'libgone.so', by: './app', atStart: false, outcome: 'missing' },
    ]);
    const library = run.details[0]?.libraries.find(({ path }) => path === join(folder, 'lib/libx.so'));
    expect(library).toMatchObject({ dynamic: true, by: './app', unmapped: true });
  });

  test('one file under two names is mapped once', async () => {
    const folder = build('twice', ['-Wl,-rpath,$ORIGIN/lib']);
    const main = '#include <dlfcn.h>\nint main(void) { return dlopen("./lib/../lib/libx.so", RTLD_NOW) == 0; }';
    compileProgram(folder, 'app', main, [
      `-L${join(folder, 'lib')}`,
      '-Wl,--no-as-needed',
      '-lx',
      '-Wl,-rpath,$ORIGIN/lib',
    ]);
    const run = await traced({ command: ['./app'], cwd: folder });
    expectPredicted(run);
    expect(run.details[0]?.searches.at(-1)).toMatchObject({ name: './lib/../lib/libx.so', outcome: 'known' });
  });
});

describe('what the loader gives up at', () => {
  test('a missing library: the program is not started', async () => {
    const folder = build('missing');
    const run = await traced({ command: ['./app'], cwd: folder });
    expect(run.result.outcome).toEqual({ kind: 'exited', exitCode: 127, signal: null });
    expect(run.result.processes[0]).toMatchObject({ started: false, failure: 'libx.so: not found', differences: 0 });
    const [search] = run.details[0]?.searches ?? [];
    expect(search?.predicted).toEqual(search?.tried.map(({ path }) => path));
    expect(run.result.output.stderr).toContain('error while loading shared libraries');
  });

  test('a version that the library has not', async () => {
    const folder = build('version', ['-Wl,-rpath,$ORIGIN/lib']);
    const library = (version: string): void => {
      const source = `__asm__(".symver x_, x@@${version}"); int x_(void) { return 7; }`;
      const script = join(folder, `${version}.map`);
      writeFileSync(script, `${version} { global: x; };`);
      compileLibrary(join(folder, 'lib'), 'libx.so', source, [`-Wl,--version-script=${script}`]);
    };
    library('OLD');
    compileProgram(folder, 'app', 'int x(void); int main(void) { return x(); }', [
      `-L${join(folder, 'lib')}`,
      '-lx',
      '-Wl,-rpath,$ORIGIN/lib',
    ]);
    library('NEW');
    const run = await traced({ command: ['./app'], cwd: folder });
    expect(run.result.processes[0]?.failure).toBe("version `OLD' not found (required by ./app)");
    expect(run.details[0]?.errors).toMatchObject([
      { object: join(folder, 'lib/libx.so'), occasion: 'version lookup error' },
    ]);
    expectPredicted(run);
  });

  test('a symbol that is nowhere, at the first call of it', async () => {
    const folder = build('symbol', ['-Wl,-z,lazy', '-Wl,-rpath,$ORIGIN/lib']);
    compileLibrary(join(folder, 'lib'), 'libx.so', 'int y(void) { return 7; }');
    const run = await traced({ command: ['./app'], cwd: folder });
    expect(run.result.processes[0]).toMatchObject({ started: true, failure: 'undefined symbol: x' });
    expectPredicted(run);
  });
});

describe('processes', () => {
  const wait = '#include <sys/wait.h>\n#include <unistd.h>\n#include <stdlib.h>\n#include <dlfcn.h>\nint x(void);\n';
  const flags = ['-Wl,--no-as-needed', '-Wl,-rpath,$ORIGIN/lib'];

  test('a child that runs on in the same image is one of its own', async () => {
    const main = `${wait} int main(void) { if (fork() == 0) _exit(dlopen("libm.so.6", RTLD_NOW) == 0); wait(0); return x() - 7; }`;
    const run = await traced({ command: ['./app'], cwd: build('fork', flags, main) });
    expectPredicted(run);
    const [parent, child] = run.details;
    expect(child?.process).toMatchObject({ forked: true, parentPid: parent?.process.pid, name: './app' });
    expect(child?.searches).toMatchObject([{ name: 'libm.so.6', dynamic: true, outcome: 'mapped' }]);
    expect(run.details).toHaveLength(2);
  });

  test('a process that becomes another program, and then the same one again, is three', async () => {
    const main = `${wait} int main(int count, char **words) {
      if (count == 1) execl("/usr/bin/env", "env", "./app", "again", (char *)0);
      return x() - 7; }`;
    const run = await traced({ command: ['./app'], cwd: build('exec', flags, main) });
    expectPredicted(run);
    expect(run.details.map(({ process }) => process.name)).toEqual(['./app', 'env', './app']);
    expect(new Set(run.details.map(({ process }) => process.pid)).size).toBe(1);
    expect(run.details.every(({ process }) => process.started)).toBe(true);
  });

  test('a program that starts itself over and over is seen each time', async () => {
    const main = `${wait} int main(int count, char **words) {
      int left = atoi(words[1]); if (left == 0) return x() - 7;
      char next[9] = {0}; next[0] = (char)('0' + left - 1); return execl("./app", "./app", next, (char *)0); }`;
    const run = await traced({ command: ['./app', '5'], cwd: build('again', flags, main) });
    expectPredicted(run);
    expect(run.details).toHaveLength(6);
  });

  test('also where no bindings are recorded', async () => {
    const folder = join(root, 'again');
    const run = await trace({ program: { command: ['./app', '5'], cwd: folder }, bindings: false });
    expectPredicted(run);
    expect(run.details.map(({ process }) => [process.started, process.bindings])).toEqual(Array(6).fill([true, 0]));
  });

  test('children that are started at once, by threads', async () => {
    const main = `${wait}
      #include <pthread.h>
      static void *start(void *name) { return dlopen(name, RTLD_NOW); }
      int main(void) {
        pthread_t threads[4]; char *names[] = { "libm.so.6", "libgone1.so", "libutil.so.1", "libgone2.so" };
        for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, start, names[i]);
        for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
        return x() - 7; }`;
    const folder = build('threads', flags, main);
    const run = await trace({ program: { command: ['./app'], cwd: folder } });
    expectPredicted(run);
    const opened = run.details[0]?.searches
      .filter(({ dynamic }) => dynamic)
      .map(({ name, outcome }) => `${name} ${outcome}`);
    expect(opened?.toSorted()).toEqual([
      'libgone1.so missing',
      'libgone2.so missing',
      'libm.so.6 mapped',
      'libutil.so.1 mapped',
    ]);
  });

  test('a script is traced through what runs it', async () => {
    const script = writeScript(root, 'script.sh', '#!/bin/sh\nexec /bin/true\n');
    const run = await traced({ command: [script], cwd: root });
    expectPredicted(run);
    expect(run.details.map(({ process }) => process.name)).toEqual(['/bin/sh', '/bin/true']);
  });

  test('names that are not UTF-8', async () => {
    const folder = build('bytes', ['-Wl,-rpath,$ORIGIN/lib']);
    renameSync(join(folder, 'app'), Buffer.from(`${folder}/a\xff`, 'latin1'));
    const run = await trace({ program: { command: ['./a\udcff'], cwd: folder } });
    const [process] = run.result.processes.filter(({ name }) => name === './a\udcff');
    expect(process).toMatchObject({ path: `${folder}/a\udcff`, differences: 0, started: true });
    expect(run.result.processes).toHaveLength(1);
  });
});

describe('a difference to the prediction', () => {
  test('the environment was changed inside: both sides, and why', async () => {
    const main = `#include <stdlib.h>\n#include <unistd.h>\nint x(void);
      int main(int count, char **words) {
        if (count > 1) { pause(); return x(); }
        setenv("LD_LIBRARY_PATH", "other", 1); return execl("./app", "./app", "again", (char *)0); }`;
    const folder = build('changed', ['-Wl,-rpath,$ORIGIN/lib'], main);
    mkdirSync(join(folder, 'other'));
    compileLibrary(join(folder, 'other'), 'libx.so', 'int x(void) { return 8; }');
    const stop = new AbortController();
    // It waits, so that the system can be asked for its environment, until both have been seen.
    const run = await trace({ program: { command: ['./app'], cwd: folder } }, stop.signal, ({ searches }) => {
      if (searches === 4) stop.abort();
    });
    expect(run.result.outcome).toEqual({ kind: 'cancelled' });
    const [before, after] = run.details;
    expect(before?.differences).toEqual([]);
    expect(after?.differences[0]).toEqual({
      name: 'libx.so',
      by: './app',
      predicted: before?.searches[0]?.tried.map(({ path }) => path),
      traced: after?.searches[0]?.tried.map(({ path }) => join(folder, path)),
      at: 0,
      explanation:
        'LD_LIBRARY_PATH was not set for the command and is other here. With this, the prediction is the same.',
    });
  });

  test('also of a process that is gone before it can be asked for its environment', async () => {
    const folder = build('gone', ['-Wl,-rpath,$ORIGIN/lib']);
    const command = ['/bin/sh', '-c', 'LD_LIBRARY_PATH=other ./app; true'];
    const run = await traced({ command, cwd: folder });
    const [difference] = run.details.find(({ process }) => process.name === './app')?.differences ?? [];
    expect(difference).toMatchObject({ name: 'libx.so', by: './app', at: 0 });
    // Whether it could be asked depends on how busy the machine is; that it was given another environment is seen in any case.
    expect(difference?.explanation).toMatch(
      /^LD_LIBRARY_PATH was not set for the command|searched an LD_LIBRARY_PATH/u,
    );
  });

  test('an audit module gives another name', async () => {
    const folder = build('audit', ['-Wl,-rpath,$ORIGIN/lib']);
    compileLibrary(join(folder, 'lib'), 'liby.so', 'int x(void) { return 7; }');
    compileLibrary(
      folder,
      'audit.so',
      `#define _GNU_SOURCE
      #include <link.h>
      #include <stdint.h>
      #include <string.h>
      unsigned la_version(unsigned version) { return version; }
      char *la_objsearch(const char *name, uintptr_t *cookie, unsigned flag) {
        return strcmp(name, "libx.so") == 0 ? "liby.so" : (char *)name; }`,
    );
    const program = { command: ['./app'], cwd: folder, env: { LD_AUDIT: './audit.so' } };
    const run = await traced(program);
    const [difference] = run.details[0]?.differences ?? [];
    expect(difference).toMatchObject({ name: 'libx.so', by: './app' });
    expect(difference?.predicted?.at(-1)).toBe(join(folder, 'lib/libx.so'));
    expect(difference?.traced?.at(-1)).toBe(join(folder, 'lib/liby.so'));
    expect(difference?.explanation).toContain('LD_AUDIT is ./audit.so');
    expect(run.details[0]?.searches.find(({ name }) => name === 'libx.so')?.renamed).toBe('liby.so');
    expect(run.details[0]?.searches.some(({ namespace }) => namespace === 1)).toBe(true);
  });
});

describe('times', () => {
  test('a constructor that takes long is seen to, and one that opens another library has both', async () => {
    const folder = build('slow', ['-Wl,-rpath,$ORIGIN/lib']);
    const sleep = (ms: number): string =>
      `#include <time.h>\nstatic void rest(void) { struct timespec t = { 0, ${ms}000000 }; nanosleep(&t, 0); }`;
    compileLibrary(
      join(folder, 'lib'),
      'libinner.so',
      `${sleep(150)}\n__attribute__((constructor)) void in(void) { rest(); }`,
    );
    compileLibrary(
      join(folder, 'lib'),
      'libx.so',
      `${sleep(100)}\n#include <dlfcn.h>\n__attribute__((constructor)) void out(void) { rest(); dlopen("libinner.so", RTLD_NOW); }
       int x(void) { return 7; }`,
      ['-Wl,-rpath,$ORIGIN'],
    );
    const run = await traced({ command: ['./app'], cwd: folder });
    const init = (name: string) => run.details[0]?.libraries.find(({ path }) => path.endsWith(name))?.init;
    const [inner, outer] = [init('/libinner.so'), init('/libx.so')];
    // The truth lies between: the bounds are never on the wrong side of it, however busy the machine is.
    expect(inner?.mostMs).toBeGreaterThanOrEqual(150);
    expect(outer?.mostMs).toBeGreaterThanOrEqual(250);
    expect(outer?.leastMs).toBeGreaterThanOrEqual(inner?.leastMs ?? Number.NaN);
    expect(inner?.leastMs).toBeLessThanOrEqual(run.result.durationMs);
    const order = run.details[0]?.libraries
      .filter(({ initOrder }) => initOrder !== null)
      .toSorted((left, right) => (left.initOrder ?? 0) - (right.initOrder ?? 0));
    const names = order?.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
    expect(names).toEqual(['ld-linux-x86-64.so.2', 'libc.so.6', 'libx.so', 'libinner.so']);
    expect(run.details[0]?.statistics.startupCycles).toBeGreaterThan(0);
    expect(run.details[0]?.statistics.relocations).toBeGreaterThan(0);
  });
});
