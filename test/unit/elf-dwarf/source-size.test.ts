import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSize, type SizeOptions } from '../../../language-server/elf/size/size-tree.ts';
import type { SizePart, SizeReport } from '../../../language-server/protocol/size.ts';
import { bytesBySymbolizer, type SourceBytes, sectionAt, sourcesBelow } from '../../support/elf-source-bytes.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { run, path } = toolchainIn(temporaryFolder());

const sources: Readonly<Record<string, string>> = {
  'src/main.cc': `#include <vector>
#include <string>
#include "../inc/near.h"
static int table[500] = {1};
namespace deep { namespace er { int hidden[77] = {2}; std::string names[10]; } struct Holder { static int member[9]; }; int Holder::member[9] = {3}; }
extern "C" int second(int);
extern "C" int first(int x) {
  static int counter[33] = {5};
  std::vector<int> values(static_cast<unsigned>(x & 15));
  values.push_back(near(x));
  counter[x & 15] += 1;
  return static_cast<int>(values.size()) + table[x & 15] + deep::er::hidden[x & 15] + deep::Holder::member[1] + counter[x & 15] + second(x);
}
`,
  'src/second.c': `#include "../inc/near.h"
#include "../inc/far.h"
int zeros[1000];
const int constants[40] = {1, 2, 3};
int second(int a) { return near(a) * far(a) + zeros[a & 15] + constants[a & 15]; }
`,
  'inc/near.h': `static inline int near(int a) { int sum = 0; for (int i = 0; i < (a & 255); i++) sum += a * i ^ 3; return sum; }
`,
  'inc/far.h': `static int far_data[25] = {7};
static inline int far(int a) { return far_data[a & 15] ^ a; }
`,
};

beforeAll(() => {
  for (const [name, text] of Object.entries(sources)) {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  }
});

const built = new Map<string, string>();

/** A shared library of both sources; the same one for the same options. */
function build(...options: readonly string[]): string {
  const key = options.join(' ');
  const known = built.get(key);
  if (known !== undefined) return known;
  const name = `library-${built.size}.so`;
  for (const source of ['main.cc', 'second.c']) {
    const compiler = source.endsWith('.cc') ? 'g++' : 'gcc';
    run(compiler, '-c', '-fPIC', ...options, '-o', `${name}-${source}.o`, `src/${source}`);
  }
  run('g++', '-shared', ...options, '-o', name, `${name}-main.cc.o`, `${name}-second.c.o`);
  built.set(key, path(name));
  return path(name);
}

async function sizeOf(file: string, options: SizeOptions = {}): Promise<SizeReport> {
  const report = await readSize(file, { limit: 10_000, ...options });
  checkSums(report.root);
  if (options.section === undefined && options.source === undefined)
    expect(report.root.fileBytes).toBe(statSync(file).size);
  return report;
}

function checkSums(part: SizePart): void {
  if (part.children.length === 0) return;
  const sum = (of: 'fileBytes' | 'memoryBytes'): number => part.children.reduce((total, child) => total + child[of], 0);
  expect([sum('fileBytes'), sum('memoryBytes')]).toEqual([part.fileBytes, part.memoryBytes]);
  part.children.forEach(checkSums);
}

/** The code of a file by llvm-symbolizer, byte by byte, and ours. */
async function compareCode(file: string, debug = file, options: SizeOptions = {}): Promise<SizeReport> {
  const text = sectionAt(file, '.text');
  const report = await sizeOf(file, { by: 'source', section: text.number, ...options });
  const theirs = bytesBySymbolizer(debug, text);
  expect(theirs.size).toBeGreaterThan(1);
  expect(sorted(sourcesBelow(report.root))).toEqual(sorted(theirs));
  return report;
}

const debugFindings = ({ findings }: SizeReport): readonly string[] =>
  findings.map(({ code }) => code).filter(code => code.startsWith('elf/debug-'));

const sorted = (bytes: SourceBytes): readonly (readonly [string, number])[] =>
  [...bytes].sort(([left], [right]) => (left < right ? -1 : 1));

const forms: readonly { readonly name: string; readonly options: readonly string[] }[] = [
  ...[2, 3, 4, 5].map(version => ({
    name: `DWARF ${version}`,
    options: ['-O2', `-gdwarf-${version}`, ...(version < 4 ? ['-gstrict-dwarf'] : [])],
  })),
  { name: 'without optimisation', options: ['-O0', '-gdwarf-5'] },
  { name: 'a section for each function', options: ['-O2', '-g', '-ffunction-sections', '-Wl,--gc-sections'] },
  { name: '64-bit DWARF 4', options: ['-O2', '-gdwarf-4', '-gdwarf64'] },
  { name: '64-bit DWARF 5', options: ['-O2', '-gdwarf-5', '-gdwarf64'] },
  { name: 'compressed', options: ['-O2', '-g', '-gz'] },
  { name: 'compressed as before gABI', options: ['-O2', '-gdwarf-4', '-gz=zlib-gnu'] },
  { name: 'optimised while linking', options: ['-O2', '-g', '-flto=2'] },
];

describe('code by source file is what llvm-symbolizer says of each byte', () => {
  for (const { name, options } of forms) {
    test(name, async () => {
      const report = await compareCode(build(...options));
      expect(debugFindings(report)).toEqual([]);
      expect(report.sources).toEqual({ kind: 'known', debugFile: null });
    });
  }

  test('split: the lines stay in the file; whose variables are whose is in files that are not read', async () => {
    for (const version of [4, 5]) {
      const file = build('-O2', `-gdwarf-${version}`, '-gsplit-dwarf');
      expect(debugFindings(await compareCode(file))).toEqual(['elf/debug-elsewhere']);
      const units = sourcesBelow((await sizeOf(file, { by: 'unit' })).root);
      // Version 5 tells the name of the unit in its line table, version 4 only that of the split file.
      expect([...units.keys()].sort()).toEqual(
        version === 5 ? [path('src/main.cc'), path('src/second.c')] : [`${file}-main.cc.dwo`, `${file}-second.c.dwo`],
      );
    }
  });

  test('a relocatable file', async () => {
    for (const options of [['-O0'], ['-O2', '-gdwarf-4'], ['-O0', '-gz'], ['-O1', '-gdwarf64']]) {
      run('gcc', '-c', '-g', ...options, '-o', 'second.o', 'src/second.c');
      const report = await compareCode(path('second.o'));
      expect(debugFindings(report)).toEqual([]);
    }
  });

  test('a relocatable file with a section for each function and variable', async () => {
    run('gcc', '-c', '-g', '-O0', '-ffunction-sections', '-fdata-sections', '-o', 'sections.o', 'src/second.c');
    const { root } = await sizeOf(path('sections.o'), { by: 'source' });
    const sizes = symbolSizes('sections.o');
    const sum = (...names: readonly string[]): number =>
      names.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
    expect(sourcesBelow(root)).toEqual(
      new Map([
        [path('src/second.c'), sum('second', 'zeros', 'constants')],
        [path('inc/near.h'), sum('near')],
        [path('inc/far.h'), sum('far', 'far_data')],
      ]),
    );
  });
});

function symbolSizes(name: string): ReadonlyMap<string, number> {
  const lines = run('nm', '-S', '-C', name).split('\n');
  return new Map(
    lines.flatMap(line => {
      const match = /^[0-9a-f]+ ([0-9a-f]+) \S (.+)$/u.exec(line);
      return match === null ? [] : [[match[2] ?? '', Number.parseInt(match[1] ?? '', 16)] as const];
    }),
  );
}

describe('one source file, by the symbols that its bytes are in', () => {
  test('of a header, what was inlined into each function', async () => {
    const file = build('-O2', '-gdwarf-5');
    const expected = new Map<string, number>();
    for (const line of run('nm', '-S', '--defined-only', file).split('\n')) {
      const [, start = '', size = '', symbol = ''] = /^([0-9a-f]+) ([0-9a-f]+) [tTwW] (\S+)$/u.exec(line) ?? [];
      if (symbol === '') continue;
      const range = { start: Number.parseInt(start, 16), sizeBytes: Number.parseInt(size, 16) };
      const bytes = bytesBySymbolizer(file, range).get(path('inc/near.h'));
      if (bytes !== undefined) expected.set(symbol, bytes);
    }
    expect([...expected.keys()].sort()).toEqual(['first', 'second']);
    const { root } = await sizeOf(file, { by: 'source', source: path('inc/near.h') });
    expect(root).toMatchObject({ kind: 'source', path: path('inc/near.h') });
    expect(new Map(root.children.map(child => [child.name, child.fileBytes]))).toEqual(expected);
  });

  test('of a compiled file, its variables too; what is in no symbol is left to the sections', async () => {
    const file = build('-O0', '-gdwarf-5');
    const sizes = symbolSizes(file);
    const { root } = await sizeOf(file, { by: 'unit', source: path('src/second.c') });
    for (const name of ['second', 'near', 'far', 'zeros', 'constants', 'far_data']) {
      const child = root.children.find(part => part.name === name);
      expect.soft(Math.max(child?.fileBytes ?? 0, child?.memoryBytes ?? 0), name).toBe(sizes.get(name));
    }
    expect(root.children.filter(({ kind }) => kind === 'gap').map(({ name }) => name)).toContain(
      '[section .debug_info]',
    );
  });

  test('a file that is not there is refused', async () => {
    const asked = readSize(build('-O0', '-gdwarf-5'), { by: 'source', source: '/no/such.c' });
    await expect(asked).rejects.toMatchObject({ kind: 'invalidParams' });
  });
});

describe('variables belong to the file that declares them', () => {
  const declared: Readonly<Record<string, readonly string[]>> = {
    'src/main.cc': [
      'table',
      'deep::er::hidden',
      'deep::er::names[abi:cxx11]',
      'deep::Holder::member',
      'first::counter',
    ],
    'src/second.c': ['zeros', 'constants'],
    'inc/far.h': ['far_data'],
  };

  for (const version of [2, 5]) {
    test(`DWARF ${version}`, async () => {
      const file = build('-O0', `-gdwarf-${version}`);
      const sizes = symbolSizes(file);
      const data = new Map<string, number>();
      for (const section of ['.data', '.bss', '.rodata']) {
        const { root } = await sizeOf(file, { by: 'source', section: sectionAt(file, section).number });
        for (const [source, bytes] of sourcesBelow(root)) data.set(source, (data.get(source) ?? 0) + bytes);
      }
      for (const [source, names] of Object.entries(declared)) {
        const expected = names.reduce((sum, variable) => sum + (sizes.get(variable) ?? Number.NaN), 0);
        expect.soft(data.get(path(source)), source).toBe(expected);
      }
    });
  }
});

describe('compile units have the code that .debug_aranges says', () => {
  for (const version of [2, 4, 5]) {
    test(`DWARF ${version}`, async () => {
      const file = build('-O2', `-gdwarf-${version}`);
      const { root } = await sizeOf(file, { by: 'unit', section: sectionAt(file, '.text').number });
      expect(sorted(sourcesBelow(root))).toEqual(sorted(unitsByReadelf(file)));
    });
  }

  test('with their debug information, where that is not compressed', async () => {
    const file = build('-O2', '-gdwarf-5');
    const info = sectionAt(file, '.debug_info');
    const { root } = await sizeOf(file, { by: 'unit', section: info.number });
    expect([...sourcesBelow(root).keys()].sort()).toEqual([path('src/main.cc'), path('src/second.c')]);
    expect([...sourcesBelow(root).values()].reduce((sum, bytes) => sum + bytes, 0)).toBe(info.sizeBytes);
  });
});

/** Lengths of `.debug_aranges`, by the names of the units that they are of. */
function unitsByReadelf(name: string): SourceBytes {
  const names = new Map<number, string>();
  for (const unit of run('readelf', '--debug-dump=info', '--dwarf-depth=1', name)
    .split('Compilation Unit @ offset ')
    .slice(1)) {
    const source = /DW_AT_name\s*: (?:\([^)]*\): )?(\S+)/u.exec(unit)?.[1] ?? '';
    names.set(Number.parseInt(unit, 16), path(source));
  }
  const bytes = new Map<string, number>();
  for (const table of run('readelf', '--debug-dump=aranges', name).split('Offset into .debug_info:').slice(1)) {
    const source = names.get(Number.parseInt(table.trim(), 16)) ?? 'unknown';
    const lengths = [...table.matchAll(/^ +[0-9a-f]{16} ([0-9a-f]{16}) *$/gmu)];
    bytes.set(
      source,
      lengths.reduce((sum, [, length = '']) => sum + Number.parseInt(length, 16), 0),
    );
  }
  return bytes;
}

describe('a stripped file has the sources of its separate debug file', () => {
  test('by build ID, and by debug link', async () => {
    const full = build('-O2', '-g', '-Wl,--build-id=sha1');
    run('objcopy', '--only-keep-debug', full, 'full.debug');
    run('objcopy', '--strip-all', '--add-gnu-debuglink=full.debug', full, 'linked.so');
    const linked = await compareCode(path('linked.so'), full);
    expect(linked.sources).toEqual({ kind: 'known', debugFile: path('full.debug') });

    run('strip', '-o', 'identified.so', full);
    const id = /Build ID: ([0-9a-f]+)/u.exec(run('readelf', '-n', full))?.[1] ?? '';
    const debug = path(`debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`);
    mkdirSync(dirname(debug), { recursive: true });
    copyFileSync(path('full.debug'), debug);
    const identified = await compareCode(path('identified.so'), full, { debugFolders: [path('debug')] });
    expect(identified.sources).toEqual({ kind: 'known', debugFile: debug });
    // The sizes of variables are those of the symbols, which only the debug file has.
    const whole = sourcesBelow(
      (await sizeOf(path('identified.so'), { by: 'source', debugFolders: [path('debug')] })).root,
    );
    expect(whole).toEqual(sourcesBelow((await sizeOf(full, { by: 'source' })).root));
  });

  test('names that dwz has put into a file of its own are read from there, and are not guessed without it', async () => {
    const folder = path(`${'long/'.repeat(20)}folder`);
    mkdirSync(folder, { recursive: true });
    copyFileSync(path('inc/far.h'), `${folder}/far.h`);
    writeFileSync(
      `${folder}/shared.c`,
      '#include "far.h"\nint shared(int a) { return far(a); }\nint value[9] = {1};\n',
    );
    for (const name of ['dwz-1.so', 'dwz-2.so', 'dwz-3.so']) {
      const options = ['-gdwarf-4', '-gstrict-dwarf', '-O1', '-shared', '-fPIC'];
      run('gcc', ...options, `-DNAME="${name}"`, '-o', name, `${folder}/shared.c`);
    }
    const whole = sourcesBelow(
      (await sizeOf(path('dwz-1.so'), { by: 'unit', section: sectionAt(path('dwz-1.so'), '.text').number })).root,
    );
    expect([...whole.keys()]).toEqual([`${folder}/shared.c`]);
    run('dwz', '-m', 'dwz.debug', '-M', path('dwz.debug'), 'dwz-1.so', 'dwz-2.so', 'dwz-3.so');
    expect(run('readelf', '--debug-dump=info', '--dwarf-depth=1', 'dwz-1.so')).toContain(
      'DW_AT_name        : (alt indirect string',
    );
    const code = { by: 'unit', section: sectionAt(path('dwz-1.so'), '.text').number } as const;
    expect(sourcesBelow((await sizeOf(path('dwz-1.so'), code)).root)).toEqual(whole);
    await compareCode(path('dwz-1.so'));

    // One of another build is none.
    for (const prepare of [() => copyFileSync(path('dwz-2.so'), path('dwz.debug')), () => rmSync(path('dwz.debug'))]) {
      prepare();
      // What was read once is remembered, by the file.
      copyFileSync(path('dwz-1.so'), path('dwz-4.so'));
      const report = await sizeOf(path('dwz-4.so'), code);
      expect(debugFindings(report)).toEqual(['elf/debug-elsewhere']);
      expect(sourcesBelow(report.root).size).toBe(0);
    }
  });

  test('without one, it says how to get it, and shows its sections', async () => {
    run('gcc', '-shared', '-fPIC', '-s', '-o', 'plain.so', 'src/second.c');
    const report = await sizeOf(path('plain.so'), { by: 'source' });
    expect(report.sources).toMatchObject({
      kind: 'noDebugInformation',
      remedy: 'Compile it with -g, and do not strip it.',
    });
    expect(report.root.children.find(({ name }) => name === '.text')).toMatchObject({ kind: 'section', children: [] });
  });
});

test("LLVM's indexed forms: addresses, names and ranges by number", async () => {
  const ir = `@value = global [7 x i32] zeroinitializer, align 4, !dbg !0
define i32 @one(i32 %a) !dbg !10 {
  %r = add i32 %a, 1, !dbg !13
  ret i32 %r, !dbg !13
}
define i32 @two(i32 %a) !dbg !14 {
  %r = mul i32 %a, 3, !dbg !15
  ret i32 %r, !dbg !15
}
!llvm.dbg.cu = !{!2}
!llvm.module.flags = !{!7, !8}
!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(name: "value", scope: !2, file: !9, line: 1, type: !6, isLocal: false, isDefinition: true)
!2 = distinct !DICompileUnit(language: DW_LANG_C99, file: !3, producer: "by hand", isOptimized: false, runtimeVersion: 0, emissionKind: FullDebug, globals: !4)
!3 = !DIFile(filename: "whole.c", directory: "/made/up")
!4 = !{!0}
!5 = !DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)
!6 = !DICompositeType(tag: DW_TAG_array_type, baseType: !5, size: 224, elements: !16)
!7 = !{i32 7, !"Dwarf Version", i32 5}
!8 = !{i32 2, !"Debug Info Version", i32 3}
!9 = !DIFile(filename: "part/value.h", directory: "/made/up")
!10 = distinct !DISubprogram(name: "one", scope: !3, file: !3, line: 2, type: !11, unit: !2, spFlags: DISPFlagDefinition)
!11 = !DISubroutineType(types: !12)
!12 = !{!5, !5}
!13 = !DILocation(line: 2, scope: !10)
!14 = distinct !DISubprogram(name: "two", scope: !9, file: !9, line: 3, type: !11, unit: !2, spFlags: DISPFlagDefinition)
!15 = !DILocation(line: 3, scope: !14)
!16 = !{!17}
!17 = !DISubrange(count: 7)
`;
  writeFileSync(path('whole.ll'), ir);
  run('llc', '-filetype=obj', '-relocation-model=pic', '-function-sections', '-o', 'llvm.o', 'whole.ll');
  run('ld', '-shared', '-o', 'llvm.so', 'llvm.o');
  const forms = run('llvm-dwarfdump', '--debug-info', '--show-form', 'llvm.so');
  for (const form of ['DW_FORM_strx1', 'DW_FORM_addrx', 'DW_FORM_rnglistx', 'DW_OP_addrx'])
    expect(forms).toContain(form);
  const file = path('llvm.so');
  expect(debugFindings(await compareCode(file))).toEqual([]);
  const units = await sizeOf(file, { by: 'unit', section: sectionAt(file, '.text').number });
  const sizes = symbolSizes(file);
  expect(sourcesBelow(units.root)).toEqual(
    new Map([['/made/up/whole.c', (sizes.get('one') ?? 0) + (sizes.get('two') ?? 0)]]),
  );
  const data = await sizeOf(file, { by: 'source', section: sectionAt(file, '.bss').number });
  expect(sourcesBelow(data.root)).toEqual(new Map([['/made/up/part/value.h', 28]]));
});

describe('other machines and byte orders', () => {
  const machines = [
    { target: 's390x-linux-gnu', code: 'br %r14' },
    { target: 'powerpc-linux-gnu', code: 'blr' },
    { target: 'mips-linux-gnu', code: 'nop' },
    { target: 'aarch64-linux-gnu', code: 'ret' },
    { target: 'riscv64-linux-gnu', code: 'ret' },
  ];
  for (const { target, code } of machines) {
    for (const version of [3, 5]) {
      test(`${target}, DWARF ${version}`, async () => {
        const name = `${target}-${version}`;
        for (const part of ['one', 'two']) {
          writeFileSync(path(`${part}.s`), `.text\n.globl ${part}\n${part}:\n${`${code}\n`.repeat(part.length * 7)}`);
          run(`${target}-as`, `--gdwarf-${version}`, '-o', `${name}-${part}.o`, `${part}.s`);
        }
        run(`${target}-ld`, '-shared', '-o', name, `${name}-one.o`, `${name}-two.o`);
        expect(debugFindings(await compareCode(path(name)))).toEqual([]);
        const { root } = await sizeOf(path(name), { by: 'unit', section: sectionAt(path(name), '.text').number });
        expect(sorted(sourcesBelow(root))).toEqual(
          sorted(bytesBySymbolizer(path(name), sectionAt(path(name), '.text'))),
        );
      });
    }
  }

  test('a relocatable file of a machine whose relocations are not known says so', async () => {
    writeFileSync(path('risc.s'), '.text\nstart:\nret\n');
    run('riscv64-linux-gnu-as', '-g', '-o', 'risc.o', 'risc.s');
    const report = await sizeOf(path('risc.o'), { by: 'source' });
    expect(debugFindings(report)).toEqual(['elf/debug-relocations']);
    expect(sourcesBelow(report.root).size).toBe(0);
  });
});
