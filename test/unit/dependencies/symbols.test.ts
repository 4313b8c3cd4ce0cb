import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSymbols } from '../../../language-server/dependencies/symbols/check-symbols.ts';
import { findInterposed } from '../../../language-server/dependencies/symbols/interposed.ts';
import { findProvider } from '../../../language-server/dependencies/symbols/provider.ts';
import type { LoaderSymbols, SymbolProvider } from '../../../language-server/protocol/loader-symbols.ts';
import { runShell } from '../../support/loader-build.ts';
import { glibcLoader, muslLoader } from '../../support/loader-oracle.ts';
import { bindingsOf } from '../../support/loader-symbols-check.ts';
import { askSymbols } from '../../support/loader-symbols-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base = temporaryFolder();
let cases = 0;
const environment = { cwd: '/' };

interface Case {
  /** Shell, run in the folder of the case; `lib` and `app` link without libc, with RUNPATH=$ORIGIN. */
  readonly build: string;
  readonly change?: (folder: string) => void;
  /** `message (object)` of the undefined symbols, then `unused NAME`, then `copy NAME`. */
  readonly expected: readonly string[];
  /** Lines of the bindings that must be among them. */
  readonly bindings?: readonly string[];
}

/** `lib NAME CODE FLAGS…` makes NAME; `app CODE FLAGS…` makes app. */
const commands = `
lib() { name=$1 code=$2; shift 2; printf '%s\\n' "$code" > "$name.c"; gcc -nostdlib -fPIC -shared -Wl,-soname,"$name" -Wl,-rpath,'$ORIGIN' -Wl,--no-as-needed -Wl,--allow-shlib-undefined -fno-builtin -o "$name" "$name.c" "$@"; }
app() { code=$1; shift; printf '%s\\n' "$code" > app.c; gcc -nostdlib -no-pie -fno-pie -Wl,-rpath,'$ORIGIN' -Wl,--no-as-needed -Wl,--allow-shlib-undefined -Wl,--unresolved-symbols=ignore-all -fno-builtin -o app app.c "$@"; }
`;

async function built(build: string, change?: (folder: string) => void): Promise<string> {
  cases += 1;
  const folder = join(base, `${cases}`);
  mkdirSync(folder);
  await runShell(commands + build, folder);
  change?.(folder);
  return folder;
}

/** One rule of the look-up: what is built, and what comes of it; all of it as the loader itself says. */
function check(rule: string, { build, change, expected, bindings = [] }: Case): void {
  test(rule, async () => {
    const folder = await built(build, change);
    const file = join(folder, 'app');
    const short = (text: string): string => text.replaceAll(`${folder}/`, '');
    const symbols = await checkSymbols(file, { environment });
    expect(told(symbols).map(short)).toEqual(expected);
    const ours = await bindingsOf(file, environment);
    const [missing] = await askSymbols(glibcLoader, [file], 'undefined');
    const [unused] = await askSymbols(glibcLoader, [file], 'unused');
    const [bound] = await askSymbols(glibcLoader, [file], 'bindings');
    expect(symbols.undefined.map(({ message, object }) => `${message}\t(${object})`).sort()).toEqual(
      missing?.undefined,
    );
    expect(symbols.unused.map(({ object }) => object)).toEqual(unused?.unused);
    expect(ours).toEqual(bound?.bindings);
    expect(missing?.error).toBeNull();
    expect(ours.map(short)).toEqual(expect.arrayContaining([...bindings]));
  });
}

function told({ undefined: missing, unused, copyMismatches }: LoaderSymbols): readonly string[] {
  return [
    ...missing.map(({ message, object, kind, fails }) => `${message} (${object}, ${kind}, ${fails})`),
    ...unused.map(({ name }) => `unused ${name}`),
    ...copyMismatches.map(({ name, sizeBytes, providerSizeBytes }) => `copy ${name} ${sizeBytes} ${providerSizeBytes}`),
  ];
}

const start = 'void _start(void)';

check('a function and a variable that nothing defines; a weak one is none', {
  build: `
    lib liba.so 'void none(void); extern int nothing; void weak(void) __attribute__((weak)); int a(void) { none(); if (weak) weak(); return nothing; }'
    app 'void a(void); ${start} { a(); }' liba.so`,
  expected: ['undefined symbol: nothing (liba.so, data, start)', 'undefined symbol: none (liba.so, function, lazy)'],
});

check('bound at the start, a missing function fails there', {
  build: `
    lib liba.so 'void none(void); void a(void) { none(); }' -Wl,-z,now
    app 'void a(void); ${start} { a(); }' liba.so`,
  expected: ['undefined symbol: none (liba.so, function, start)'],
});

check('the first definition in breadth-first order counts', {
  build: `
    lib libc1.so 'void f(void) {}'
    lib liba.so 'void f(void); void a(void) { f(); }' libc1.so
    lib libb.so 'void f(void) {}'
    app 'void a(void); void f(void); ${start} { a(); f(); }' liba.so libb.so`,
  expected: [],
  bindings: ['app f => libb.so', 'liba.so f => libb.so'],
});

check('the program itself comes first, also for what libraries define', {
  build: `
    lib liba.so 'void f(void) {} void a(void) { f(); }'
    app 'void a(void); void f(void) {} ${start} { a(); }' liba.so -Wl,-E`,
  expected: [],
  bindings: ['liba.so f => app'],
});

check('DT_SYMBOLIC: a library looks into itself first', {
  build: `
    printf '{ extern_f; };' > list
    lib liba.so 'void f(void) {} void (*pointer)(void) = f; void a(void) { f(); }' -Wl,-Bsymbolic
    lib libb.so 'int none(void); void (*other)(void) = (void (*)(void))none; int b(void) { return 0; }' -Wl,-Bsymbolic
    app 'void a(void); int b(void); void f(void) {} int none(void) { return 1; } ${start} { a(); b(); }' liba.so libb.so -Wl,-E`,
  expected: [],
  bindings: ['libb.so none => app'],
});

check('a protected symbol stays with its object', {
  build: `
    lib liba.so '__attribute__((visibility("protected"))) int f(void) { return 1; } int (*pointer)(void) = f; int a(void) { return pointer(); }'
    app 'int a(void); int f(void) { return 2; } ${start} { a(); }' liba.so -Wl,-E`,
  expected: [],
});

check('a hidden symbol is nobody else’s', {
  build: `
    lib liba.so '__attribute__((visibility("hidden"))) int f(void) { return 1; } int a(void) { return f(); }'
    lib libb.so 'int f(void); int b(void) { return f(); }'
    app 'int a(void); int b(void); ${start} { a(); b(); }' liba.so libb.so`,
  expected: ['undefined symbol: f (libb.so, function, lazy)'],
});

const versions = `
  printf 'V1 { global: f; local: g; };' > one.map; printf 'V1 { f; }; V2 { f; } V1;' > two.map
  cat > two.c <<'END'
void f1(void) {} void f2(void) {}
__asm__(".symver f1,f@V1"); __asm__(".symver f2,f@@V2");
END`;

check('versions: the one that is asked for, not the default', {
  build: `${versions}
    lib libp.so 'void f(void) {}' -Wl,--version-script,one.map
    app 'void f(void); ${start} { f(); }' libp.so
    gcc -nostdlib -fPIC -shared -Wl,-soname,libp.so -Wl,--version-script,two.map -o libp.so two.c`,
  expected: [],
  bindings: ['app f [V1] => libp.so'],
});

check('a version that is no longer there is found nowhere', {
  build: `${versions}
    gcc -nostdlib -fPIC -shared -Wl,-soname,libp.so -Wl,--version-script,two.map -o libp.so two.c
    app 'void f(void); ${start} { f(); }' libp.so
    lib libp.so 'void f(void) {}' -Wl,--version-script,one.map`,
  expected: ['undefined symbol: f, version V2 (app, function, lazy)', 'unused libp.so'],
});

check('a reference without a version takes the first version, or the only default', {
  build: `${versions}
    lib libp.so 'void f(void) {}'
    app 'void f(void); ${start} { f(); }' libp.so
    gcc -nostdlib -fPIC -shared -Wl,-soname,libp.so -Wl,--version-script,two.map -o libp.so two.c`,
  expected: [],
  bindings: ['app f => libp.so'],
});

check('a symbol that moved to another library is found there', {
  build: `${versions}
    lib libp.so 'void f(void) {}' -Wl,--version-script,one.map
    app 'void f(void); ${start} { f(); }' libp.so
    lib libq.so 'void f(void) {}' -Wl,--version-script,one.map
    printf 'V1 { g; };' > other.map
    lib libp.so 'void g(void) {}' -Wl,--version-script,other.map libq.so`,
  expected: ['unused libp.so'],
  bindings: ['app f [V1] => libq.so'],
});

check('an undefined symbol with an address is none for a call, but for a pointer', {
  build: `
    lib liba.so 'void f(void); void (*pointer)(void) = f; void a(void) { f(); }'
    lib libb.so 'void f(void) {}'
    app 'void a(void); void f(void); void (*volatile own)(void); ${start} { own = f; a(); }' liba.so libb.so`,
  expected: [],
  bindings: ['liba.so f => app', 'liba.so f => libb.so'],
});

check('a copy relocation is for the program, which all then refer to; a copy that is too small', {
  build: `
    lib libv.so 'int value[4] = {1}; int get(void) { return value[0]; }'
    app 'extern int value[4]; int get(void); ${start} { value[1] = get(); }' libv.so
    lib libv.so 'int value[6] = {1}; int get(void) { return value[0]; }'`,
  expected: ['copy value 16 24'],
  bindings: ['app value => libv.so', 'libv.so value => app'],
});

check('variables of threads', {
  build: `
    lib libt.so '__thread int t; int *at(void) { return &t; }' -ftls-model=initial-exec
    lib libn.so 'extern __thread int none; int *at2(void) { return &none; }' -ftls-model=initial-exec
    app 'int *at(void); int *at2(void); ${start} { at(); at2(); }' libt.so libn.so`,
  expected: ['undefined symbol: none (libn.so, thread-local, start)'],
});

check('.hash instead of .gnu.hash', {
  build: `
    lib liba.so 'void f(void) {}' -Wl,--hash-style=sysv
    lib libb.so 'void g(void); void b(void) { g(); }' -Wl,--hash-style=sysv
    app 'void f(void); void b(void); ${start} { f(); b(); }' liba.so libb.so`,
  expected: ['undefined symbol: g (libb.so, function, lazy)'],
  bindings: ['app f => liba.so'],
});

check('an unused direct need; one that is used only by another library is unused too', {
  build: `
    lib libc1.so 'void c(void) {}'
    lib liba.so 'void c(void); void a(void) { c(); }' libc1.so
    lib libb.so 'void b(void) {}'
    app 'void a(void); ${start} { a(); }' liba.so libb.so libc1.so`,
  expected: ['unused libb.so', 'unused libc1.so'],
});

check('a library that only a weak reference is bound to is used', {
  build: `
    lib liba.so 'void a(void) {}'
    app 'void a(void) __attribute__((weak)); ${start} { if (a) a(); }' liba.so`,
  expected: [],
});

check('unique symbols: the first one that is found is the only one', {
  build: `
    unique='template <class T> struct S { static int value; }; template <class T> int S<T>::value = 1;'
    printf '%s\\n' "$unique int *a() { return &S<int>::value; }" > a.cpp
    printf '%s\\n' "$unique int *b() { return &S<int>::value; }" > b.cpp
    g++ -nostdlib -fPIC -shared -Wl,-soname,liba.so -o liba.so a.cpp; g++ -nostdlib -fPIC -shared -Wl,-soname,libb.so -o libb.so b.cpp
    app 'int *_Z1av(void); int *_Z1bv(void); ${start} { _Z1av(); _Z1bv(); }' liba.so libb.so`,
  expected: [],
  bindings: ['libb.so _ZN1SIiE5valueE => liba.so'],
});

check('a library without versions interposes one with versions', {
  build: `${versions}
    gcc -nostdlib -fPIC -shared -Wl,-soname,libp.so -Wl,--version-script,two.map -o libp.so two.c
    lib libi.so 'void f(void) {}'
    app 'void f(void); ${start} { f(); }' libp.so
    app 'void f(void); ${start} { f(); }' libi.so libp.so`,
  expected: ['unused libp.so'],
  bindings: ['app f => libi.so'],
});

test('musl: no versions, and words of its own', async () => {
  const folder = await built(`
    lib liba.so 'void none(void); extern int nothing; void weak(void) __attribute__((weak)); int a(void) { none(); if (weak) weak(); return nothing; }'
    app 'void a(void); ${start} { a(); }' liba.so -Wl,-dynamic-linker,${muslLoader}`);
  const { undefined: missing } = await checkSymbols(join(folder, 'app'), { environment });
  const said: string[] = [];
  await runShell(`${muslLoader} --list "$PWD/app" > said 2>&1 || true`, folder);
  for (const line of readFileSync(join(folder, 'said'), 'utf8').split('\n')) {
    const [, object, message] = /^Error relocating (.*?): (.*)$/u.exec(line) ?? [];
    if (object !== undefined) said.push(`${message} (${object})`);
  }
  expect(missing.map(({ message, object }) => `${message} (${object})`).sort()).toEqual(said.sort());
  expect(missing.map(({ name }) => name).sort()).toEqual(['none', 'nothing']);
});

test('up to glibc 2.29 a symbol that moved is not found', async () => {
  const folder = await built(`${versions}
    lib libp.so 'void f(void) {}' -Wl,--version-script,one.map
    app 'void f(void); ${start} { f(); }' libp.so
    lib libq.so 'void f(void) {}' -Wl,--version-script,one.map
    printf 'V1 { g; };' > other.map
    lib libp.so 'void g(void) {}' -Wl,--version-script,other.map libq.so`);
  const missing = async (glibcVersion: string) =>
    (await checkSymbols(join(folder, 'app'), { environment, glibcVersion })).undefined.map(({ message }) => message);
  expect(await missing('2.29')).toEqual(['undefined symbol: f, version V1']);
  expect(await missing('2.30')).toEqual([]);
});

test('findings tell what is undefined, unused and copied, one an object', async () => {
  const folder = await built(`
    lib libv.so 'int value[4] = {1};'
    lib libu.so 'void u(void) {}'
    lib liba.so 'void f1(void); void f2(void); void f3(void); void f4(void); void f5(void); void f6(void); void a(void) { f1(); f2(); f3(); f4(); f5(); f6(); }'
    app 'extern int value[4]; void a(void); ${start} { value[1] = 2; a(); }' liba.so libv.so libu.so
    lib libv.so 'int value[2] = {1};'`);
  const { problems, commands, undefinedTotal } = await checkSymbols(join(folder, 'app'), { environment, limit: 2 });
  expect(undefinedTotal).toBe(6);
  expect(problems.map(({ severity, code, edge }) => `${severity} ${code} ${edge ?? ''}`.trim())).toEqual([
    'error dependencies/undefined-symbol',
    'hint dependencies/unused-need libu.so',
    'warning dependencies/copy-size',
  ]);
  expect(problems[0]?.message).toMatch(/liba\.so refers to (?:f\d, ){4}f\d and 1 more, which nothing/u);
  expect(commands).toEqual([`ldd -r ${folder}/app`, `ldd -u ${folder}/app`]);
});

const outcomes = ({ candidates }: SymbolProvider, folder: string): readonly string[] =>
  candidates.map(({ object, version, outcome }) => `${object.replace(`${folder}/`, '')} ${version ?? ''} ${outcome}`);

test('who provides a symbol, and why the others do not', async () => {
  const folder = await built(`${versions}
    lib libp.so 'void f(void) {}' -Wl,--version-script,one.map
    app 'void f(void); ${start} { f(); }' libp.so
    gcc -nostdlib -fPIC -shared -Wl,-soname,libp.so -Wl,--version-script,two.map -o libp.so two.c -Wl,--no-as-needed
    printf 'V2 { f; };' > only.map; lib libq.so 'void f(void) {}' -Wl,--version-script,only.map
    lib libr.so 'void f(void) {} void r(void) { f(); }'
    lib libp2.so 'void f(void); void p2(void) { f(); }' libr.so libq.so
    app 'void f(void); void p2(void); ${start} { f(); p2(); }' libp.so libp2.so libq.so libr.so`);
  const file = join(folder, 'app');
  const asked = await findProvider(file, { symbol: 'f' }, { environment });
  expect(asked).toMatchObject({ name: 'f', version: 'V2', from: file, provider: `${folder}/libp.so` });
  expect(outcomes(asked, folder)).toEqual([
    'libp.so V1 version',
    'libp.so V2 chosen',
    'libq.so V2 later',
    'libr.so  later',
  ]);
  expect(asked.references.map(({ object, provider }) => `${object} ${provider}`.replaceAll(`${folder}/`, ''))).toEqual([
    'app libp.so',
    'libp2.so libp.so',
    'libr.so libp.so',
  ]);
  const older = await findProvider(file, { symbol: 'f@V1' }, { environment });
  expect(outcomes(older, folder)).toEqual([
    'libp.so V1 chosen',
    'libp.so V2 version',
    'libq.so V2 version',
    'libr.so  later',
  ]);
  const none = await findProvider(file, { symbol: 'nothing' }, { environment });
  expect(none).toMatchObject({ provider: null, candidates: [], references: [] });
  const stranger = findProvider(file, { symbol: 'f', from: '/nowhere' }, { environment });
  await expect(stranger).rejects.toMatchObject({ kind: 'invalidParams' });
});

test('interposed symbols: strong, weak, copied and those of the link editor, and whose references move', async () => {
  const folder = await built(`
    lib libb.so 'int f(void) { return 2; } int g(void) { return f(); } int value = 1; __attribute__((weak)) int w(void) { return 1; } int *at(void) { return &value; }'
    lib libs.so 'int f(void) { return 3; } int s(void) { return f(); }' -Wl,-Bsymbolic
    lib liba.so 'int f(void) { return 1; } int w(void) { return 0; }'
    app 'int f(void); int g(void); int s(void); int w(void); extern int value; ${start} { f(); g(); s(); w(); value = 2; }' liba.so libb.so libs.so`);
  const { symbols, total } = await findInterposed(join(folder, 'app'), { environment });
  const short = (id: string): string => id.replace(`${folder}/`, '');
  expect(
    symbols
      .filter(({ reason }) => reason !== 'linker')
      .map(({ name, reason, winner, shadowed, rebound }) =>
        [
          reason,
          name,
          short(winner.object),
          ...shadowed.map(({ object }) => short(object)),
          '|',
          ...rebound.map(short),
        ].join(' '),
      )
      .sort(),
  ).toEqual([
    'copy value app libb.so | libb.so',
    'strong f liba.so libb.so libs.so | libb.so',
    'weak w liba.so libb.so |',
  ]);
  expect(total).toMatchObject({ strong: 1, weak: 1, copy: 1 });
});

test('damaged tables of symbols are survived, and end', { timeout: 60_000 }, async () => {
  const folder = await built(`
    lib liba.so 'int f(void) { return 1; } int g(void) { return f(); }' -Wl,-z,noseparate-code
    app 'int f(void); int g(void); ${start} { f(); g(); }' liba.so`);
  const bytes = readFileSync(join(folder, 'liba.so'));
  for (let at = 64; at < Math.min(bytes.length, 0x600); at += 3) {
    for (const value of [0x00, 0xff]) {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      writeFileSync(join(folder, 'liba.so'), changed);
      await checkSymbols(join(folder, 'app'), { environment });
      await findInterposed(join(folder, 'app'), { environment });
    }
  }
});

test('an answer can be cancelled while it is worked out', async () => {
  const controller = new AbortController();
  const answer = checkSymbols('/usr/bin/gdb', { environment }, controller.signal);
  setImmediate(() => controller.abort());
  await expect(answer).rejects.toThrow(/abort/iu);
});
