import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { compareVersions, versionFloorsOf } from '../../../language-server/elf/versions/version-floors.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());
const program =
  '#include <stdio.h>\n#include <string.h>\nint main(int n, char **v) { char b[99]; strcpy(b, v[0]); return puts(b); }\n';
const plain = ['-O2', '-U_FORTIFY_SOURCE', '-fno-stack-protector'];

let built = 0;

async function hardeningOf(options: readonly string[], source = program) {
  built += 1;
  const { hardening } = await inspectFile(compile(`case${built}`, source, ...plain, ...options));
  for (const { evidence } of Object.values(hardening)) expect(evidence).not.toBe('');
  return Object.fromEntries(Object.entries(hardening).map(([name, { verdict }]) => [name, verdict]));
}

describe('hardening', () => {
  const library = ['-shared', '-fPIC'];
  const cases: readonly (readonly [string, readonly string[], object])[] = [
    [
      'nothing',
      ['-no-pie', '-Wl,-z,norelro', '-Wl,-z,lazy'],
      { relro: 'none', bindNow: 'no', canary: 'no', nx: 'yes', pie: 'no', fortify: 'no' },
    ],
    ['partial RELRO', ['-Wl,-z,relro', '-Wl,-z,lazy'], { relro: 'partial', bindNow: 'no' }],
    ['full RELRO', ['-Wl,-z,relro', '-Wl,-z,now'], { relro: 'full', bindNow: 'yes' }],
    ['BIND_NOW without RELRO', ['-Wl,-z,norelro', '-Wl,-z,now'], { relro: 'none', bindNow: 'yes' }],
    ['a stack protector', ['-fstack-protector-all'], { canary: 'yes' }],
    ['an executable stack', ['-Wl,-z,execstack'], { nx: 'no' }],
    ['a position independent program', ['-pie', '-fPIE'], { pie: 'yes' }],
    ['fortified functions', ['-D_FORTIFY_SOURCE=2'], { fortify: 'yes' }],
    ['a library', [...library, '-Wl,-z,now'], { pie: 'notApplicable', relro: 'full', nx: 'yes' }],
    [
      'a static program',
      ['-static'],
      { bindNow: 'notApplicable', canary: 'unknown', fortify: 'unknown', pie: 'no', nx: 'yes' },
    ],
    [
      'a static position independent program',
      ['-static-pie', '-fPIE'],
      { pie: 'yes', canary: 'unknown', fortify: 'unknown' },
    ],
    [
      'an object file',
      ['-c'],
      { relro: 'notApplicable', bindNow: 'notApplicable', pie: 'notApplicable', canary: 'no', nx: 'yes' },
    ],
  ];
  test.for(cases)('%s', async ([_, options, expected]) => {
    expect(await hardeningOf(options)).toMatchObject(expected);
  });

  test('a program that calls nothing that could be fortified', async () => {
    expect(await hardeningOf([], 'int main(void) { return 0; }\n')).toMatchObject({ fortify: 'unknown' });
  });

  test('an object file whose assembler says nothing of the stack', async () => {
    expect(await hardeningOf(['-c'], '.globl g\ng: nop\n')).toMatchObject({ nx: 'unknown' });
  });

  test('what a truncated file does not tell is unknown', async () => {
    const bytes = readFileSync('/bin/sh');
    // Behind the program headers.
    writeFileSync(path('cut'), bytes.subarray(0, 4096));
    const { hardening } = await inspectFile(path('cut'));
    const verdicts = [hardening.relro, hardening.bindNow, hardening.canary, hardening.fortify].map(
      ({ verdict }) => verdict,
    );
    expect(verdicts).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(hardening.nx.verdict).toBe('yes');
  });

  test('a debug file has none of its own', async () => {
    const file = compile('withdebug', program, '-g');
    run('objcopy', '--only-keep-debug', file, path('only.debug'));
    const { hardening, kind, needed } = await inspectFile(path('only.debug'));
    expect(kind).toBe('debug-file');
    expect(needed).toEqual([]);
    expect(hardening.relro.verdict).toBe('notApplicable');
  });
});

describe('versions', () => {
  test('needed ones come with the symbols that carry them', async () => {
    const source =
      '#include <string.h>\nvoid *f(void *a, void *b) { return memcpy(a, b, (unsigned long)a); }\nint g(void) { extern int pthread_create(); return pthread_create(); }\n';
    const { versionNeeds, floors } = await inspectFile(
      compile('libversions.so', source, '-shared', '-fPIC', '-fno-builtin', '-w'),
    );
    expect(versionNeeds).toContainEqual({ provider: 'libc.so.6', version: 'GLIBC_2.14', symbols: ['memcpy'] });
    expect(floors['GLIBC']).toEqual({ version: '2.34', symbols: ['pthread_create'] });
  });

  test('are compared as numbers', () => {
    expect(['2.9', '2.17', '2.2.5', '2.2', '10'].sort(compareVersions)).toEqual(['2.2', '2.2.5', '2.9', '2.17', '10']);
  });

  test('families are kept apart, weak and nameless ones do not count, abilities of the loader do', () => {
    const need = (version: string, symbols: readonly string[] = [], weak = false) => ({
      provider: 'x',
      version,
      symbols,
      weak,
    });
    const needs = [
      need('GLIBC_2.9', ['a']),
      need('GLIBC_2.17', ['b']),
      need('GLIBC_2.30', ['w'], true),
      need('GLIBC_PRIVATE', ['p']),
      need('GLIBCXX_3.4.29', ['c']),
      need('GLIBC_2.17', ['d']),
    ];
    expect(versionFloorsOf(needs)).toEqual({
      GLIBC: { version: '2.17', symbols: ['b', 'd'] },
      GLIBCXX: { version: '3.4.29', symbols: ['c'] },
    });
    expect(versionFloorsOf([...needs, need('GLIBC_ABI_DT_RELR')])['GLIBC']).toEqual({ version: '2.36', symbols: [] });
  });
});

test('the report has the members of inspect@1', async () => {
  const report = await inspectFile('/bin/sh');
  const members =
    'path kind class byteOrder machine type soname interpreter needed rpath runpath buildId hardening versionNeeds floors findings';
  expect(Object.keys(report)).toEqual(expect.arrayContaining(members.split(' ')));
});

test('can be cancelled', async () => {
  await expect(inspectFile('/bin/sh', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});
