import { readFileSync, writeFileSync } from 'node:fs';
import { buildElf } from './elf-builder.ts';
import { madeLibrary } from './elf-made-library.ts';
import type { Toolchain } from './elf-toolchain.ts';

export interface ElfSample {
  readonly name: string;
  readonly bytes: Buffer;
}

const source =
  '#include <stdio.h>\n#include <string.h>\n__thread int t; static int s; int v[4]; int *p = v;\n__attribute__((constructor)) static void first(void) { s = 1; }\nint api(char *q) { char b[64]; strcpy(b, q); return puts(b) + t + s; }\nint api2(void) { return 2; }\n';
const program = `${source}int main(int n, char **a) { return api(a[n - 1]); }\n`;
const versions = 'V_1 { global: api; };\nV_2 { global: api2; local: *; } V_1;\n';

/** Twenty small files: both classes and byte orders with and without section headers, and what compilers and binutils make. */
export function elfSamples({ compile, run, path }: Toolchain): readonly ElfSample[] {
  writeFileSync(path('samples.map'), versions);
  const made = ([32, 64] as const).flatMap(elfClass =>
    (['little', 'big'] as const).flatMap((byteOrder): readonly ElfSample[] => {
      const specification = { class: elfClass, byteOrder, ...madeLibrary(elfClass, byteOrder) };
      const { sections, ...bare } = specification;
      const name = `${elfClass}-bit-${byteOrder}`;
      return [
        { name, bytes: buildElf({ ...bare, sections: sections ?? [] }) },
        { name: `${name}-bare`, bytes: buildElf(bare) },
      ];
    }),
  );
  const script = `-Wl,--version-script=${path('samples.map')}`;
  const shared = ['-shared', '-fPIC', '-Wl,-soname,libmade.so.1'];
  const library = compile('library', source, ...shared, script, '-Wl,-rpath,/opt/x:$ORIGIN');
  run('strip', '-o', 'stripped', library);
  run('objcopy', '--only-keep-debug', compile('with-debug', source, ...shared, '-g'), 'debug-file');
  const built: readonly (readonly [name: string, file: string])[] = [
    ['library', library],
    ['stripped', path('stripped')],
    ['debug file', path('debug-file')],
    ['compressed debug sections', compile('compressed', source, ...shared, '-g', '-gz')],
    ['both hash tables', compile('hashes', source, ...shared, '-Wl,--hash-style=both', '-s')],
    ['bound at once', compile('now', source, ...shared, '-Wl,-z,now', '-s')],
    ['program', compile('program', program, '-O1')],
    ['program at a fixed address', compile('fixed', program, '-no-pie', '-s')],
    ['object', compile('object', source, '-c', '-ffunction-sections')],
    ['object with debug information', compile('debug-object', source, '-c', '-g')],
    ['data alone', compile('data', '.data\n.globl d\nd: .long 4\n', '-c')],
    ['packed relocations', compile('packed', source, ...shared, '-Wl,-z,pack-relative-relocs', '-s')],
  ];
  return [...made, ...built.map(([name, file]) => ({ name, bytes: readFileSync(file) }))];
}
