import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compilersIn } from '../../../language-server/elf/languages/compilers.ts';
import {
  createLanguageDetector,
  type LanguageReport,
} from '../../../language-server/elf/languages/language-detector.ts';
import { pythonModuleName, pythonTag } from '../../../language-server/elf/languages/python-tag.ts';
import { briefly, languagesOf } from '../../support/elf-parts-languages.ts';
import { withoutHanging } from '../../support/hang.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

interface Names {
  readonly fileName?: string;
  readonly defined?: readonly string[];
  readonly undefined?: readonly string[];
  readonly comments?: readonly string[];
  readonly sections?: readonly string[];
  readonly needed?: readonly string[];
  readonly strings?: readonly string[];
}

function report(names: Names): LanguageReport {
  const detector = createLanguageDetector();
  detector.addDefined(names.defined ?? []);
  detector.addUndefined(names.undefined ?? []);
  detector.addStrings(names.strings ?? []);
  return detector.report({
    fileName: names.fileName ?? 'file',
    comments: names.comments ?? [],
    sectionNames: names.sections ?? ['.text'],
    needed: names.needed ?? [],
  });
}

const gcc = 'GCC: (Debian 12.2.0-14+deb12u1) 12.2.0';

const cases: readonly (readonly [string, Names, string])[] = [
  ['nothing', {}, ''],
  [
    'C',
    { defined: ['main', '_DYNAMIC', '_GLOBAL_OFFSET_TABLE_', '_init'], undefined: ['printf'], comments: [gcc] },
    'C?',
  ],
  ['C++', { defined: ['_ZN3foo3barEv'], comments: [gcc] }, 'C++'],
  ['C++, only what it imports', { undefined: ['_ZNSt6localeD1Ev', '__gxx_personality_v0'] }, 'C++'],
  ['linked with libstdc++', { needed: ['libstdc++.so.6', 'libc.so.6'], comments: [gcc] }, 'C++? C?'],
  ['Rust, legacy names', { defined: ['_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE'] }, 'Rust'],
  ['Rust, legacy names with a suffix', { defined: ['_ZN4core3fmt5Write17h0123456789abcdefE.llvm.123456789'] }, 'Rust'],
  ['Rust, v0 names', { defined: ['_RNvCs1234_7mycrate3foo', '_RNvNtCs4fqI2P2rA04_4core3fmt5write'] }, 'Rust'],
  ['C names that begin like Rust', { defined: ['_Reset', '_REGISTER', '_RC_init'], comments: [gcc] }, 'C?'],
  ['Go', { sections: ['.go.buildinfo', '.gopclntab'], defined: ['runtime.main', 'main.main'] }, 'Go'],
  ['Fortran', { defined: ['MAIN__', '__stats_MOD_mean'], undefined: ['_gfortran_st_write'] }, 'Fortran'],
  ['Flang', { defined: ['_QQmain'], undefined: ['_FortranAioBeginExternalListOutput'] }, 'Fortran'],
  ['Cython', { defined: ['PyInit_m', '__pyx_pw_1m_1f', '__Pyx_AddTraceback'] }, 'Cython'],
  ['Cython, stripped', { defined: ['PyInit_m'], strings: ['__pyx_capi__', 'cython_runtime'] }, 'Cython'],
  ['D', { defined: ['_Dmain', '_D3app4mainFZv', '_D3std5stdio12__ModuleInfoZ'] }, 'D'],
  ['Swift', { defined: ['$s4main3fooyyF'], needed: ['libswiftCore.so'], sections: ['swift5_typeref'] }, 'Swift'],
  ['Nim', { defined: ['NimMain', 'NimMainModule', 'PreMainInner'] }, 'Nim'],
  ['Zig', { defined: ['start.posixCallMainAndExit', '__zig_probe_stack'] }, 'Zig'],
  ['OCaml', { defined: ['caml_startup__code_begin', 'caml_frametable', 'camlStdlib__code_begin'] }, 'OCaml'],
  ['Haskell', { defined: ['ZCMain_main_closure', 'base_GHCziBase_map_info'], comments: ['GHC 9.0.2'] }, 'Haskell'],
  ['Ada', { defined: ['adainit'], undefined: ['__gnat_runtime_initialize'] }, 'Ada'],
  ['Pascal', { defined: ['PASCALMAIN', 'FPC_DO_EXIT'] }, 'Pascal'],
  ['mapping symbols of Arm', { defined: ['$a', '$d', '$t', '$x'] }, ''],
];

test.each(cases)('%s', (_, names, expected) => {
  expect(briefly(report(names))).toBe(expected);
});

test('each verdict has the names that it comes from', () => {
  const { languages } = report({ defined: ['_ZN1aE', '_ZN1bEv', '_Z3foov'], needed: ['libstdc++.so.6'] });
  expect(languages).toEqual([
    {
      language: 'C++',
      certainty: 'certain',
      evidence: [
        { place: 'symbol', name: '_ZN1aE', meaning: 'a name mangled as C++ does', count: 3 },
        { place: 'needed', name: 'libstdc++.so.6', meaning: 'the C++ library', count: 1 },
      ],
    },
  ]);
});

test.each([
  [gcc, 'GCC', '12.2.0', 'Debian 12.2.0-14+deb12u1'],
  ['GCC: (GNU) 4.8.5 20150623 (Red Hat 4.8.5-44)', 'GCC', '4.8.5', 'GNU'],
  ['GCC: (crosstool-NG UNKNOWN (b)) 9.4.0', 'GCC', '9.4.0', 'crosstool-NG UNKNOWN (b)'],
  ['GCC: (GNU) 14.0.1 20240411 (Red Hat 14.0.1-0)', 'GCC', '14.0.1', 'GNU'],
  ['Debian clang version 14.0.6', 'Clang', '14.0.6', 'Debian'],
  ['clang version 17.0.6 (https://github.com/llvm/llvm-project 6009708b4)', 'Clang', '17.0.6', ''],
  [
    'Android (8508608, based on r450784e) clang version 14.0.7',
    'Clang',
    '14.0.7',
    'Android (8508608, based on r450784e)',
  ],
  ['rustc version 1.70.0 (90c541806 2023-05-31)', 'Rust', '1.70.0', ''],
  ['rustc version 1.82.0-nightly (aa8c2de6a 2024-08-01)', 'Rust', '1.82.0-nightly', ''],
  ['Linker: LLD 14.0.6', 'LLD', '14.0.6', ''],
  ['Linker: Ubuntu LLD 18.1.3', 'LLD', '18.1.3', 'Ubuntu'],
  ['mold 2.30.0 (compatible with GNU ld)', 'mold', '2.30.0', ''],
  ['Intel(R) oneAPI DPC++/C++ Compiler 2023.1.0 (2023.1.0.20230320)', 'Intel C++ (LLVM)', '2023.1.0', ''],
  ['GHC 9.4.7', 'GHC (Haskell)', '9.4.7', ''],
])('the compiler of "%s"', (comment, name, version, distributor) => {
  expect(compilersIn([comment, comment])).toMatchObject([{ name, version, distributor, evidence: comment }]);
});

test('a string that names no compiler', () => {
  expect(compilersIn(['', 'hello', 'x'.repeat(100_000)])).toEqual([]);
});

test.each([
  ['m.cpython-311-x86_64-linux-gnu.so', { implementation: 'CPython', version: '3.11', platform: 'x86_64-linux-gnu' }],
  ['m.cpython-37m-x86_64-linux-gnu.so', { version: '3.7', isDebug: false }],
  ['m.cpython-313t-aarch64-linux-musl.so', { version: '3.13', isFreeThreaded: true, platform: 'aarch64-linux-musl' }],
  ['m.cpython-310d.so', { version: '3.10', isDebug: true, platform: null }],
  ['m.abi3.so', { version: null, isStableAbi: true, isFreeThreaded: false }],
  ['m.abi3t.so', { isStableAbi: true, isFreeThreaded: true }],
  ['m.pypy39-pp73-x86_64-linux-gnu.so', { implementation: 'PyPy', version: '3.9', platform: 'x86_64-linux-gnu' }],
  ['m.graalpy-38-native-x86_64-linux.so', { implementation: 'GraalPy', version: '3.8' }],
])('the tag of %s', (name, expected) => {
  expect(pythonTag(name)).toMatchObject(expected);
});

test('names without a tag', () => {
  expect(['m.so', 'libm.so.6', 'm.other.so'].map(pythonTag)).toEqual([null, null, null]);
});

test('modules of Python by their functions', () => {
  const python = { kind: 'python', host: 'CPython', module: 'fast', isImportable: true };
  expect(
    report({ fileName: 'fast.cpython-311-x86_64-linux-gnu.so', defined: ['PyInit_fast'] }).extension,
  ).toMatchObject(python);
  expect(report({ fileName: 'other.abi3.so', defined: ['PyInit_fast'] }).extension).toMatchObject({
    isImportable: false,
  });
  expect(report({ fileName: 'initfoo.so', defined: ['initfoo'] }).extension).toBeNull();
  expect(
    report({ fileName: 'foo.so', defined: ['initfoo'], undefined: ['Py_InitModule4_64'] }).extension,
  ).toMatchObject({ module: 'foo' });
  // Python itself defines the functions of its built-in modules.
  expect(report({ defined: ['PyInit__ast', 'Py_InitializeEx'] }).extension).toBeNull();
  // The examples of PEP 489.
  expect(pythonModuleName('PyInitU_lanmt_2sa6t')).toBe('lančmít');
  expect(pythonModuleName('PyInitU_zck5b2b')).toBe('スパム');
});

test('other hosts by the functions that they look for', () => {
  const host = (...defined: readonly string[]): string | undefined => report({ defined }).extension?.host;
  expect(host('napi_register_module_v1')).toBe('Node.js');
  expect(host('Java_com_example_Native_run')).toBe('Java (JNI)');
  expect(host('luaopen_lpeg')).toBe('Lua');
  expect(host('main')).toBeUndefined();
});

test('traces of link-time optimisation, and what was stripped', () => {
  const traced = report({ defined: ['counter.lto_priv.0'], sections: ['.text', '.symtab'] });
  expect(traced.linkTimeOptimisation).toEqual({
    verdict: 'yes',
    evidence: ['counter.lto_priv.0: a local name that GCC made unique across files'],
  });
  expect(report({ sections: ['.gnu.lto_main.1'] }).linkTimeOptimisation.verdict).toBe('yes');
  expect(report({ defined: ['a.cold', 'b.isra.0', 'c.part.1'] }).linkTimeOptimisation.verdict).toBe('unknown');
  const stripped = (...sections: readonly string[]): string => report({ sections }).stripped.verdict;
  expect(stripped('.text', '.symtab', '.debug_info')).toBe('debug');
  expect(stripped('.text', '.symtab')).toBe('symbols');
  expect(stripped('.text', '.gnu_debugdata')).toBe('mini-debug');
  expect(stripped('.text')).toBe('stripped');
  expect(stripped()).toBe('unknown');
});

test('300,000 names are no hang', () => {
  const names = Array.from({ length: 300_000 }, (_, at) => `_ZN4some5space${at}function${at % 977}Ev`);
  const detector = createLanguageDetector();
  withoutHanging(() => {
    for (let first = 0; first < names.length; first += 4096) detector.addDefined(names.slice(first, first + 4096));
  });
});

function compiled(name: string, source: string, command: string, ...flags: readonly string[]): string {
  const extension = command === 'g++' ? 'cc' : 'c';
  writeFileSync(join(folder, `${name}.${extension}`), source);
  execFileSync(command, [`${name}.${extension}`, '-o', name, ...flags], { cwd: folder });
  return join(folder, name);
}

test('programs made here', async () => {
  const c = await languagesOf(compiled('plain', 'int main(void) { return 0; }', 'cc'));
  expect(briefly(c)).toBe('C?');
  expect(c.compilers).toMatchObject([{ name: 'GCC' }]);
  expect(c.stripped.verdict).toBe('symbols');
  const cxx = compiled('throwing', 'int main() { try { throw 1; } catch (int) {} }', 'g++', '-s');
  expect(briefly(await languagesOf(cxx))).toBe('C++');
  expect((await languagesOf(cxx)).stripped.verdict).toBe('stripped');
  const lto = compiled('fat', 'static int x; int f(void) { return ++x; }', 'cc', '-c', '-flto', '-ffat-lto-objects');
  expect((await languagesOf(lto)).linkTimeOptimisation.verdict).toBe('yes');
});
