import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allRows, differencesFromReadelf } from '../support/elf-compare.ts';
import { toolchainIn } from '../support/elf-toolchain.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Against readelf on files that this machine's tools build here and now: kinds that a machine may have no file of. */
const folder = temporaryFolder();
const { compile, run, path } = toolchainIn(folder);
const library =
  '#include <stdio.h>\n__thread int t = 1; __thread int u; int common[99]; static int s = 3; extern int weak(void) __attribute__((weak));\nint f(void) { return puts("x") + t + u + s + (weak ? weak() : 0); }\nstatic void init(void) __attribute__((constructor)); static void init(void) { s = 4; }\n__asm__(".symver old_impl, old@V_1\\n"); int old_impl(void) { return 1; }\n';
const program = 'int main(void) { return 0; }\n';
const map = join(folder, 'v.map');
writeFileSync(map, 'V_1 { global: f; old; };\nV_2 { global: g; t; local: *; } V_1;\n');
const shared = ['-shared', '-fPIC', '-w'];

const cases: readonly (readonly [name: string, source: string, options: readonly string[]])[] = [
  ['versions.so', library, [...shared, `-Wl,--version-script=${map}`, '-Wl,-soname,libv.so.2']],
  ['relr.so', library, [...shared, `-Wl,--version-script=${map}`, '-Wl,-z,pack-relative-relocs']],
  ['sysv.so', library, [...shared, `-Wl,--version-script=${map}`, '-Wl,--hash-style=sysv']],
  [
    'now.so',
    library,
    [
      ...shared,
      `-Wl,--version-script=${map}`,
      '-Wl,-z,now',
      '-Wl,-z,nodelete',
      '-Wl,-z,initfirst',
      '-Wl,-Bsymbolic',
      '-Wl,--audit=libaudit.so',
      '-Wl,-f,aux.so',
    ],
  ],
  [
    'nosections.so',
    library,
    [...shared, `-Wl,--version-script=${map}`, '-Wl,--build-id=none', '-Wl,-z,norelro', '-Wl,-z,noseparate-code'],
  ],
  ['compressed.so', library, [...shared, `-Wl,--version-script=${map}`, '-g', '-gz']],
  ['cet.so', library, [...shared, `-Wl,--version-script=${map}`, '-fcf-protection=full', '-Wl,-z,shstk', '-Wl,-z,ibt']],
  ['pie', program, ['-pie', '-fPIE']],
  ['fixed', program, ['-no-pie', '-Wl,-z,execstack']],
  ['static', program, ['-static']],
  ['static-pie', program, ['-static-pie', '-fPIE']],
  ['object.o', library, ['-c', '-w', '-ffunction-sections', '-fdata-sections', '-g']],
  ['lto.o', program, ['-c', '-flto', '-ffat-lto-objects']],
  ['relocatable.o', program, ['-r', '-nostdlib']],
  ['emit', program, ['-Wl,--emit-relocs']],
];

test.for(cases)('%s', async ([name, source, options]) => {
  expect(await differencesFromReadelf(compile(name, source, ...options))).toEqual([]);
});

describe('what is made of them', () => {
  const whole = compile('whole.so', library, ...shared, '-g', `-Wl,--version-script=${map}`);

  test('a separate debug file', async () => {
    run('objcopy', '--only-keep-debug', whole, path('whole.debug'));
    expect(await differencesFromReadelf(path('whole.debug'))).toEqual([]);
  });

  test('a stripped file with a debug link', async () => {
    run('strip', '--strip-all', '-R', '.comment', '-o', path('stripped.so'), whole);
    expect(await differencesFromReadelf(path('stripped.so'))).toEqual([]);
  });

  test('a core file', async () => {
    // Of a shell that kills itself; where the kernel writes cores elsewhere, gdb makes one.
    compile('die', '#include <stdlib.h>\nint main(void) { abort(); }\n', '-g');
    const core = path('die.core');
    spawnSync('gdb', ['-batch', '-ex', 'run', '-ex', `generate-core-file ${core}`, path('die')], {
      cwd: folder,
      stdio: 'ignore',
    });
    expect(await differencesFromReadelf(core)).toEqual([]);
    const notes = await allRows(core, 'notes');
    expect(notes.find(([, , , type]) => type?.startsWith('NT_FILE'))?.[4]).toContain(path('die'));
  });
});

/** Debian's cross assemblers, which test/setup installs. */
const assemblers = [
  'aarch64-linux-gnu',
  'arm-linux-gnueabihf',
  's390x-linux-gnu',
  'powerpc-linux-gnu',
  'mips-linux-gnu',
  'riscv64-linux-gnu',
  'i686-linux-gnu',
];

describe('assembled for other machines', () => {
  test.for(assemblers)('%s', async target => {
    const source =
      '.text\n.globl f, g\n.type f, %function\nf: .long 0\n.size f, .-f\n.section .note.GNU-stack,"",%progbits\n.data\n.globl d\n.type d, %object\nd: .long 4\n.size d, 4\n';
    writeFileSync(path(`${target}.s`), source);
    run(`${target}-as`, '-o', path(`${target}.o`), path(`${target}.s`));
    expect(await differencesFromReadelf(path(`${target}.o`))).toEqual([]);
    run(`${target}-ld`, '-shared', '-soname', 'libx.so', '-o', path(`${target}.so`), path(`${target}.o`));
    expect(await differencesFromReadelf(path(`${target}.so`))).toEqual([]);
    execFileSync(`${target}-strip`, [path(`${target}.so`)]);
    expect(await differencesFromReadelf(path(`${target}.so`))).toEqual([]);
  });
});
