import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const { compile, run, path } = toolchainIn(folder);
const source = 'int answer(void) { return 42; }\n';
const library = ['-shared', '-fPIC'];

async function findingsOf(file: string) {
  const { findings } = await inspectFile(file);
  return findings.map(({ code, severity }) => `${severity} ${code}`);
}

let built = 0;

/** A library with this RUNPATH (or RPATH). */
function withRunPath(text: string, ...options: readonly string[]): string {
  built += 1;
  const tags = options.length === 0 ? ['-Wl,--enable-new-dtags'] : options;
  return compile(`case${built}.so`, source, ...library, ...tags, `-Wl,-rpath,${text}`);
}

/** Changes the bytes of a file. */
function edit(file: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
}

describe('RPATH and RUNPATH', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['/usr/lib', []],
    ['/usr/lib/x86_64-linux-gnu/systemd:/opt/app/lib', []],
    ['$ORIGIN', []],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the loader's own notation
    ['${ORIGIN}/lib:$ORIGIN/lib64', []],
    ['/usr/lib:', ['warning elf/run-path-empty']],
    [':/usr/lib', ['warning elf/run-path-empty']],
    ['/a::/b', ['warning elf/run-path-empty']],
    ['lib', ['warning elf/run-path-relative']],
    ['./lib', ['warning elf/run-path-relative']],
    ['RIGIN/../lib', ['warning elf/run-path-relative']],
    ['$LIB/x', ['warning elf/run-path-relative']],
    ['$ORIGINAL/lib', ['warning elf/run-path-relative']],
    ['/tmp', ['warning elf/run-path-writable']],
    ['/tmp/somewhere/lib', ['warning elf/run-path-writable']],
    ['/var/tmp/x', ['warning elf/run-path-writable']],
    ['/home/somebody/app/lib', ['warning elf/run-path-private']],
    ['/root/app', ['warning elf/run-path-private']],
    ['/rooted/app', []],
    ['/builds/group/project/out', ['warning elf/run-path-private']],
    ['/opt/app/src/.libs', ['warning elf/run-path-private']],
    ['/opt/builder/lib', []],
  ];
  test.for(cases)('%s', async ([text, expected]) => {
    expect(await findingsOf(withRunPath(text))).toEqual(expected);
    expect(await findingsOf(withRunPath(text, '-Wl,--disable-new-dtags'))).toEqual(expected);
  });

  test('all of it empty is nothing to search', async () => {
    const file = withRunPath('/nowhere');
    edit(file, bytes => bytes.fill(0, bytes.indexOf('\0/nowhere\0'), bytes.indexOf('\0/nowhere\0') + 9));
    expect(await findingsOf(file)).toEqual(['information elf/run-path-empty']);
  });

  test('a folder that everybody may write to, or make, by its mode', async () => {
    mkdirSync(path('open'));
    chmodSync(path('open'), 0o777);
    mkdirSync(path('shared'));
    chmodSync(path('shared'), 0o1777);
    mkdirSync(path('closed'));
    chmodSync(path('closed'), 0o755);
    expect(await findingsOf(withRunPath('$ORIGIN/open'))).toEqual(['warning elf/run-path-writable']);
    expect(await findingsOf(withRunPath('$ORIGIN/open/absent'))).toEqual(['information elf/run-path-writable']);
    expect(await findingsOf(withRunPath('$ORIGIN/shared'))).toEqual(['information elf/run-path-writable']);
    expect(await findingsOf(withRunPath('$ORIGIN/closed'))).toEqual([]);
    expect(await findingsOf(withRunPath('$ORIGIN/closed/absent'))).toEqual([]);
  });

  test('a temporary folder that the file itself was built in', async () => {
    expect(await findingsOf(withRunPath(`${folder}/lib`))).toEqual(['information elf/run-path-writable']);
  });

  test('both tags: the loader ignores RPATH', async () => {
    const file = withRunPath('/opt/one', '-Wl,--disable-new-dtags');
    edit(file, addRunPath);
    expect(await findingsOf(file)).toEqual(['information elf/rpath-and-runpath']);
  });

  test('findings say how to see the same', async () => {
    const [finding] = (await inspectFile(withRunPath('lib'))).findings;
    expect(finding?.evidence?.command).toMatch(/^readelf -dW /u);
    expect(finding?.actual).toBe('lib');
    expect(finding?.offset).toBeGreaterThan(0);
  });
});

/** The linker writes one of the tags only: turns the first DT_NULL into DT_RUNPATH with the value of DT_RPATH. */
function addRunPath(bytes: Buffer): void {
  const is64 = bytes[4] === 2;
  const word = (at: number): number => (is64 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at));
  const size = is64 ? 8 : 4;
  for (let at = findDynamic(bytes, is64, word), value = 0; ; at += 2 * size) {
    if (word(at) === 15) value = word(at + size);
    if (word(at) !== 0) continue;
    bytes.writeUInt32LE(29, at);
    bytes.writeUInt32LE(value, at + size);
    return;
  }
}

function findDynamic(bytes: Buffer, is64: boolean, word: (at: number) => number): number {
  const table = word(is64 ? 32 : 28);
  for (let index = 0; ; index += 1) {
    const at = table + index * (is64 ? 56 : 32);
    if (bytes.readUInt32LE(at) === 2) return word(at + (is64 ? 8 : 4));
  }
}

describe('SONAME', () => {
  const named = (name: string, soname?: string): string =>
    compile(name, source, ...library, ...(soname === undefined ? [] : [`-Wl,-soname,${soname}`]));

  const cases: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ['libplain.so', undefined, ['information elf/soname-missing']],
    ['libversioned.so.3', undefined, ['warning elf/soname-missing']],
    ['libfine.so.1', 'libfine.so.1', []],
    ['libfine.so.1.2.3', 'libfine.so.1', []],
    ['plugin.so', undefined, []],
    ['module.cpython-311-x86_64-linux-gnu.so', undefined, []],
    ['libbuilt.so', 'libbuilt.so.7', []],
    ['libother.so', 'libanother.so', ['information elf/soname-file-name']],
    ['libbad.so.2', 'libbad.so.1', ['warning elf/soname-file-name']],
  ];
  test.for(cases)('%s with %s', async ([name, soname, expected]) => {
    expect(await findingsOf(named(name, soname))).toEqual(expected);
  });

  test('a link with the name of the SONAME leads to the file', async () => {
    const file = named('liblinked.so', 'libtarget.so.5');
    symlinkSync('liblinked.so', path('libtarget.so.5'));
    expect(await findingsOf(file)).toEqual([]);
  });

  test('another file with that name does not count', async () => {
    const file = named('libcopied.so', 'libthecopy.so.5');
    copyFileSync(file, path('libthecopy.so.5'));
    expect(await findingsOf(file)).toEqual(['information elf/soname-file-name']);
  });

  test.each(['PyInit_fast', 'JNI_OnLoad', 'Java_org_example_f', 'luaopen_x'])(
    'a library that is only loaded by name (%s) needs none',
    async symbol => {
      const file = compile(`lib${symbol}.so`, `void *${symbol}(void) { return 0; }\n`, ...library);
      expect(await findingsOf(file)).toEqual([]);
    },
  );

  test('a program needs none', async () => {
    expect(await findingsOf(compile('libtool.so', 'int main(void) { return 0; }\n'))).toEqual([]);
  });
});

describe('NEEDED', () => {
  test('by an absolute path, by a relative one, by $ORIGIN', async () => {
    compile('libneeded.so', source, ...library);
    const use = 'int answer(void); int main(void) { return answer(); }\n';
    expect(await findingsOf(compile('absolute', use, path('libneeded.so')))).toEqual(['warning elf/needed-absolute']);
    expect(await findingsOf(compile('relative', use, './libneeded.so'))).toEqual(['warning elf/needed-slash']);
    const library7 = compile('libseven.so', source, ...library, '-Wl,-soname,$ORIGIN/libseven.so');
    expect(await findingsOf(compile('origin', use, library7))).toEqual([]);
  });
});

describe('memory', () => {
  test('an executable stack, a segment that is writable and executable, text relocations', async () => {
    expect(await findingsOf(compile('stack', 'int main(void) { return 0; }\n', '-Wl,-z,execstack'))).toEqual([
      'warning elf/executable-stack',
    ]);
    const omagic = compile('omagic', '.globl _start\n_start: ret\n.data\n.long 1\n', '-nostdlib', '-static', '-Wl,-N');
    expect(await findingsOf(omagic)).toContain('warning elf/writable-executable-segment');
    const text = '.text\n.globl f\nf: ret\n.quad f\n.section .note.GNU-stack,"",@progbits\n';
    expect(await findingsOf(compile('text.so', text, '-shared', '-Wl,-z,notext'))).toEqual([
      'warning elf/text-relocations',
    ]);
  });

  test('data alone, without code, has no stack', async () => {
    const data = compile('data', '.section .rodata\n.globl _start\n_start: .long 1\n', '-nostdlib', '-static', '-r');
    run('ld', '-o', 'data.out', '-z', 'norelro', data);
    expect((await findingsOf(path('data.out'))).filter(text => text.includes('stack'))).toEqual([]);
  });
});
