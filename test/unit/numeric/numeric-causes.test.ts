import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { flushToZeroOf } from '../../../language-server/elf/floating-point/flush-to-zero.ts';
import { withElfFile } from '../../../language-server/elf/open-elf.ts';
import { numericCauses } from '../../../language-server/numeric/causes/numeric-causes.ts';
import type { NumericCauses } from '../../../language-server/protocol/numeric.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = temporaryFolder();
let folders = 0;

/** Runs a script that builds files in a folder of its own. */
function build(script: string): string {
  folders += 1;
  const folder = join(root, String(folders));
  mkdirSync(folder);
  execFileSync('/bin/sh', ['-ec', script], { cwd: folder, stdio: 'pipe' });
  return folder;
}

const causes = (path: string): Promise<NumericCauses> => numericCauses(path, {}, new AbortController().signal);
const library = (name: string, body: string, flags = ''): string =>
  `printf '${body}' > ${name}.c; cc -O2 -shared -fPIC ${flags} -Wl,-soname,lib${name}.so -Wl,-rpath,'$ORIGIN' -o lib${name}.so ${name}.c`;

describe('flush to zero', () => {
  const body = 'float half(float x){return x/2;}';

  test.each([
    ['-ffast-math', '-ffast-math', 'set_fast_math'],
    ['-Ofast', '-Ofast', 'set_fast_math'],
    ['-ffast-math, stripped', '-ffast-math -s', ''],
    ['-ffast-math with older pointers to constructors', '-ffast-math -Wl,-z,pack-relative-relocs', 'set_fast_math'],
  ])('a library that is linked with %s', async (_, flags, symbol) => {
    const path = join(build(library('half', body, flags)), 'libhalf.so');
    expect(await withElfFile(path, flushToZeroOf)).toMatchObject({
      symbol,
      flushesResults: true,
      flushesOperands: true,
      instruction: 'or $0x8040; ldmxcsr',
    });
    const { findings } = await causes(path);
    expect(findings).toMatchObject([{ code: 'numeric/flush-to-zero', severity: 'warning' }]);
    expect(findings[0]?.message).toMatch(/It is the file itself/u);
  });

  test('the function of i386, which asks for SSE first', async () => {
    const start = '/usr/lib/gcc/x86_64-linux-gnu/12/32/crtfastmath.o';
    const link = (object: string): string =>
      `printf '.text\nnop\n.section .note.GNU-stack,"",@progbits\n' > a.s; as --32 -o a.o a.s; ld -m elf_i386 -shared -s -o liba.so a.o ${object}`;
    expect(await withElfFile(join(build(link(start)), 'liba.so'), flushToZeroOf)).toMatchObject({
      flushesResults: true,
      flushesOperands: true,
    });
    expect(await withElfFile(join(build(link('')), 'liba.so'), flushToZeroOf)).toBeNull();
  });

  test.each([
    ['without', ''],
    ['that is compiled with it, and linked without', 'split'],
    ['that reads and writes MXCSR in its constructor, and sets no such bit', 'constructor'],
    ['that sets the bits in a function that is no constructor', 'function'],
  ])('a library %s has none', async (_, kind) => {
    const scripts: Readonly<Record<string, string>> = {
      '': library('half', body),
      split: `printf '${body}' > half.c; cc -O2 -ffast-math -fPIC -c half.c; cc -shared -o libhalf.so half.o`,
      constructor: library(
        'half',
        '__attribute__((constructor)) static void f(void){unsigned m=__builtin_ia32_stmxcsr();__builtin_ia32_ldmxcsr(m|0x1f80);}',
      ),
      function: library('half', 'void f(void){__builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr()|0x8040);}'),
    };
    const path = join(build(scripts[kind] ?? ''), 'libhalf.so');
    expect(await withElfFile(path, flushToZeroOf)).toBeNull();
    expect((await causes(path)).findings).toEqual([]);
  });

  test('one of the two modes alone', async () => {
    const path = join(
      build(
        library(
          'half',
          '__attribute__((constructor)) static void f(void){__builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr()|0x8000);}',
        ),
      ),
      'libhalf.so',
    );
    expect(await withElfFile(path, flushToZeroOf)).toMatchObject({ flushesResults: true, flushesOperands: false });
  });

  test('the way by which a program gets it is told, and what is told is so', async () => {
    const folder = build(`${library('fast', body, '-ffast-math')}
printf 'float half(float);float mid(float x){return half(x);}' > mid.c; cc -shared -fPIC -Wl,-soname,libmid.so -Wl,-rpath,'$ORIGIN' -o libmid.so mid.c libfast.so
printf '#include <stdio.h>\\nfloat mid(float);int main(void){volatile float tiny=1e-40f;mid(1);printf("%%d",tiny*1.0f==0);return 0;}' > main.c; cc -o app main.c libmid.so -Wl,-rpath,'$ORIGIN' -Wl,-rpath-link,.`);
    const { findings } = await causes(join(folder, 'app'));
    expect(findings).toMatchObject([{ code: 'numeric/flush-to-zero' }]);
    expect(findings[0]?.message).toContain(`by way of ${folder}/app → ${folder}/libmid.so → ${folder}/libfast.so`);
    expect(execFileSync(join(folder, 'app'), { encoding: 'utf8' })).toBe('1');
    execFileSync('/bin/sh', ['-ec', library('fast', body)], { cwd: folder });
    expect(execFileSync(join(folder, 'app'), { encoding: 'utf8' })).toBe('0');
    expect((await causes(join(folder, 'app'))).findings).toEqual([]);
  });

  test.each([
    ['mov w0, #0x1000000\nmsr fpcr, x0\nret', true],
    ['mrs x0, fpcr\norr x0, x0, #0x1000000\nmsr fpcr, x0\nret', true],
    ['mrs x0, fpcr\norr w0, w0, #0x1000000\nmsr fpcr, x0\nret', true],
    ['mrs x0, fpcr\nmsr fpcr, x0\nret', false],
    ['ret\nmov w0, #0x1000000\nmsr fpcr, x0', false],
  ])('on AArch64: %j', async (code, isFlushing) => {
    const folder = build(
      `printf '.text\\nsetup:\\n${code.replaceAll('\n', '\\n')}\\n.section .init_array,"aw"\\n.xword setup\\n' > a.s; aarch64-linux-gnu-as -o a.o a.s; aarch64-linux-gnu-ld -shared -o liba.so a.o`,
    );
    const found = await withElfFile(join(folder, 'liba.so'), flushToZeroOf);
    expect(found !== null).toBe(isFlushing);
  });
});

describe('runtimes', () => {
  test('one OpenMP is no finding, and two are', async () => {
    const folder =
      build(`printf '#include <omp.h>\\nint team(void){int n=0;\\n#pragma omp parallel\\nn=omp_get_num_threads();return n;}' > gnu.c; cc -fopenmp -shared -fPIC -Wl,-soname,libgnu.so -o libgnu.so gnu.c
${library('llvm', 'void __kmpc_fork_call(void){}int omp_get_num_threads(void){return 1;}')}
printf 'int team(void);int main(void){return team()<0;}' > main.c; cc -o one main.c libgnu.so -Wl,-rpath,'$ORIGIN'
printf 'int team(void);void __kmpc_fork_call(void);int main(void){__kmpc_fork_call();return team()<0;}' > both.c; cc -o two both.c libgnu.so libllvm.so -Wl,-rpath,'$ORIGIN'`);
    const one = await causes(join(folder, 'one'));
    expect(one.runtimes).toMatchObject([{ runtime: 'openmp', implementation: 'GNU (libgomp)' }]);
    expect(one.runtimes[0]?.way.map(path => path.replace(/.*\//u, ''))).toEqual(['one', 'libgnu.so', 'libgomp.so.1']);
    expect(one.findings).toEqual([]);
    const two = await causes(join(folder, 'two'));
    expect(two.runtimes.map(({ implementation }) => implementation).sort()).toEqual([
      'GNU (libgomp)',
      'LLVM or Intel (libomp, libiomp5)',
    ]);
    expect(two.findings).toMatchObject([{ code: 'numeric/several-openmp' }]);
  });

  test('BLAS is told by its symbols, whatever its file is called, and only where it is defined', async () => {
    const folder =
      build(`${library('p-r0-1234', 'void scipy_cblas_dgemm64_(void){}void scipy_openblas_get_config64_(void){}')}
${library('other', 'void cblas_dgemm(void){}')}
printf 'void scipy_cblas_dgemm64_(void);void cblas_dgemm(void);void f(void){scipy_cblas_dgemm64_();cblas_dgemm();}' > module.c; cc -shared -fPIC -o module.so module.c libp-r0-1234.so libother.so -Wl,-rpath,'$ORIGIN'`);
    const { runtimes, findings } = await causes(join(folder, 'module.so'));
    expect(runtimes.map(({ implementation, path }) => [implementation, path.replace(/.*\//u, '')])).toEqual([
      ['OpenBLAS', 'libp-r0-1234.so'],
      ['reference or unknown', 'libother.so'],
    ]);
    expect(findings).toMatchObject([{ code: 'numeric/several-blas' }]);
  });
});
