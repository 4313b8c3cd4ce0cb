import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type ExpectStatic, expect, test } from 'vitest';
import type { Explanation, LoaderErrorKind } from '../../../language-server/protocol/explain.ts';
import { buildIn, commandOf, explanationOf, runIn } from '../../support/explain-errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** An error that is made for real, and what is to be said of it. */
interface Case {
  readonly title: string;
  /** Builds the program and breaks it. */
  readonly build: string;
  /** What fails; it is not to fail any more once the remedy is applied. */
  readonly run: string;
  /** What the loader has to say, so that the case is about what its title says. */
  readonly says: RegExp;
  readonly kind: LoaderErrorKind;
  readonly expected: (folder: string) => object;
  readonly facts?: RegExp;
  /** Remedies whose commands are run, each on the broken program; the last may change it for good. */
  readonly fixes: readonly string[];
  /** Printed by the program when it runs. */
  readonly prints?: string;
}

const main = (call: string): string =>
  `printf 'int puts(const char *);int ${call}(void);int main(void){${call}();puts("ran");return 0;}' > main.c`;
const library = (name: string, call: string, flags = ''): string =>
  `printf 'int ${call}(void){return 1;}' > ${call}.c; cc -shared -fPIC -Wl,-soname,${name} -o ${name} ${call}.c ${flags}`;

const cases: readonly Case[] = [
  {
    title: 'a library that lies where the RUNPATH does not lead',
    build: `${library('libone.so.1', 'one')}; ${main('one')}; cc -o app main.c ./libone.so.1 -Wl,-rpath,'$ORIGIN/wrong'; mkdir lib; mv libone.so.1 lib`,
    run: './app',
    says: /libone\.so\.1: cannot open shared object file: No such file/u,
    kind: 'missing-library',
    expected: folder => ({
      object: { name: 'libone.so.1', path: null },
      program: { name: './app', path: `${folder}/app` },
      requiredBy: { path: `${folder}/app` },
    }),
    facts: /lib\/libone\.so\.1/u,
    fixes: ['library-path', 'set-run-path'],
  },
  {
    title: 'a library of a library, which the RUNPATH of the program does not help',
    build: `mkdir lib; ${library('libinner.so', 'inner')}; printf 'int inner(void);int outer(void){return inner();}' > outer.c; cc -shared -fPIC -Wl,-soname,libouter.so -o libouter.so outer.c ./libinner.so; ${main('outer')}; cc -o app main.c ./libouter.so -Wl,-rpath,'$ORIGIN/lib' -Wl,-rpath-link,.; mv libinner.so libouter.so lib`,
    run: './app',
    says: /libinner\.so: cannot open/u,
    kind: 'missing-library',
    expected: folder => ({ requiredBy: { name: 'libouter.so', path: `${folder}/lib/libouter.so` } }),
    facts: /a RUNPATH holds only for what its own object needs/u,
    fixes: ['library-path', 'set-run-path'],
  },
  {
    title: 'an RPATH that is kept an RPATH',
    build: `${library('libone.so', 'one')}; ${main('one')}; cc -o app main.c ./libone.so -Wl,--disable-new-dtags,-rpath,/nowhere; mkdir lib; mv libone.so lib`,
    run: './app',
    says: /cannot open/u,
    kind: 'missing-library',
    expected: folder => ({
      remedies: expect.arrayContaining([
        expect.objectContaining({ command: `patchelf --force-rpath --set-rpath '$ORIGIN/lib:/nowhere' ${folder}/app` }),
      ]),
    }),
    fixes: ['set-run-path'],
  },
  {
    title: 'a name with a slash',
    build: `${library('sub/libone.so', 'one').replace('-o sub/libone.so', '-o libone.so')}; ${main('one')}; cc -o app main.c ./libone.so; mkdir lib; mv libone.so lib`,
    run: './app',
    says: /sub\/libone\.so: cannot open/u,
    kind: 'missing-library',
    expected: () => ({ object: { name: 'sub/libone.so', path: null }, state: { kind: 'persists' } }),
    fixes: [],
  },
  {
    title: 'a symbol that a library uses and nobody names',
    build: `${library('libhelp.so', 'helper')}; printf 'int helper(void);int one(void){return helper();}' > one.c; cc -shared -fPIC -Wl,-soname,libone.so -o libone.so one.c; ${main('one')}; cc -o app main.c ./libone.so -Wl,-rpath,'$ORIGIN' -Wl,--allow-shlib-undefined`,
    run: './app',
    says: /symbol lookup error: .*libone\.so: undefined symbol: helper/u,
    kind: 'undefined-symbol',
    expected: folder => ({
      object: { path: `${folder}/libone.so` },
      program: { name: './app' },
      symbol: { name: 'helper', demangled: null, version: null },
      provider: { path: `${folder}/libhelp.so` },
    }),
    fixes: ['preload', 'add-needed'],
  },
  {
    title: 'a symbol in a library that lies in another folder',
    build: `mkdir other; ${library('libhelp.so', 'helper')}; mv libhelp.so other; printf 'int helper(void);int one(void){return helper();}' > one.c; cc -shared -fPIC -o libone.so one.c; ${main('one')}; cc -o app main.c -L. -lone -Wl,-rpath,'$ORIGIN' -Wl,--allow-shlib-undefined`,
    run: './app',
    says: /undefined symbol: helper/u,
    kind: 'undefined-symbol',
    expected: folder => ({ provider: { path: `${folder}/other/libhelp.so` } }),
    fixes: ['preload', 'add-needed'],
  },
  {
    title: 'a C++ function whose parameters have changed',
    build: `printf 'namespace n{int f(int){return 1;}}' > a.cc; printf 'namespace n{int f(long){return 1;}}' > b.cc; c++ -shared -fPIC -Wl,-soname,libn.so -o libn.so b.cc; printf '#include <cstdio>\\nnamespace n{int f(long);}int main(){n::f(1);puts("ran");}' > main.cc; c++ -o app main.cc ./libn.so -Wl,-rpath,'$ORIGIN'; c++ -shared -fPIC -Wl,-soname,libn.so -o libn.so a.cc`,
    run: './app',
    says: /undefined symbol: _ZN1n1fEl/u,
    kind: 'undefined-symbol',
    expected: folder => ({
      symbol: { name: '_ZN1n1fEl', demangled: 'n::f(long)' },
      provider: { path: `${folder}/libn.so`, how: `RUNPATH entry 1 ($ORIGIN) of ${folder}/app`, offers: ['n::f(int)'] },
    }),
    facts: /the same function with other parameters/u,
    fixes: [],
  },
  {
    title: 'a function that was compiled as C and is asked for as C++',
    build: `printf 'int plain(int a){return a;}' > p.c; printf 'int plain(int a){return a;}' > p.cc; c++ -shared -fPIC -Wl,-soname,libp.so -o libp.so p.cc; printf 'int plain(int);int main(){return plain(0);}' > main.cc; c++ -o app main.cc ./libp.so -Wl,-rpath,'$ORIGIN'; cc -shared -fPIC -Wl,-soname,libp.so -o libp.so p.c`,
    run: './app',
    says: /undefined symbol: _Z5plaini/u,
    kind: 'undefined-symbol',
    expected: () => ({
      symbol: { demangled: 'plain(int)' },
      provider: { offers: ['plain'] },
      remedies: [{ id: 'extern-c' }],
    }),
    facts: /extern "C"/u,
    fixes: [],
  },
  {
    title: 'strings of the other C++ ABI',
    build: `printf '#include <string>\\nint s(const std::string&a){return a.size();}' > s.cc; c++ -shared -fPIC -Wl,-soname,libs.so -o libs.so s.cc; printf '#include <string>\\nint s(const std::string&);int main(){return s("");}' > main.cc; c++ -o app main.cc ./libs.so -Wl,-rpath,'$ORIGIN'; c++ -D_GLIBCXX_USE_CXX11_ABI=0 -shared -fPIC -Wl,-soname,libs.so -o libs.so s.cc`,
    run: './app',
    says: /undefined symbol: _Z1sRKNSt7__cxx11/u,
    kind: 'undefined-symbol',
    expected: () => ({ remedies: [{ id: 'cxx11-abi' }] }),
    facts: /_GLIBCXX_USE_CXX11_ABI/u,
    fixes: [],
  },
  {
    title: 'a symbol that its library hides',
    build: `printf 'int here(void){return 1;}int there(void){return 2;}' > h.c; cc -shared -fPIC -Wl,-soname,libh.so -o libh.so h.c; ${main('here')}; cc -o app main.c ./libh.so -Wl,-rpath,'$ORIGIN'; printf '__attribute__((visibility("hidden"))) int here(void){return 1;}int there(void){return here();}' > h.c; cc -shared -fPIC -Wl,-soname,libh.so -o libh.so h.c`,
    run: './app',
    says: /undefined symbol: here/u,
    kind: 'undefined-symbol',
    expected: () => ({ remedies: [{ id: 'export-symbol' }] }),
    facts: /hidden \(-fvisibility=hidden/u,
    fixes: [],
  },
  {
    title: 'a version that an older library does not have',
    build: `printf 'V_1 {};\\nV_2 { global: vf; } V_1;\\n' > new.map; printf 'V_1 { global: vf; };\\n' > old.map; ${library('libv.so.1', 'vf', '-Wl,--version-script=new.map')}; ${main('vf')}; cc -o app main.c ./libv.so.1 -Wl,-rpath,'$ORIGIN'; mkdir new; mv libv.so.1 new; ${library('libv.so.1', 'vf', '-Wl,--version-script=old.map')}`,
    run: './app',
    says: /version `V_2' not found \(required by \.\/app\)/u,
    kind: 'missing-version',
    expected: folder => ({
      provider: { path: `${folder}/libv.so.1`, offers: ['V_1'], how: expect.stringContaining('RUNPATH entry 1') },
      requiredBy: { name: './app', path: `${folder}/app` },
      symbol: { name: 'vf', version: 'V_2' },
    }),
    fixes: ['library-path', 'set-run-path'],
  },
  {
    title: 'a library without the versions that it was linked with',
    build: `printf 'V_1 { global: *; };\\n' > v.map; printf 'int vf(void){return 1;}int unused(void){return 1;}' > vf.c; cc -shared -fPIC -Wl,-soname,libv.so -Wl,--version-script=v.map -o libv.so vf.c; printf 'int vf(void);int one(void){return vf();}' > one.c; cc -shared -fPIC -Wl,-soname,libone.so -o libone.so one.c ./libv.so; printf 'int main(void){return 0;}' > main.c; cc -o app main.c -Wl,--no-as-needed ./libone.so -Wl,-rpath,'$ORIGIN' -Wl,-rpath-link,.; mkdir good; mv libv.so good; cc -shared -fPIC -Wl,-soname,libv.so -o libv.so vf.c; patchelf --set-rpath '$ORIGIN' libone.so`,
    run: './app 2>&1 | grep . && exit 1; ./app',
    says: /libv\.so: no version information available \(required by .*libone\.so\)/u,
    kind: 'no-version-information',
    expected: folder => ({
      provider: { path: `${folder}/libv.so` },
      requiredBy: { path: `${folder}/libone.so` },
      remedies: [{ id: 'prefer-versioned' }, {}],
    }),
    fixes: [],
  },
  {
    title: 'a 32-bit library for a 64-bit program',
    build: `${library('libone.so', 'one')}; ${main('one')}; cc -o app main.c ./libone.so -Wl,-rpath,'$ORIGIN/lib'; mkdir lib; as --32 /dev/null -o e.o; ld -m elf_i386 -shared -soname libone.so -o lib/libone.so e.o`,
    run: './app',
    says: /libone\.so: wrong ELF class: ELFCLASS32/u,
    kind: 'wrong-class',
    expected: folder => ({
      object: { name: 'libone.so', path: `${folder}/lib/libone.so` },
      requiredBy: { path: `${folder}/app` },
    }),
    facts: /A 64-bit one is .*\/libone\.so/u,
    fixes: ['library-path', 'set-run-path'],
  },
  {
    title: 'a text in the place of a library',
    build: `${library('libone.so', 'one')}; ${main('one')}; cc -o app main.c ./libone.so -Wl,-rpath,'$ORIGIN/lib'; mkdir lib; printf '/* GNU ld script */\\nGROUP ( /lib/x86_64-linux-gnu/libone.so.6 AS_NEEDED ( /lib/x86_64-linux-gnu/libtwo.so.1 ) )\\n' > lib/libone.so`,
    run: './app',
    says: /lib\/libone\.so: invalid ELF header/u,
    kind: 'unloadable-file',
    expected: folder => ({
      object: { path: `${folder}/lib/libone.so` },
      remedies: expect.arrayContaining([expect.objectContaining({ id: 'load-target' })]),
    }),
    facts: /script for the link editor/u,
    fixes: ['library-path'],
  },
  {
    title: 'an empty library',
    build: `${library('libone.so', 'one')}; ${main('one')}; cc -o app main.c ./libone.so -Wl,-rpath,'$ORIGIN/lib:$ORIGIN'; mkdir lib; : > lib/libone.so`,
    run: './app',
    says: /lib\/libone\.so: file too short/u,
    kind: 'unloadable-file',
    expected: folder => ({ object: { path: `${folder}/lib/libone.so` }, requiredBy: { path: `${folder}/app` } }),
    facts: /is empty/u,
    fixes: ['library-path', 'replace-file'],
  },
  {
    title: 'a program in the place of a library',
    build: `${library('libone.so', 'one')}; ${main('one')}; cc -o app main.c ./libone.so -Wl,-rpath,'$ORIGIN'; printf 'int main(void){return 0;}' > p.c; cc -pie -o libone.so p.c`,
    run: './app',
    says: /cannot dynamically load position-independent executable/u,
    kind: 'program-as-library',
    expected: folder => ({ object: { path: `${folder}/libone.so` }, requiredBy: { path: `${folder}/app` } }),
    fixes: [],
  },
  {
    title: 'a preload that is not there',
    build: 'printf "int puts(const char*);int main(void){puts(\\"ran\\");return 0;}" > main.c; cc -o app main.c',
    run: 'LD_PRELOAD=/nowhere/libgone.so ./app 2>&1 | grep ERROR && exit 1; ./app',
    says: /object '\/nowhere\/libgone\.so' from LD_PRELOAD cannot be preloaded \(cannot open shared object file\): ignored/u,
    kind: 'preload-ignored',
    expected: () => ({
      object: { name: '/nowhere/libgone.so', path: null },
      state: { kind: 'persists' },
      remedies: [{ id: 'unset-preload', command: 'unset LD_PRELOAD' }],
    }),
    fixes: [],
  },
  {
    title: 'no address space left',
    build: `printf 'char big[300000000]; int one(void){return big[0];}' > one.c; cc -shared -fPIC -Wl,-soname,libone.so -o libone.so one.c; ${main('one')}; cc -o app main.c ./libone.so -Wl,-rpath,'$ORIGIN'`,
    run: '(ulimit -v 200000; ./app)',
    says: /(?:failed to map segment from shared object|cannot map zero-fill pages)/u,
    kind: 'mapping-failed',
    expected: folder => ({ object: { path: `${folder}/libone.so` }, remedies: [{ id: 'ulimit' }, {}] }),
    fixes: [],
  },
];

describe('errors of glibc’s loader, made for real', () => {
  test.concurrent.for(cases)('$title', async (item, { expect }) => {
    const root = folderOf(item.title);
    await buildIn(root, item.build);
    const failed = await runIn(root, item.run);
    expect(failed.text).toMatch(item.says);
    expect(failed.exitCode).not.toBe(0);
    const explanation = await explanationOf(root, failed.text, item.kind);
    expect(explanation).toMatchObject(item.expected(root));
    expect(explanation.state.kind).toBe(item.kind === 'mapping-failed' ? 'unknown' : 'persists');
    if (item.facts !== undefined) expect(explanation.facts.join('\n')).toMatch(item.facts);
    for (const fix of item.fixes) await applies(expect, root, item, explanation, fix, failed.text);
  });
});

/** The remedy is applied as it is printed; then the program runs, and what is explained says that it does. */
async function applies(
  expect: ExpectStatic,
  root: string,
  item: Case,
  explanation: Explanation,
  fix: string,
  text: string,
): Promise<void> {
  const command = commandOf(explanation, fix, item.run);
  const isForOneRun = /^LD_\w+=/u.test(command);
  if (!isForOneRun) await buildIn(root, command);
  const fixed = await runIn(root, isForOneRun ? command : item.run);
  expect.soft(fixed, command).toEqual({ text: 'ran\n', exitCode: 0 });
  if (isForOneRun) return;
  const after = await explanationOf(root, text, item.kind);
  expect.soft(after.state.kind, `${fix}: ${after.state.text}`).toBe('resolved');
  expect.soft(after.remedies, fix).toEqual([]);
}

const all = temporaryFolder();
let folders = 0;
function folderOf(title: string): string {
  folders += 1;
  const path = join(all, `${folders} ${title.replace(/[^a-z]+/giu, '-').slice(0, 20)}`.replace(' ', '-'));
  mkdirSync(path);
  return path;
}
