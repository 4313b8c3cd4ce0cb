import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { readVersionsReport } from '../../../language-server/elf/versions/versions-report.ts';
import { cLibraryOf } from '../../../language-server/elf/versions/versions-report-libc.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());
const library = ['-shared', '-fPIC', '-fno-builtin', '-w'];

const oldest = async (file: string): Promise<Readonly<Record<string, string>>> => {
  const { platforms } = await readVersionsReport(file);
  return Object.fromEntries(platforms.map(({ family, kind, oldest: release }) => [family, release?.name ?? kind]));
};

describe('glibc', () => {
  test('a function of 2.34 forces the systems that have it', async () => {
    const file = compile('lib34.so', 'int pthread_create(); int f(void) { return pthread_create(); }\n', ...library);
    const report = await readVersionsReport(file);
    expect(report.libc).toBe('glibc');
    expect(report.floors['GLIBC']).toEqual({ version: '2.34', symbols: ['pthread_create'] });
    expect(await oldest(file)).toMatchObject({ Debian: '12 (bookworm)', Ubuntu: '22.04', manylinux: 'manylinux_2_34' });
    expect(report.remedies.map(({ id }) => id)).toContain('older-sysroot');
    expect(execFileSync('sh', ['-c', report.command], { encoding: 'utf8' })).toContain('GLIBC_2.34');
  });

  test('an older version that the source asks for', async () => {
    const source =
      '__asm__(".symver memcpy, memcpy@GLIBC_2.2.5");\nvoid *memcpy(); void *f(void) { return memcpy(); }\n';
    const file = compile('libold.so', source, ...library);
    const { GLIBC } = (await readVersionsReport(file)).floors;
    expect(GLIBC?.version).toBe('2.2.5');
    expect(GLIBC?.symbols).toContain('memcpy');
    expect(await oldest(file)).toMatchObject({ Debian: '10 (buster)', manylinux: 'manylinux_2_5 (manylinux1)' });
    expect((await readVersionsReport(file)).remedies).toEqual([]);
  });

  test('packed relocations have a remedy of their own', async () => {
    const file = compile(
      'librelr.so',
      'int a, puts(); int *f[] = {&a, &a}; int g(void) { return puts(); }\n',
      ...library,
      '-Wl,-z,pack-relative-relocs',
      '-lc',
    );
    const { floors, remedies } = await readVersionsReport(file);
    expect(floors['GLIBC']?.version).toBe('2.36');
    expect(remedies[0]?.id).toBe('nopack-relative-relocs');
  });

  test('a wheel has to hold what its profile does not promise', async () => {
    compile('libfoo.so.1', 'int foo(void) { return 1; }\n', ...library, '-Wl,-soname,libfoo.so.1');
    const source = 'int foo(void); int PyInit_m(void) { return foo(); }\n';
    const file = compile('m.cpython-311-x86_64-linux-gnu.so', source, ...library, path('libfoo.so.1'));
    const { platforms, remedies } = await readVersionsReport(file);
    expect(platforms.find(({ family }) => family === 'manylinux')?.bundle).toEqual(['libfoo.so.1']);
    expect(remedies.map(({ id }) => id)).toContain('auditwheel-repair');
  });
});

test('musl: by the functions that came with a release', async () => {
  const source =
    '#include <stdlib.h>\nvoid *reallocarray(void *, size_t, size_t);\nint main(int n, char **v) { return reallocarray(v, n, n) == 0; }\n';
  const file = path('musl');
  compile('musl.glibc', source, '-w');
  run('musl-gcc', '-w', '-fno-builtin', '-o', file, path('musl.glibc.c'));
  const { libc, floors, platforms } = await readVersionsReport(file);
  expect(libc).toBe('musl');
  expect(floors['MUSL']).toEqual({ version: '1.2.2', symbols: ['reallocarray'] });
  expect(platforms.find(({ family }) => family === 'Debian')?.kind).toBe('otherLibc');
  expect(platforms.find(({ family }) => family === 'Alpine Linux')?.kind).toBe('runs');
  expect(platforms.map(({ family }) => family)).not.toContain('manylinux');
});

test('a static program runs everywhere; an object file does not run', async () => {
  const source = 'int main(void) { return 0; }\n';
  const { libc, platforms } = await readVersionsReport(compile('static', source, '-static'));
  expect(libc).toBe('none');
  expect(platforms.every(({ kind, reasons }) => kind === 'runs' && reasons.length === 0)).toBe(true);
  expect((await readVersionsReport(compile('object.o', source, '-c'))).platforms).toEqual([]);
});

test('the C library by the loader and by what is needed', () => {
  const libcOf = (interpreter: string | null, ...needed: readonly string[]) => cLibraryOf({ interpreter, needed });
  expect(libcOf('/lib64/ld-linux-x86-64.so.2')).toBe('glibc');
  expect(libcOf('/lib64/ld64.so.2')).toBe('glibc');
  expect(libcOf(null, 'libm.so.6', 'libc.so.6')).toBe('glibc');
  expect(libcOf('/lib/ld-musl-aarch64.so.1')).toBe('musl');
  expect(libcOf(null, 'libc.musl-x86_64.so.1')).toBe('musl');
  expect(libcOf(null, 'libc.so')).toBe('musl');
  expect(libcOf('/system/bin/linker64', 'libc.so')).toBe('other');
  expect(libcOf(null, 'libc.so', 'libdl.so')).toBe('other');
  expect(libcOf('/libexec/ld-elf.so.1', 'libc.so.7')).toBe('other');
  expect(libcOf(null)).toBe('none');
});

test('inspect brings the platforms along', async () => {
  const { platforms, floors } = await inspectFile('/bin/sh');
  const report = await readVersionsReport('/bin/sh');
  expect(platforms).toEqual(report.platforms);
  expect(floors).toEqual(report.floors);
  expect(platforms.length).toBeGreaterThan(5);
});
