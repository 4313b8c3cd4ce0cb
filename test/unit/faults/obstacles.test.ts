import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsFixture, writeExecutable } from '../../support/faults-fixture.ts';

const { folder, compile, compileForMusl, byHand, sweep } = faultsFixture();

async function refused(command: readonly string[]): Promise<string> {
  const failure: unknown = await sweep(command).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ name: 'UserError' });
  return failure instanceof Error ? failure.message : '';
}

test('a statically linked program', async () => {
  expect(await refused([compile('loop.c', ['-static'], 'static')])).toContain('is statically linked');
});

test('a program with AddressSanitizer within', async () => {
  const program = compile('loop.c', ['-fsanitize=address', '-static-libasan'], 'static-asan');
  expect(await refused([program])).toContain('has AddressSanitizer linked in statically');
});

test('a program for musl, and no compiler for it', async () => {
  const without = faultsFixture({ toolPath: tool => (tool === 'muslCc' ? '/nonexistent/musl-gcc' : undefined) });
  await expect(without.sweep([compileForMusl('loop.c')])).rejects.toMatchObject({
    kind: 'toolMissing',
    remedy: expect.stringContaining('musl'),
    message: expect.stringContaining('malloc fault injection into programs for musl'),
  });
});

test('a 32-bit program, and a compiler that makes none', async () => {
  const words = 'echo "fatal error: bits/libc-header-start.h: No such file" >&2';
  const script = `#!/bin/sh\ncase " $* " in *" -m32 "*) ${words}; exit 1;; esac\nexec cc "$@"\n`;
  const compiler = writeExecutable(join(folder, 'cc-64'), script);
  const without = faultsFixture({ toolPath: tool => (tool === 'cc' ? compiler : undefined) });
  await expect(without.sweep([compile('loop.c', ['-m32'], 'loop32')])).rejects.toMatchObject({
    kind: 'toolFailed',
    remedy: expect.stringContaining('multilib'),
    message: expect.stringMatching(/^The program has 32 bits, .*libc-header-start\.h/u),
  });
});

test('a setuid program', async () => {
  const program = join(folder, 'setuid');
  copyFileSync(compile('loop.c'), program);
  chownSync(program, 65_534, 65_534);
  chmodSync(program, 0o4755);
  expect(await refused([program])).toContain('it is setuid');
});

test('a program with a malloc of its own', async () => {
  expect(await refused([compile('own_malloc.c', ['-fno-builtin'])])).toContain('has a malloc of its own');
});

test('a program that never allocates', async () => {
  expect(await refused([compile('allocates_nothing.c')])).toContain('without asking malloc for memory even once');
});

test('a program that crashes by itself', async () => {
  const program = compile('crashes.c');
  expect(await refused([program])).toContain('died of SIGSEGV by itself');
});

test('a shell script, also one that env finds the shell for', async () => {
  const plain = writeExecutable(join(folder, 'plain'), '#! /bin/sh -e\n./loop\n');
  const found = writeExecutable(join(folder, 'found'), '#!/usr/bin/env bash\n./loop\n');
  expect(await refused([plain])).toContain('is a shell script');
  expect(await refused([found])).toContain('is a shell script');
});

test.each([
  ['env', 'A=b'],
  ['nice', '-n', '0'],
])('a program that becomes another: %s', async (...starter) => {
  expect(await refused([...starter, compile('loop.c')])).toMatch(/became another program \(.*loop, by exec\)/u);
});

test.each(['l', 'lp', 'le', 'v', 've', 'vp', 'vpe', 'f'])('exec%s is seen, and does what it does', async form => {
  const program = compile('execs.c');
  const { stdout } = await byHand([program, form], { MALLOC_FAULTS_CHILDREN: '0' });
  expect(stdout).toBe('a b c\n');
  expect(await refused([program, form])).toMatch(/became another program \(.*echo, by exec\)/u);
});

test('a failed exec, and one of a child after vfork, are no obstacle', async () => {
  expect((await sweep([compile('execs.c'), 'none'])).clean.allocations).toBe(1);
});

test('a program whose child is meant', async () => {
  expect(await refused(['timeout', '5', compile('loop.c')])).toMatch(/timeout starts another program/u);
  expect((await sweep(['timeout', '--version'], { maxPoints: 1 })).clean.exitCode).toBe(0);
});

test('no such program, a folder, and a file that is no program', async () => {
  const text = join(folder, 'text');
  writeFileSync(text, 'words', { mode: 0o644 });
  expect(await refused(['./nowhere'])).toContain('There is no program');
  expect(await refused(['nowhere-on-path'])).toContain('is in no folder of PATH');
  expect(await refused([folder])).toContain('is not a file');
  expect(await refused([text])).toContain('may not be executed');
  expect(await refused([''])).toContain('The command is empty');
});

test('a program that does not end by itself', async () => {
  await expect(sweep(['sleep', '1000'], { deadlineSeconds: 0.3 })).rejects.toMatchObject({
    kind: 'toolTimedOut',
    message: expect.stringContaining('did not end by itself within 0.3 seconds'),
  });
});

test('a script of another interpreter is that interpreter with the script', async () => {
  const script = writeExecutable(join(folder, 'script'), `#!/usr/bin/env interpreter\n`);
  // The interpreter's name is on no PATH but the program's own.
  compile('reads_file.c', [], 'interpreter');
  const swept = await sweep([script], { env: { PATH: `${folder}:/usr/bin:/bin` } });
  expect(swept.clean).toMatchObject({ exitCode: 0, allocations: 1 });
});
