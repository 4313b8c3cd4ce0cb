import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { faultsFixture, shimFolder } from '../../support/faults-fixture.ts';
import { processesNaming, until } from '../../support/processes.ts';

const { folder, cacheFolder, compile, sweep, shim } = faultsFixture();
const verdicts = compile('verdicts.c');

/** A program of this name alone, so that its processes are known, and a folder for its temporary files. */
function named(name: string): { readonly program: string; readonly temporary: string } {
  const program = join(folder, name);
  copyFileSync(verdicts, program);
  const temporary = join(folder, `${name}.tmp`);
  mkdirSync(temporary);
  return { program, temporary };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The supervisor, the program, and a copy of it that hangs. */
const whenCopied = (program: string): Promise<void> => until(() => processesNaming(program).length >= 3);

/** Its first allocation fails, and what waits for that never ends; others succeed. */
const hang = ['hang', '5'];

describe('neither a process nor a file is left', () => {
  test('when it is cancelled', async () => {
    const { program, temporary } = named('cancelled');
    vi.stubEnv('TMPDIR', temporary);
    const stop = new AbortController();
    void whenCopied(program).then(() => stop.abort());
    const swept = await sweep([program, ...hang], { signal: stop.signal });
    expect(swept.stopped).toBe('cancelled');
    expect(processesNaming(program)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('when the server is killed', async () => {
    const { program, temporary } = named('orphaned');
    const bundle = join(folder, 'server.cjs');
    await build({
      stdin: { contents: server([program, ...hang]), resolveDir: join(import.meta.dirname, '../../..'), loader: 'ts' },
      ...{ bundle: true, platform: 'node', format: 'cjs', outfile: bundle },
    });
    await shim();
    const process = spawn(globalThis.process.execPath, [bundle], {
      env: { ...globalThis.process.env, TMPDIR: temporary },
      stdio: 'ignore',
    });
    const ended = new Promise(resolve => process.once('exit', resolve));
    await whenCopied(program);
    expect(readdirSync(temporary)).not.toEqual([]);
    process.kill('SIGKILL');
    await ended;
    await until(() => processesNaming(program).length === 0);
    await until(() => readdirSync(temporary).length === 0);
  });

  test('when the supervisor is killed', async () => {
    const { program, temporary } = named('headless');
    vi.stubEnv('TMPDIR', temporary);
    void whenCopied(program).then(() => process.kill(Math.min(...processesNaming(program)), 'SIGKILL'));
    // Its points are then run by themselves.
    const { verdicts: counts } = await sweep([program, ...hang], { deadlineSeconds: 2 });
    expect(counts).toMatchObject({ crash: 0, notReached: 0 });
    expect(counts.hang).toBeGreaterThan(0);
    expect(processesNaming(program)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

/** A Node process that sweeps as the language server does. */
function server(command: readonly string[]): string {
  return `
    import { sweepFaults } from './language-server/faults/sweep.ts';
    import { createNativeDoor } from './language-server/native/create-door.ts';
    const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
    void sweepFaults({ program: { command: ${JSON.stringify(command)} } }, {
      ...{ door, shimFolder: ${JSON.stringify(shimFolder)}, cacheFolder: ${JSON.stringify(cacheFolder)} },
      ...{ deadlineSeconds: 600, maxPoints: 100, onProgress: () => undefined },
    });
  `;
}

test('a copy that hangs ends at its deadline, and only so many of one call stack are waited for', async () => {
  const { runs, skipped, plan } = await sweep([verdicts, ...hang], { mode: { kind: 'fromNth' }, deadlineSeconds: 2 });
  expect(runs.map(({ verdict }) => verdict)).toContain('hang');
  expect([...runs.map(({ n }) => n), ...skipped.flatMap(({ ns }) => ns)]).toHaveLength(6);
  expect(plan.snapshot).toMatchObject({ refused: null });
});

test('a copy that prints without end is run by itself', async () => {
  const { plan } = await sweep([compile('prints.c')], { mode: { kind: 'nth' }, deadlineSeconds: 2 });
  expect(plan.snapshot?.refused).toContain('prints too much');
});

test('a disk with no room for the files of a sweep is said; one with little is enough', async () => {
  const mount = join(folder, 'small');
  mkdirSync(mount);
  // Only root mounts; the packages that the tests need ask for root too (test/setup/packages.mjs).
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', mount]);
  try {
    vi.stubEnv('TMPDIR', mount);
    const { plan } = await sweep([verdicts, 'clean', '300'], { mode: { kind: 'nth' } });
    expect(plan.snapshot).toEqual({ used: 301, refused: null });
    expect(readdirSync(mount)).toEqual([]);
    const { bavail, bsize } = statfsSync(mount);
    writeFileSync(join(mount, 'full'), Buffer.alloc(bavail * bsize));
    await expect(sweep([verdicts, 'clean', '300'])).rejects.toMatchObject({ kind: 'toolFailed' });
    expect(readdirSync(mount)).toEqual(['full']);
  } finally {
    execFileSync('umount', ['-l', mount]);
  }
});
