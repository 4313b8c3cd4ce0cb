import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createRecordFile } from '../../../language-server/faults/record.ts';
import { shimLibrary } from '../../../language-server/faults/shim.ts';
import { faultsFixture, shimFolder, writeExecutable } from '../../support/faults-fixture.ts';

const { folder, cacheFolder, door, compile } = faultsFixture();
const loop = compile('loop.c');

test('a shim is compiled once, also by two who come at once', async () => {
  const environment = { door, shimFolder, cacheFolder };
  const paths = await Promise.all([1, 2, 3].map(() => shimLibrary(environment)));
  expect(new Set(paths).size).toBe(1);
  expect(readdirSync(cacheFolder)).toHaveLength(1);
  const compiledMs = statSync(paths[0] ?? '').mtimeMs;
  expect(statSync(await shimLibrary(environment)).mtimeMs).toBe(compiledMs);
});

test('other sources, or another compiler, make another one', async () => {
  const first = await shimLibrary({ door, shimFolder, cacheFolder });
  const changed = join(folder, 'changed');
  cpSync(shimFolder, changed, { recursive: true });
  writeFileSync(join(changed, 'crash.c'), '\n/* changed */\n', { flag: 'a' });
  const second = await shimLibrary({ door, shimFolder: changed, cacheFolder });
  const compiler = writeExecutable(join(folder, 'my-cc'), '#!/bin/sh\nexec cc "$@"\n');
  const other = faultsFixture({ toolPath: tool => (tool === 'cc' ? compiler : undefined) });
  const third = await shimLibrary({ door: other.door, shimFolder, cacheFolder });
  expect(new Set([first, second, third]).size).toBe(3);
});

test('it stands alone: needs the C library only, shows its functions only, warns of nothing', async () => {
  const library = await shimLibrary({ door, shimFolder, cacheFolder });
  const needed = execFileSync('readelf', ['-dW', library], { encoding: 'utf8' }).match(/Shared library: \[.*\]/gu);
  expect(needed?.every(line => /\[(?:libc|ld-linux)/u.test(line))).toBe(true);
  const shown = execFileSync('nm', ['-D', '--defined-only', library], { encoding: 'utf8' });
  expect(shown.match(/\S+$/gmu)).toEqual([
    ...['_Exit', '__libc_start_main', '__sysv_signal', '_exit', 'aligned_alloc', 'bsd_signal', 'calloc'],
    ...['execl', 'execle', 'execlp', 'execv', 'execve', 'execvp', 'execvpe', 'fexecve', 'free'],
    ...['malloc', 'malloc_faults_close', 'malloc_faults_count', 'malloc_faults_injected', 'malloc_faults_open'],
    ...['memalign', 'posix_memalign', 'prctl', 'pvalloc', 'realloc', 'reallocarray'],
    ...['sigaction', 'signal', 'sysv_signal', 'valloc'],
  ]);
  const strict = ['-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wno-sign-conversion', '-Werror'];
  for (const unit of readdirSync(shimFolder).filter(name => name.endsWith('.c'))) {
    execFileSync('cc', [...strict, '-fno-builtin', '-fsyntax-only', join(shimFolder, unit)]);
  }
});

test('a cache whose path the loader would split is passed over', async () => {
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  const library = await shimLibrary({ door, shimFolder, cacheFolder: join(folder, 'a b:c') });
  vi.unstubAllEnvs();
  expect(dirname(dirname(library))).toBe(temporary);
  expect(statSync(dirname(library)).mode & 0o777).toBe(0o700);
});

test('a cache or a temporary folder that cannot be written is said', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(shimLibrary({ door, shimFolder, cacheFolder: join(file, 'cache') })).rejects.toMatchObject({
    kind: 'toolFailed',
    message: expect.stringMatching(/^There is no place to keep the compiled fault shim: ENOTDIR/u),
  });
  vi.stubEnv('TMPDIR', join(folder, 'nowhere'));
  await expect(createRecordFile(join(folder, 'nowhere'))).rejects.toMatchObject({
    kind: 'toolFailed',
    message: expect.stringMatching(/ENOENT/u),
  });
  vi.unstubAllEnvs();
});

test('without a compiler there is a remedy', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  const failure = shimLibrary({ door, shimFolder, cacheFolder: join(folder, 'none') });
  await expect(failure).rejects.toMatchObject({ kind: 'toolMissing', remedy: expect.stringContaining('gcc') });
  vi.unstubAllEnvs();
});

test('a compiler that fails is heard', async () => {
  const compiler = writeExecutable(
    join(folder, 'bad-cc'),
    '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "fatal error: stdlib.h: No such file" >&2\nexit 1\n',
  );
  const { door: other } = faultsFixture({ toolPath: tool => (tool === 'cc' ? compiler : undefined) });
  await expect(shimLibrary({ door: other, shimFolder, cacheFolder })).rejects.toMatchObject({
    kind: 'toolFailed',
    message: expect.stringContaining('stdlib.h: No such file'),
    remedy: expect.stringContaining('gcc'),
  });
  expect(readdirSync(cacheFolder).every(name => name.endsWith('.so'))).toBe(true);
});

test('without addr2line there are modules and offsets', async () => {
  const { sweep: sweepWithout } = faultsFixture({
    toolPath: tool => (tool === 'addr2line' ? '/nonexistent/addr2line' : undefined),
  });
  const { runs } = await sweepWithout([loop], { only: 0 });
  expect(runs[0]?.crashStack[0]).toMatchObject({ module: loop, function: null, line: null });
  expect(runs[0]?.message).toMatch(/^SIGSEGV at loop\+0x[\da-f]+, after the allocation at loop\+0x[\da-f]+ failed\.$/u);
});
