import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LoaderErrorKind } from '../../../language-server/protocol/explain.ts';
import { buildIn, commandOf, explainIn, explanationOf, runIn } from '../../support/explain-errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = temporaryFolder();
const python = '/usr/bin/python3';

async function folderWith(name: string, build: string): Promise<string> {
  const folder = join(root, name);
  await buildIn(root, `mkdir ${name}; cd ${name}; ${build}`);
  return folder;
}

/**
 * prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN): the system forbids what SELinux and systemd forbid. Linux has it from 6.3 on; an
 * older one is told by the text what a newer one says.
 */
const forbid = 'import ctypes; assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0;';
const canForbid = (await runIn('/', `${python} -c '${forbid}'`)).exitCode === 0;
const load = (path: string): string => `${python} -c 'import ctypes; ctypes.CDLL("${path}"); print("ran")'`;

describe('what Python loads', () => {
  test('a module whose library is missing is found by its traceback', async () => {
    const folder = await folderWith(
      'import',
      `mkdir package lib; printf 'int gone(void){return 1;}' > g.c; cc -shared -fPIC -Wl,-soname,libgone.so.2 -o lib/libgone.so.2 g.c
      printf 'int gone(void);void*PyModule_Create2(void*,int);static long def[13]={1};void*PyInit__native(void){def[5]=(long)"_native";def[7]=-1;return gone()?PyModule_Create2(def,1013):0;}' > m.c
      cc -shared -fPIC -o package/_native.so m.c lib/libgone.so.2; echo 'from . import _native; print("ran")' > package/__init__.py`,
    );
    const run = `${python} -c 'import sys; sys.path.insert(0, "${folder}"); import package'`;
    const failed = await runIn(folder, run);
    expect(failed.text).toMatch(/ImportError: libgone\.so\.2: cannot open shared object file/u);
    const explanation = await explanationOf(folder, failed.text, 'missing-library');
    expect(explanation).toMatchObject({
      object: { name: 'libgone.so.2', path: null },
      requiredBy: { path: `${folder}/package/_native.so` },
      state: { kind: 'persists' },
    });
    await buildIn(folder, commandOf(explanation, 'set-run-path'));
    expect(await runIn(folder, run)).toEqual({ text: 'ran\n', exitCode: 0 });
    expect((await explanationOf(folder, failed.text, 'missing-library')).state.kind).toBe('resolved');
  });

  test('a symbol of Python that this Python does not have', async () => {
    const folder = await folderWith(
      'python',
      `printf 'void*PyString_FromString(char*);void*PyInit_old(void){return PyString_FromString("");}' > m.c; cc -shared -fPIC -o old.cpython-37m-x86_64-linux-gnu.so m.c; cp old.cpython-37m-x86_64-linux-gnu.so old.so`,
    );
    const { text } = await runIn(folder, `${python} -c 'import old'`);
    expect(text).toMatch(/ImportError: .*\/old\.so: undefined symbol: PyString_FromString/u);
    const explanation = await explanationOf(folder, text, 'undefined-symbol');
    expect(explanation).toMatchObject({
      object: { path: `${folder}/old.so` },
      symbol: { name: 'PyString_FromString' },
      state: { kind: 'persists' },
      remedies: expect.arrayContaining([expect.objectContaining({ id: 'rebuild-for-python' })]),
    });
    expect(explanation.remedies[0]?.why).toMatch(/It is part of Python 2 and of no Python 3/u);
  });

  test('a module that was renamed', async () => {
    const folder = await folderWith(
      'renamed',
      `printf 'void*PyModule_Create2(void*,int);static long def[13]={1};void*PyInit_right(void){def[5]=(long)"right";def[7]=-1;return PyModule_Create2(def,1013);}' > m.c; cc -shared -fPIC -o wrong.so m.c`,
    );
    const { text } = await runIn(folder, `${python} -c 'import wrong'`);
    expect(text).toMatch(/dynamic module does not define module export function \(PyInit_wrong\)/u);
    const explanation = await explanationOf(folder, text, 'python-no-init-function');
    expect(explanation).toMatchObject({
      provider: { path: `${folder}/wrong.so`, offers: ['PyInit_right'] },
      state: { kind: 'persists' },
    });
    await buildIn(folder, commandOf(explanation, 'rename-module'));
    expect(await runIn(folder, `${python} -c 'import right; print("ran")'`)).toEqual({ text: 'ran\n', exitCode: 0 });
  });

  test('a module for another Python', async () => {
    const folder = await folderWith(
      'tag',
      'printf "int x;" > m.c; cc -shared -fPIC -o other.cpython-39-x86_64-linux-gnu.so m.c',
    );
    const { text } = await runIn(folder, `${python} -c 'import other'`);
    const explanation = await explanationOf(folder, text, 'python-missing-module');
    expect(explanation).toMatchObject({ object: { path: `${folder}/other.cpython-39-x86_64-linux-gnu.so` } });
    expect(explanation.facts.join()).toMatch(/for CPython 3\.9 on x86_64-linux-gnu/u);
  });

  test('thread-local variables that have no room', async () => {
    const folder = await folderWith(
      'tls',
      `printf '__thread __attribute__((tls_model("initial-exec"))) char big[9000];char*f(void){return big;}' > t.c; cc -shared -fPIC -o libtls.so t.c`,
    );
    const run = load('./libtls.so');
    const failed = await runIn(folder, run);
    expect(failed.text).toMatch(/libtls\.so: cannot allocate memory in static TLS block/u);
    const explanation = await explanationOf(folder, failed.text, 'static-tls');
    expect(explanation).toMatchObject({
      object: { name: './libtls.so', path: `${folder}/libtls.so` },
      state: { kind: 'persists' },
    });
    expect(explanation.facts.join()).toMatch(/9000 bytes of thread-local variables and the flag STATIC_TLS/u);
    for (const id of ['static-tls-tunable', 'preload']) {
      expect(await runIn(folder, commandOf(explanation, id, run)), id).toEqual({ text: 'ran\n', exitCode: 0 });
    }
  });

  test('an executable stack that the system forbids', async () => {
    const folder = await folderWith('stack', 'printf "int x;" > s.c; cc -shared -fPIC -z execstack -o libstack.so s.c');
    const run = `${python} -c '${forbid} ctypes.CDLL("./libstack.so"); print("ran")'`;
    const told =
      'OSError: ./libstack.so: cannot enable executable stack as shared object requires: Permission denied\n';
    const failed = canForbid ? await runIn(folder, run) : { text: told };
    expect(failed.text).toMatch(/cannot enable executable stack as shared object requires/u);
    const explanation = await explanationOf(folder, failed.text, 'executable-stack');
    expect(explanation).toMatchObject({ object: { path: `${folder}/libstack.so` }, state: { kind: 'persists' } });
    await buildIn(folder, commandOf(explanation, 'clear-executable-stack'));
    if (canForbid) expect(await runIn(folder, run)).toEqual({ text: 'ran\n', exitCode: 0 });
    expect((await explanationOf(folder, failed.text, 'executable-stack')).state.kind).toBe('resolved');
  });

  test('relocations in code that the system forbids', async () => {
    const source = '.globl f\\n.text\\nf: .quad f\\n.section .note.GNU-stack,"",@progbits\\n';
    const folder = await folderWith(
      'textrel',
      `printf '${source}' | as -o t.o -; ld -shared -z notext -o libtext.so t.o`,
    );
    const told = 'OSError: ./libtext.so: cannot restore segment prot after reloc: Permission denied\n';
    const run = `${python} -c '${forbid} ctypes.CDLL("./libtext.so")'`;
    const { text } = canForbid ? await runIn(folder, run) : { text: told };
    expect(text).toMatch(/cannot (?:restore segment prot after reloc|make segment writable for relocation)/u);
    expect(await explanationOf(folder, text, 'text-relocations')).toMatchObject({
      object: { path: `${folder}/libtext.so` },
      facts: [`${folder}/libtext.so has DT_TEXTREL.`],
      state: { kind: 'persists' },
    });
  });

  test.each([
    ['de', 'Kann die Shared-Object-Datei nicht öffnen: Datei oder Verzeichnis nicht gefunden'],
    ['ja', '共有オブジェクトファイルを開けません: そのようなファイルやディレクトリはありません'],
  ])('errors in another language (%s)', async (language, german) => {
    const folder = await folderWith(`lang-${language}`, 'true');
    const run = `${python} -c 'import ctypes, locale; locale.setlocale(locale.LC_ALL, ""); ctypes.CDLL("libgone.so.3")'`;
    const { text } = await runIn(folder, run, { LANGUAGE: language });
    expect(await explanationOf(folder, text, 'missing-library')).toMatchObject({ object: { name: 'libgone.so.3' } });
    // The same from a machine that has the translations, on one that has none.
    const pasted = `OSError: libgone.so.3: ${german}`;
    const localeFolder = join(folder, 'none');
    expect(await explanationOf(folder, pasted, 'missing-library', { localeFolder })).toMatchObject({
      object: { name: 'libgone.so.3' },
    });
  });
});

describe('what musl loads', () => {
  const library = `printf 'int one(void){return 1;}' > one.c; musl-gcc -shared -fPIC -Wl,-soname,libone.so -o libone.so one.c; printf 'int puts(const char*);int one(void);int main(void){one();puts("ran");return 0;}' > main.c; musl-gcc -o app main.c ./libone.so`;

  test('a library that is missing, and the symbols that are then', async () => {
    const folder = await folderWith('musl-missing', `${library}; mkdir lib; mv libone.so lib`);
    const failed = await runIn(folder, './app');
    expect(failed.text).toMatch(
      /Error loading shared library libone\.so: No such file or directory \(needed by \.\/app\)/u,
    );
    const explanation = await explanationOf(folder, failed.text, 'missing-library');
    expect(explanation).toMatchObject({
      requiredBy: { name: './app', path: `${folder}/app` },
      state: { kind: 'persists' },
    });
    const symbol = await explanationOf(folder, failed.text, 'undefined-symbol');
    expect(symbol.facts.join()).toMatch(/Not found at all, and so not searched: libone\.so/u);
    expect(await runIn(folder, commandOf(explanation, 'library-path'))).toEqual({ text: 'ran\n', exitCode: 0 });
    await buildIn(folder, commandOf(explanation, 'set-run-path'));
    expect(await runIn(folder, './app')).toEqual({ text: 'ran\n', exitCode: 0 });
    expect((await explanationOf(folder, failed.text, 'missing-library')).state.kind).toBe('resolved');
    expect((await explanationOf(folder, failed.text, 'undefined-symbol')).state.kind).toBe('resolved');
  });

  test('a symbol that the library has no longer', async () => {
    const folder = await folderWith(
      'musl-symbol',
      `${library.replace('-o app main.c ./libone.so', "-o app main.c ./libone.so -Wl,-rpath,'$ORIGIN'")}; printf 'int one2(void){return 1;}' > one.c; musl-gcc -shared -fPIC -Wl,-soname,libone.so -o libone.so one.c`,
    );
    const { text } = await runIn(folder, './app');
    expect(text).toMatch(/Error relocating \.\/app: one: symbol not found/u);
    expect(await explanationOf(folder, text, 'undefined-symbol')).toMatchObject({
      object: { path: `${folder}/app` },
      symbol: { name: 'one' },
      provider: { path: `${folder}/libone.so`, offers: ['one2'] },
      state: { kind: 'persists' },
    });
  });
});

describe('what the kernel and the link editor say', () => {
  const program = `printf 'int puts(const char*);int main(void){puts("ran");return 0;}' > main.c`;

  test('a program whose loader is missing', async () => {
    const folder = await folderWith('interpreter', `${program}; cc -o app main.c -Wl,--dynamic-linker=/nowhere/ld.so`);
    for (const run of [
      'bash -c ./app',
      'sh -c ./app',
      'env ./app',
      `${python} -c 'import subprocess; subprocess.run("./app")'`,
    ]) {
      const { text } = await runIn(folder, run);
      const explanation = await explanationOf(folder, text, 'missing-interpreter');
      expect(explanation, text).toMatchObject({
        program: { path: `${folder}/app` },
        object: { name: '/nowhere/ld.so', path: null },
        state: { kind: 'persists' },
      });
    }
    const { text } = await runIn(folder, 'bash -c ./app');
    await buildIn(folder, commandOf(await explanationOf(folder, text, 'missing-interpreter'), 'set-interpreter'));
    expect(await runIn(folder, './app')).toEqual({ text: 'ran\n', exitCode: 0 });
    // The shells' "not found" means the file itself where its loader is there.
    const gone = await explainIn(folder, 'sh: 1: ./other: not found\nenv: ‘./app’: No such file or directory\n');
    expect(gone.explanations).toEqual([]);
  });

  test('a script with the line ends of Windows', async () => {
    const folder = await folderWith('script', `printf '#!/bin/sh\\r\\necho ran\\n' > s; chmod +x s`);
    const { text } = await runIn(folder, 'bash -c ./s');
    const explanation = await explanationOf(folder, text, 'missing-interpreter');
    await buildIn(folder, commandOf(explanation, 'line-ends'));
    expect(await runIn(folder, './s')).toEqual({ text: 'ran\n', exitCode: 0 });
  });

  test('a program for another machine', async () => {
    const folder = await folderWith(
      'machine',
      'aarch64-linux-gnu-as -o e.o /dev/null; aarch64-linux-gnu-ld -shared -o app e.o; chmod +x app',
    );
    const { text } = await runIn(folder, 'bash -c ./app');
    expect(text).toMatch(/Exec format error/u);
    expect(await explanationOf(folder, text, 'wrong-machine')).toMatchObject({
      program: { path: `${folder}/app` },
      state: { kind: 'persists' },
    });
  });

  test.each([
    [
      'a library in a folder of its own',
      `mkdir lib; printf 'int one;' > one.c; cc -shared -fPIC -o lib/libone.so one.c`,
      'cc -o app main.c -lone',
      'link-missing-library',
      'link-folder',
    ],
    [
      'a library of the machine that is not named',
      'true',
      `printf 'int puts(const char*);double cosh(double);int main(int c,char**v){puts("ran");return cosh(c)<0;}' > main.c; cc -fno-builtin -o app main.c`,
      'link-undefined-reference',
      'link-with',
    ],
  ] as const)('%s', async (title, build, link, kind: LoaderErrorKind, fix) => {
    const folder = await folderWith(`link-${title.replaceAll(' ', '-')}`, `${program}; ${build}`);
    const { text, exitCode } = await runIn(folder, link);
    expect(exitCode, text).not.toBe(0);
    const explanation = await explanationOf(folder, text, kind);
    const words = commandOf(explanation, fix).replace(/^cc … /u, '');
    await buildIn(folder, `cc -fno-builtin -o app main.c ${words}`);
    expect((await runIn(folder, 'LD_LIBRARY_PATH=lib ./app')).text).toBe('ran\n');
  });

  test('a library that only another one names', async () => {
    const folder = await folderWith(
      'dso',
      `printf 'int base(void){return 1;}' > base.c; cc -shared -fPIC -o libbase.so base.c; printf 'int base(void);int top(void){return base();}' > top.c; cc -shared -fPIC -o libtop.so top.c -L. -lbase; printf 'int base(void),top(void);int main(void){return base()-top();}' > main.c`,
    );
    const link = 'cc -o app main.c -L. -ltop -Wl,-rpath-link,.';
    const { text } = await runIn(folder, link);
    expect(text).toMatch(/DSO missing from command line/u);
    const explanation = await explanationOf(folder, text, 'link-missing-from-command-line');
    expect(explanation).toMatchObject({ symbol: { name: 'base' }, provider: { path: `${folder}/libbase.so` } });
    await buildIn(folder, `${link} ${commandOf(explanation, 'link-with')}`);
  });

  test('a library of the other class', async () => {
    const folder = await folderWith(
      'skipped',
      `${program}; mkdir l; as --32 -o e.o /dev/null; ld -m elf_i386 -shared -o l/libq.so e.o`,
    );
    const { text } = await runIn(folder, 'cc -o app main.c -Ll -lq');
    expect(text).toMatch(/skipping incompatible l\/libq\.so when searching for -lq/u);
    const { facts } = await explanationOf(folder, text, 'link-missing-library');
    expect(facts).toContain('Passed over: l/libq.so (Intel 80386, 32 bits).');
  });
});
