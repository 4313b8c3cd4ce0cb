import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareFiles } from '../../../language-server/elf/compare/compare-files.ts';
import type { ElfComparison } from '../../../language-server/protocol/compare.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const { compile, run, path } = toolchainIn(folder);
const library = ['-O1', '-shared', '-fPIC', '-w', '-Wl,-soname,libx.so.1'];

let built = 0;

/** Two builds of libx.so.1. */
async function compared(before: string, after: string, ...options: readonly string[]): Promise<ElfComparison> {
  built += 1;
  const old = compile(`old${built}.so`, before, ...library, ...options);
  return await compareFiles(old, compile(`new${built}.so`, after, ...library, ...options));
}

const codes = ({ findings }: ElfComparison): readonly string[] =>
  findings.map(({ severity, code }) => `${severity} ${code}`);

const names = (symbols: ElfComparison['exports']['added']): readonly string[] =>
  symbols.rows.map(({ name, version }) => name + version);

describe('exports', () => {
  test('a removed one under the same SONAME is a warning', async () => {
    const comparison = await compared(
      'int f(void) { return 1; } int g(void) { return 2; }\n',
      'int g(void) { return 2; } int h(void) { return 3; }\n',
    );
    expect(names(comparison.exports.removed)).toEqual(['f']);
    expect(names(comparison.exports.added)).toEqual(['h']);
    expect(codes(comparison)).toEqual(['warning compare/removed-export']);
    expect(comparison.findings[0]?.message).toContain('f (FUNC)');
    expect(comparison.findings[0]?.message).toContain('libx.so.1');
  });

  test('under another SONAME it is none', async () => {
    const old = compile('libold.so', 'int f(void) { return 1; }\n', ...library);
    const young = compile('libyoung.so', 'int g(void) { return 1; }\n', '-shared', '-fPIC', '-Wl,-soname,libx.so.2');
    const comparison = await compareFiles(old, young);
    expect(names(comparison.exports.removed)).toEqual(['f']);
    expect(comparison.findings).toEqual([]);
    expect(comparison.values).toContainEqual({ property: 'soname', before: 'libx.so.1', after: 'libx.so.2' });
  });

  test('are those that others can link to: neither local nor hidden', async () => {
    const hidden =
      '__attribute__((visibility("hidden"))) int f(void) { return 1; } static int s = 3; int g(void) { return f() + s; }\n';
    const comparison = await compared(hidden, 'int g(void) { return 2; }\n');
    expect(comparison.exports).toMatchObject({ added: { total: 0 }, removed: { total: 0 } });
    expect(comparison.findings).toEqual([]);
  });

  test('a function that became data, data of another size', async () => {
    const comparison = await compared('int f(void) { return 1; } int d[4] = {1};\n', 'int f = 1; int d[5] = {1};\n');
    expect([...codes(comparison)].sort()).toEqual(['warning compare/export-type', 'warning compare/object-size']);
    expect(
      comparison.exports.changed.rows.map(({ before, after }) => [before.name, before.sizeBytes, after.sizeBytes]),
    ).toContainEqual(['d', 16, 20]);
  });

  test('a function of another size is nobody’s business', async () => {
    const comparison = await compared('int f(int a) { return a; }\n', 'int f(int a) { return a * a * a + 3; }\n');
    expect(comparison.exports.changed.total).toBe(0);
    expect(comparison.findings).toEqual([]);
    expect(comparison.symbols.rows.map(({ name }) => name)).toContain('f');
  });

  test('inline functions of C++ are no interface', async () => {
    const source = 'template<class T> T twice(T a) { return a + a; }\nint g(int a) { return twice(a); }\n';
    const plain = 'int g(int a) { return a + a; }\n';
    for (const [name, text] of [
      ['inline1', source],
      ['inline2', plain],
    ] as const) {
      writeFileSync(path(`${name}.cc`), text);
      run('g++', '-O0', '-shared', '-fPIC', '-Wl,-soname,libi.so.1', '-o', path(`${name}.so`), path(`${name}.cc`));
    }
    const comparison = await compareFiles(path('inline1.so'), path('inline2.so'));
    expect(names(comparison.exports.removed)).toEqual(['_Z5twiceIiET_S0_']);
    expect(codes(comparison)).toEqual(['information compare/removed-weak-exports']);
  });
});

describe('versions', () => {
  const versioned = (name: string, script: string, source: string): string => {
    writeFileSync(path(`${name}.map`), script);
    return compile(name, source, ...library, `-Wl,--version-script=${path(`${name}.map`)}`);
  };
  const old = versioned(
    'v1.so',
    'V_1 { global: f; g; local: *; };',
    'int f(void) { return 1; } int g(void) { return 1; }\n',
  );

  test('a new default beside the old one breaks nothing', async () => {
    const both =
      '__asm__(".symver f_old, f@V_1"); __asm__(".symver f_new, f@@V_2"); int f_old(void) { return 1; } int f_new(void) { return 2; } int g(void) { return 1; }\n';
    const young = versioned('v2.so', 'V_1 { global: f; g; local: *; }; V_2 { global: f; } V_1;', both);
    const comparison = await compareFiles(old, young);
    expect(comparison.findings).toEqual([]);
    expect(comparison.definedVersions.added.rows).toEqual(['V_2']);
    expect(names(comparison.exports.removed)).toEqual(['f@@V_1']);
    expect(names(comparison.exports.added)).toEqual(['f@@V_2', 'f@V_1']);
  });

  test('a removed version is a warning, once', async () => {
    const young = versioned(
      'v3.so',
      'V_2 { global: f; g; local: *; };',
      'int f(void) { return 1; } int g(void) { return 1; }\n',
    );
    const comparison = await compareFiles(old, young);
    expect(codes(comparison)).toEqual(['warning compare/removed-version']);
    expect(comparison.definedVersions.removed.rows).toEqual(['V_1']);
  });

  test('a symbol that is removed from its version is a warning', async () => {
    const young = versioned(
      'v4.so',
      'V_1 { global: f; local: *; };',
      'int f(void) { return 1; } int g(void) { return 1; }\n',
    );
    const comparison = await compareFiles(old, young);
    expect(codes(comparison)).toEqual(['warning compare/removed-export']);
    expect(comparison.findings[0]?.message).toContain('g@@V_1');
  });

  test('a reference without a version finds the default one', async () => {
    const bare = compile('bare.so', 'int f(void) { return 1; } int g(void) { return 1; }\n', ...library);
    expect((await compareFiles(bare, old)).findings).toEqual([]);
  });

  test('a newer glibc that is needed', async () => {
    const comparison = await compared(
      'int f(void) { extern int puts(); return puts(); }\n',
      'int f(void) { extern int pthread_create(); return pthread_create(); }\n',
      '-fno-builtin',
    );
    expect(comparison.floors).toEqual([{ family: 'GLIBC', before: '2.2.5', after: '2.34' }]);
    expect(codes(comparison)).toEqual(['information compare/newer-version-needed']);
    expect(names(comparison.imports.added)).toEqual(['pthread_create@GLIBC_2.34']);
    expect(comparison.neededVersions.added.rows).toEqual(['libc.so.6 GLIBC_2.34']);
  });
});

describe('the rest', () => {
  const source = 'int f(void) { return 1; }\n';

  test('lost and gained protections', async () => {
    const weak = compile('weak.so', source, ...library, '-Wl,-z,lazy', '-Wl,-z,execstack', '-Wl,-z,norelro');
    const strong = compile('strong.so', source, ...library, '-Wl,-z,now', '-Wl,-z,relro');
    const lost = await compareFiles(strong, weak);
    const changes = Object.fromEntries(lost.hardening.map(({ protection, change }) => [protection, change]));
    expect(changes).toEqual({ relro: 'lost', bindNow: 'lost', nx: 'lost' });
    expect(new Set(codes(lost))).toEqual(new Set(['warning compare/lost-hardening']));
    const gained = await compareFiles(weak, strong);
    expect(gained.hardening.every(({ change }) => change === 'gained')).toBe(true);
    expect(gained.findings).toEqual([]);
  });

  test('needs', async () => {
    const old = compile('needs1.so', source, ...library);
    const young = compile('needs2.so', source, ...library, '-Wl,--no-as-needed', '-lm');
    const { needed } = await compareFiles(old, young);
    expect(needed.added.rows).toEqual(['libm.so.6', 'libc.so.6']);
    expect(needed.removed.total).toBe(0);
  });

  test('sizes, the largest difference first', async () => {
    const { sections, symbols, symbolTable } = await compared(
      'char big[10] = {1}; char small[10] = {1}; int f(void) { return 1; }\n',
      'char big[1000] = {1}; char small[20] = {1}; int f(void) { return 1; }\n',
    );
    expect(symbolTable).toBe('.symtab');
    expect(symbols.rows.slice(0, 2)).toEqual([
      { name: 'big', before: 10, after: 1000, delta: 990 },
      { name: 'small', before: 10, after: 20, delta: 10 },
    ]);
    expect(sections.rows[0]?.name).toBe('.data');
    const deltas = sections.rows.map(({ delta }) => Math.abs(delta));
    expect(deltas).toEqual([...deltas].sort((left, right) => right - left));
  });

  test('a file and its copy are identical; without its symbols it is not', async () => {
    const old = compile('same.so', source, ...library);
    copyFileSync(old, path('copy.so'));
    const same = await compareFiles(old, path('copy.so'));
    expect(same).toMatchObject({ identical: true, values: [], hardening: [], findings: [] });
    expect(same.symbols.total).toBe(0);
    run('strip', '-o', path('stripped.so'), old);
    const stripped = await compareFiles(old, path('stripped.so'));
    expect(stripped.identical).toBe(false);
    expect(stripped.symbolTable).toBe('.dynsym');
    expect(stripped.sections.rows.map(({ name, after }) => [name, after])).toContainEqual(['.symtab', null]);
    expect(stripped.findings).toEqual([]);
  });

  test('files of different machines', async () => {
    const old = compile('wide.so', source, ...library);
    const bytes = execFileSync('cat', [old]);
    bytes.writeUInt16LE(183, 18);
    writeFileSync(path('other.so'), bytes);
    expect(codes(await compareFiles(old, path('other.so')))).toContain('warning compare/other-machine');
  });

  test('lists are bounded and say how long they are', async () => {
    const many = Array.from({ length: 30 }, (_, at) => `int f${at}(void) { return ${at}; }`).join('\n');
    const old = compile('many.so', `${many}\n`, ...library);
    const young = compile('few.so', source, ...library);
    const { exports, findings } = await compareFiles(old, young, { limit: 5 });
    expect(exports.removed.rows.length).toBe(5);
    expect(exports.removed.total).toBe(30);
    expect(findings.at(-1)?.message).toContain('22 more');
  });

  test('can be cancelled', async () => {
    await expect(compareFiles('/bin/sh', '/bin/sh', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('a file that is none is named', async () => {
    writeFileSync(path('text.so'), 'text');
    await expect(compareFiles('/bin/sh', path('text.so'))).rejects.toThrow(/text\.so/u);
    await expect(compareFiles(path('nowhere.so'), '/bin/sh')).rejects.toThrow(/nowhere\.so/u);
  });
});

test('exports are those of nm -D', async () => {
  const nothing = compile(
    'nothing.so',
    'int own(void) { return 1; }\n',
    '-shared',
    '-fPIC',
    '-nostdlib',
    '-Wl,-soname,libz.so.1',
  );
  for (const file of ['/lib/x86_64-linux-gnu/libc.so.6', '/lib/x86_64-linux-gnu/libm.so.6']) {
    const { exports } = await compareFiles(nothing, file, { limit: 1e6 });
    const lines = execFileSync('nm', ['-D', '--defined-only', file], { encoding: 'utf8' }).trim().split('\n');
    // Type A with the name of a version is the mark of that version.
    const theirs = lines
      .map(line => line.split(' '))
      .filter(([, type]) => type !== 'A')
      .map(([, , name]) => name);
    expect(names(exports.added)).toEqual([...new Set(theirs)].sort());
  }
});
