import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkSecurity } from '../../../language-server/elf/checks/security-checks.ts';
import { checkStructure } from '../../../language-server/elf/checks/structure-checks.ts';
import { readFacts } from '../../../language-server/elf/facts.ts';
import { readIdentity } from '../../../language-server/elf/identity.ts';
import { quickLanguageLimits } from '../../../language-server/elf/languages/read-languages.ts';
import { withElfFile } from '../../../language-server/elf/open-elf.ts';
import { readOrigins } from '../../../language-server/elf/origins.ts';
import { readOverview } from '../../../language-server/elf/overview.ts';
import { overviewParts } from '../../../language-server/elf/size/overview-parts.ts';
import { tableSummaries } from '../../../language-server/elf/tables.ts';
import { elfFilesBelow } from '../../support/elf-corpus.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());
const code = '#include <stdio.h>\nint f(void) { return puts("x"); }\n';
const program = 'int main(void) { return 0; }\n';

const codes = async (file: string): Promise<readonly string[]> =>
  (await readOverview(file)).findings.map(finding => finding.code);

describe('a shared library', () => {
  const library = compile(
    'libone.so',
    code,
    '-shared',
    '-fPIC',
    '-g',
    '-Wl,-soname,libone.so',
    '-Wl,-rpath,$ORIGIN/lib',
    '-Wl,--enable-new-dtags',
    '-Wl,--build-id=0x1234abcd',
    '-Wl,--no-as-needed',
    '-lm',
  );

  test('is told by its header, dynamic section and notes', async () => {
    const { identity, findings, sizeBytes } = await readOverview(library);
    expect(identity).toMatchObject({
      kind: 'shared-library',
      type: 'ET_DYN',
      soname: 'libone.so',
      needed: ['libm.so.6', 'libc.so.6'],
      runpath: '$ORIGIN/lib',
      rpath: null,
      interpreter: null,
      buildId: '1234abcd',
      class: 64,
    });
    expect(identity.summary).toMatch(
      /^shared library, .*, 64-bit little-endian, built by GCC [\d.]+, with debug information$/u,
    );
    expect(findings).toEqual([]);
    expect(sizeBytes).toBe(statSync(library).size);
  });

  test('each fact and table carries a command that prints the same', async () => {
    const { facts, tables } = await readOverview(library);
    expect(facts.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['SONAME', 'Needed', 'RUNPATH', 'Build ID', 'Compiler']),
    );
    const soname = facts.find(({ label }) => label === 'SONAME');
    expect(run('/bin/sh', '-c', soname?.command ?? '')).toContain('libone.so');
    for (const { command } of [...facts, ...tables]) expect(run('/bin/sh', '-c', command)).not.toBe('');
    expect(tables.map(({ id }) => id)).toEqual([
      'sections',
      'segments',
      'dynamic',
      'dynamic-symbols',
      'symbols',
      'relocations',
      'versions',
      'hash',
      'initializers',
      'notes',
      'strings',
    ]);
  });

  test('RPATH with the old tag', async () => {
    const old = compile('libold.so', code, '-shared', '-fPIC', '-Wl,-rpath,/old', '-Wl,--disable-new-dtags');
    expect((await readOverview(old)).identity).toMatchObject({ rpath: '/old', runpath: null });
  });

  test('stripped, with a debug link; the debug file itself has no needs', async () => {
    run('objcopy', '--only-keep-debug', library, path('libone.debug'));
    run('strip', '-o', path('stripped.so'), library);
    run('objcopy', '--add-gnu-debuglink=libone.debug', path('stripped.so'));
    const stripped = await readOverview(path('stripped.so'));
    expect(stripped.identity.summary).toContain(`, stripped, debug symbols in ${path('libone.debug')}`);
    expect(stripped.tables.map(({ id }) => id)).not.toContain('symbols');
    const debug = await readOverview(path('libone.debug'));
    expect(debug.identity).toMatchObject({ kind: 'debug-file', needed: [], soname: null, buildId: '1234abcd' });
    expect(debug.findings).toEqual([]);
    rmSync(path('libone.debug'));
    expect((await readOverview(path('stripped.so'))).identity.summary).toMatch(
      /, stripped, debug symbols in libone\.debug \(not on this machine\)$/u,
    );
  });

  test('without section headers, symbols are counted through the hash tables', async () => {
    for (const style of ['gnu', 'sysv', 'both']) {
      const file = compile(`lib${style}.so`, code, '-shared', '-fPIC', `-Wl,--hash-style=${style}`);
      const counted = (await readOverview(file)).tables.find(({ id }) => id === 'dynamic-symbols')?.rowCount;
      const bare = path(`bare-${style}.so`);
      // e_shoff, e_shnum, e_shstrndx
      const bytes = readFileSync(file).fill(0, 40, 48).fill(0, 60, 64);
      writeFileSync(bare, bytes);
      const overview = await readOverview(bare);
      expect(overview.tables.find(({ id }) => id === 'dynamic-symbols')?.rowCount).toBe(counted);
      expect(overview.tables.map(({ id }) => id)).not.toContain('sections');
      expect(overview.identity.needed).toEqual(['libc.so.6']);
    }
  });
});

describe('the kind of a file', () => {
  const cases: readonly (readonly [string, string, readonly string[], object])[] = [
    [
      'pie',
      program,
      ['-pie', '-fPIE'],
      { kind: 'executable', type: 'ET_DYN', summary: expect.stringMatching(/^position-independent executable, /u) },
    ],
    [
      'fixed',
      program,
      ['-no-pie'],
      { kind: 'executable', type: 'ET_EXEC', summary: expect.stringMatching(/^executable, /u) },
    ],
    [
      'static',
      program,
      ['-static', '-nostdlib', '-Wl,-e,main'],
      { kind: 'executable', interpreter: null, summary: expect.stringMatching(/^static executable, /u) },
    ],
    [
      'static-pie',
      program,
      ['-static-pie', '-fPIE', '-nostdlib', '-Wl,-e,main'],
      { kind: 'executable', interpreter: null },
    ],
    ['object.o', code, ['-c'], { kind: 'relocatable', type: 'ET_REL', needed: [], interpreter: null }],
    [
      'module.ko',
      '__attribute__((section(".modinfo"))) char a[] = "license=GPL"; __attribute__((section(".gnu.linkonce.this_module"))) char b[64];',
      ['-c'],
      { kind: 'kernel-module' },
    ],
  ];
  test.for(cases)('%s', async ([name, source, options, expected]) => {
    expect((await readOverview(compile(name, source, ...options))).identity).toMatchObject(expected);
  });

  test('libc is a library although it can be run', async () => {
    const libc = run('cc', '-print-file-name=libc.so.6').trim();
    expect((await readOverview(libc)).identity).toMatchObject({
      kind: 'shared-library',
      interpreter: expect.stringContaining('ld-'),
    });
  });
});

describe('what weakens a process is found', () => {
  const withoutNote = '.globl g\n.type g, @function\ng: ret\n';

  test('an executable stack, asked for', async () => {
    const file = compile('libstack.so', code, '-shared', '-fPIC', '-Wl,-z,execstack');
    const { findings } = await readOverview(file);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'elf/executable-stack',
        severity: 'warning',
        actual: 'PT_GNU_STACK with flags RWE',
        offset: expect.any(Number),
      }),
    );
  });

  test('by an assembler file that says nothing of the stack', async () => {
    expect(await codes(compile('libasm.so', withoutNote, '-shared', '-nostdlib', '-Wl,-z,noseparate-code'))).toContain(
      'elf/executable-stack',
    );
  });

  test('a segment that is writable and executable', async () => {
    expect(await codes(compile('rwx', program, '-Wl,--omagic', '-static', '-nostdlib', '-Wl,-e,main'))).toContain(
      'elf/writable-executable-segment',
    );
  });

  test('relocations in code', async () => {
    const source = '.text\n.globl g\ng: .quad puts\n.section .note.GNU-stack,"",@progbits\n';
    expect(
      await codes(compile('libtext.so', source, '-shared', '-Wl,-z,notext', '-Wl,-soname,libtext.so', '-lc')),
    ).toEqual(['elf/text-relocations']);
  });
});

describe('cost follows what is looked at', () => {
  const largest = elfFilesBelow(['/usr/lib', '/usr/bin']).reduce((left, right) =>
    left.sizeBytes > right.sizeBytes ? left : right,
  );

  test(`the overview of the largest file of the system reads under 1 MB`, async () => {
    const bytesRead = await withElfFile(largest.path, async file => {
      const origins = await readOrigins(file, quickLanguageLimits, undefined);
      const identity = readIdentity(file, origins.debugFile);
      readFacts(file, identity, origins);
      overviewParts(file.image);
      tableSummaries(file);
      checkStructure(file);
      checkSecurity(file, identity.kind);
      return file.image.source.bytesRead();
    });
    expect(bytesRead).toBeGreaterThan(1000);
    expect(bytesRead).toBeLessThan(1_000_000);
  });
});

test('a cancelled request does no work', async () => {
  await expect(readOverview('/bin/sh', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});
