import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayBeLoaderError } from '../../../language-server/protocol/explain.ts';
import { buildIn, explainIn, explanationOf, runIn } from '../../support/explain-errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const nowhere = join(folder, 'nowhere');
mkdirSync(nowhere);

describe('a text', () => {
  /** What somebody pastes, and what is to be found in it, in order: kind, object, and symbol or version. */
  const texts: readonly (readonly [title: string, text: string, found: readonly string[]])[] = [
    ['nothing that is known', 'make: *** [Makefile:3: all] Error 1\nfatal: not a git repository\n', []],
    [
      'the message of ld.so',
      './app: error while loading shared libraries: libfoo.so.1: cannot open shared object file: No such file or directory',
      ['missing-library libfoo.so.1'],
    ],
    [
      'colours and a link',
      '\u001b[1m\u001b[31m./app\u001b[0m: error while loading shared libraries: \u001b]8;;file:///x\u0007libfoo.so.1\u001b]8;;\u0007: cannot open shared object file: No such file or directory\r\n',
      ['missing-library libfoo.so.1'],
    ],
    [
      'a line that a terminal broke',
      './app: error while loading shared libraries: libfoo.so.1: cannot open shared\nobject file: No such file or directory\n',
      ['missing-library libfoo.so.1'],
    ],
    [
      'a time and a container before it',
      '2026-01-02T03:04:05Z web-1  | /usr/bin/app: error while loading shared libraries: libpq.so.5: cannot open shared object file: No such file or directory',
      ['missing-library libpq.so.5'],
    ],
    [
      'a program with blanks in its path',
      '/opt/My App/bin/app: error while loading shared libraries: libfoo.so.1: cannot open shared object file: No such file or directory',
      ['missing-library libfoo.so.1'],
    ],
    [
      'other quotes',
      '/lib64/libstdc++.so.6: version ‘GLIBCXX_3.4.32’ not found (required by ./app)',
      ['missing-version /lib64/libstdc++.so.6 GLIBCXX_3.4.32'],
    ],
    [
      'German of an old glibc',
      './app: /lib64/libc.so.6: Version »GLIBC_2.34« nicht gefunden (benötigt von ./app)',
      ['missing-version /lib64/libc.so.6 GLIBC_2.34'],
    ],
    [
      'Python',
      'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nImportError: libGL.so.1: cannot open shared object file: No such file or directory\n',
      ['missing-library libGL.so.1'],
    ],
    [
      'Python, of a version',
      "ImportError: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.32' not found (required by /venv/lib/x.so)",
      ['missing-version /lib/x86_64-linux-gnu/libc.so.6 GLIBC_2.32'],
    ],
    [
      'Java',
      'Exception in thread "main" java.lang.UnsatisfiedLinkError: /tmp/libjni.so: libfoo.so.2: cannot open shared object file: No such file or directory',
      ['missing-library libfoo.so.2'],
    ],
    [
      'Node',
      'Error: /app/node_modules/x/build/Release/x.node: undefined symbol: _ZN2v87Isolate10GetCurrentEv',
      ['undefined-symbol /app/node_modules/x/build/Release/x.node _ZN2v87Isolate10GetCurrentEv'],
    ],
    [
      'R',
      "Error: package or namespace load failed for 'x' in dyn.load(file):\n unable to load shared object '/r/x.so':\n  libfoo.so.1: cannot open shared object file: No such file or directory",
      ['missing-library libfoo.so.1'],
    ],
    [
      'ldd -r',
      'undefined symbol: foo\t(./libx.so)\nundefined symbol: bar, version B_1\t(./libx.so)\n',
      ['undefined-symbol ./libx.so foo', 'undefined-symbol ./libx.so bar'],
    ],
    [
      'a demangled symbol',
      './app: symbol lookup error: ./libx.so: undefined symbol: ns::f(std::string const&, int)',
      ['undefined-symbol ./libx.so ns::f(std::string const&, int)'],
    ],
    [
      'an old glibc',
      './app: relocation error: ./libx.so: symbol foo, version V_2 not defined in file liby.so.1 with link time reference',
      ['undefined-symbol ./libx.so foo'],
    ],
    [
      'musl',
      'Error loading shared library libstdc++.so.6: No such file or directory (needed by /app/x)\nError relocating /app/x: _Znwm: symbol not found\n',
      ['missing-library libstdc++.so.6', 'undefined-symbol /app/x _Znwm'],
    ],
    [
      'musl, thread-local',
      'Error relocating /lib/a.so: tlsvar: initial-exec TLS resolves to dynamic definition in /lib/b.so',
      ['musl-relocation /lib/a.so tlsvar'],
    ],
    [
      'one error twice, and another one',
      './a: error while loading shared libraries: libx.so: wrong ELF class: ELFCLASS32\n./a: error while loading shared libraries: libx.so: wrong ELF class: ELFCLASS32\nOSError: /t/y.so: file too short\n',
      ['wrong-class libx.so', 'unloadable-file /t/y.so'],
    ],
    [
      'clang and lld',
      'ld.lld: error: undefined symbol: foo\n>>> referenced by main.c\n>>>               main.o:(main)\nld.lld: error: unable to find library -lbar\n',
      ['link-undefined-reference foo', 'link-missing-library -lbar'],
    ],
    [
      'GNU ld with a function',
      "/usr/bin/ld: main.o: in function `main':\nmain.cc:(.text+0x9): undefined reference to `ns::f(int)'\n",
      ['link-undefined-reference ns::f(int)'],
    ],
    ['mold', 'mold: fatal: library not found: zstd\n', ['link-missing-library -lzstd']],
    ['a page size', 'OSError: /x/y.so: ELF load command address/offset not page-aligned', ['unloadable-file /x/y.so']],
    ['a processor', '/opt/app: CPU ISA level is lower than required', ['newer-processor /opt/app']],
    [
      'memory',
      'ImportError: /x/y.so: failed to map segment from shared object: Operation not permitted',
      ['mapping-failed /x/y.so'],
    ],
    ['docker', 'exec /entrypoint.sh: exec format error\n', ['wrong-machine /entrypoint.sh']],
    [
      'the same word twice on a line',
      './libx.so: ./libx.so: no version information available (required by ./libx.so)',
      ['no-version-information ./libx.so'],
    ],
    [
      'Ruby',
      'LoadError: libruby1.so.1: cannot open shared object file: No such file or directory - /gems/x/x.so',
      ['missing-library libruby1.so.1'],
    ],
    [
      'Perl',
      "Can't load '/usr/lib/perl5/mysql.so' for module DBD::mysql: libmysqlclient.so.18: cannot open shared object file: No such file or directory at /usr/lib/perl5/DynaLoader.pm line 190.",
      ['missing-library libmysqlclient.so.18'],
    ],
    [
      'PHP, two on a line',
      "PHP Warning:  PHP Startup: Unable to load dynamic library 'mysqli' (tried: /usr/lib/php/mysqli (/usr/lib/php/mysqli: cannot open shared object file: No such file or directory), /usr/lib/php/mysqli.so (/usr/lib/php/mysqli.so: undefined symbol: mysqlnd_global_stats)) in Unknown on line 0",
      ['missing-library /usr/lib/php/mysqli', 'undefined-symbol /usr/lib/php/mysqli.so mysqlnd_global_stats'],
    ],
    [
      'nginx',
      'nginx: [emerg] dlopen() "/etc/nginx/modules/x.so" failed (/etc/nginx/modules/x.so: undefined symbol: ngx_foo) in /etc/nginx/nginx.conf:1',
      ['undefined-symbol /etc/nginx/modules/x.so ngx_foo'],
    ],
    [
      'PostgreSQL',
      'ERROR:  could not load library "/usr/lib/postgresql/15/lib/x.so": libgeos_c.so.1: cannot open shared object file: No such file or directory',
      ['missing-library libgeos_c.so.1'],
    ],
    [
      'Qt',
      'Cannot load library /opt/qt/libqxcb.so: (libxcb-xinerama.so.0: cannot open shared object file: No such file or directory)',
      ['missing-library libxcb-xinerama.so.0'],
    ],
    [
      'Rust',
      'called `Result::unwrap()` on an `Err` value: DlOpen { desc: "libfoo.so: cannot open shared object file: No such file or directory" }',
      ['missing-library libfoo.so'],
    ],
    [
      'PyInstaller',
      "[1234] Error loading Python lib '/tmp/_MEIx/libpython3.7m.so.1.0': dlopen: /lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.29' not found (required by /tmp/_MEIx/libpython3.7m.so.1.0)",
      ['missing-version /lib/x86_64-linux-gnu/libm.so.6 GLIBC_2.29'],
    ],
    [
      'TensorFlow',
      "W tensorflow/x.cc:64] Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open shared object file: No such file or directory; LD_LIBRARY_PATH: /usr/lib",
      ['missing-library libcudart.so.11.0'],
    ],
    [
      'a needed library at link time',
      '/usr/bin/ld: warning: libbar.so.1, needed by ./libfoo.so, not found (try using -rpath or -rpath-link)',
      ['missing-library libbar.so.1'],
    ],
    ['a container', 'exec /usr/local/bin/entrypoint.sh: no such file or directory', ['missing-interpreter']],
    [
      "an assertion of the loader's",
      "./va: /x/libv.so.1: no version information available (required by ./va)\nInconsistency detected by ld.so: dl-lookup.c: 107: check_match: Assertion `version->filename == NULL || ! _dl_name_match_p (version->filename, map)' failed!\n",
      ['no-version-information /x/libv.so.1', 'no-version-information /x/libv.so.1'],
    ],
  ];

  test.each(texts)('with %s', async (_, text, found) => {
    const { explanations } = await explainIn(nowhere, text);
    const shown = explanations.map(({ kind, object, symbol }) =>
      [kind, object?.name, symbol?.name ?? undefined].filter(Boolean).join(' '),
    );
    const versions = explanations.map(({ provider, message }) => `${provider?.name ?? ''} ${message}`).join('\n');
    for (const [index, wanted] of found.entries()) {
      const [kind = '', object = '', ...rest] = wanted.split(' ');
      expect.soft(shown[index]).toContain(kind);
      expect.soft(`${shown[index]} ${versions}`).toContain(object);
      if (rest.length > 0) expect.soft(`${shown[index]} ${versions}`).toContain(rest.join(' '));
    }
    expect(shown).toHaveLength(found.length);
    // What is a link in the terminal is explained, and what is explained is one.
    if (found.length > 0) expect(text.split('\n').some(mayBeLoaderError) || text.includes('\nobject file')).toBe(true);
  });

  test('says where each error stands in it', async () => {
    const line =
      './app: error while loading shared libraries: libfoo.so.1: cannot open shared object file: No such file or directory';
    const text = `building…\n\u001b[31mmake\u001b[0m: ${line}\nand\n[3/4] ${line}\n`;
    const { explanations } = await explainIn(nowhere, text);
    expect(explanations).toHaveLength(1);
    expect(explanations[0]?.spans.map(({ line: number }) => number)).toEqual([2, 4]);
    for (const { start, end } of explanations[0]?.spans ?? []) expect(text.slice(start, end)).toBe(line);
  });

  test('of many megabytes is explained in time, and without end', async () => {
    const noise = `${'a: b: c '.repeat(400)}\n`.repeat(250);
    const text = `${noise}x: error while loading shared libraries: liby.so: file too short\n${noise}`;
    expect((await explainIn(nowhere, text)).explanations).toHaveLength(1);
    const long = `${'x'.repeat(1_000_000)}: cannot open shared object file: No such file or directory`;
    expect((await explainIn(nowhere, long)).explanations.length).toBeLessThan(2);
    expect((await explainIn(nowhere, 'undefined symbol: '.repeat(20_000))).explanations.length).toBeLessThan(2);
  });

  test('with names that would command a terminal is told with escapes', async () => {
    const { explanations } = await explainIn(
      nowhere,
      './a: error while loading shared libraries: lib\u202ex.so: cannot open shared object file: No such file or directory',
    );
    expect(explanations[0]?.title).toContain('\\u{202e}');
  });
});

test('whatever stands in a text, there is an answer', async () => {
  const words = [
    './app: ',
    'error while loading shared libraries: ',
    'libx.so.1',
    ': cannot open shared object file: ',
    'No such file or directory',
    '\n',
    '\u001b[31m',
    "'",
    '(',
    ')',
    'undefined symbol: ',
    '_ZN1a1bEv',
    ', version ',
    'V_1',
    'version `',
    "' not found (required by ",
    'ImportError: ',
    'Error relocating ',
    ': symbol not found',
    '/usr/bin/ld: ',
    'cannot find -l',
    'undefined reference to `',
    ': wrong ELF class: ELFCLASS32',
    'ERROR: ld.so: object ',
    ' from LD_PRELOAD cannot be preloaded: ignored.',
    ': file too short',
    '\udc80',
    '：',
    '»',
    'exec ',
    ': bad interpreter: ',
  ];
  const arbitrary = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map(parts => parts.join(''));
  await fc.assert(
    fc.asyncProperty(arbitrary, async text => {
      const { explanations } = await explainIn(nowhere, text);
      for (const { spans, title, message } of explanations) {
        for (const { start, end } of spans) expect(0 <= start && start <= end && end <= text.length).toBe(true);
        expect(title.length * message.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 40, seed: 1 },
  );
});

test('a glibc that is too old: the symbols that ask for more, and the systems that have it', async () => {
  const build = join(folder, 'glibc');
  mkdirSync(build);
  // A stand-in for a newer libc.so.6 to link with; what runs is the real one.
  await buildIn(
    build,
    `printf 'int puts(const char*s){return 0;} int newer(void){return 0;} int __libc_start_main(void){return 0;}' > c.c; printf 'GLIBC_2.2.5 { global: puts; };\\nGLIBC_2.34 { global: __libc_start_main; } GLIBC_2.2.5;\\nGLIBC_2.99 { global: newer; } GLIBC_2.34;\\n' > c.map
     cc -shared -fPIC -nostdlib -fno-builtin -Wl,-soname,libc.so.6 -Wl,--version-script=c.map -o libc.so.6 c.c; printf 'int newer(void);int main(void){return newer();}' > main.c; cc -o app main.c -nodefaultlibs ./libc.so.6`,
  );
  const { text } = await runIn(build, 'mkdir run; cp app run; cd run; ./app');
  expect(text).toMatch(/libc\.so\.6: version `GLIBC_2\.99' not found \(required by \.\/app\)/u);
  const explanation = await explanationOf(join(build, 'run'), text, 'missing-version');
  expect(explanation).toMatchObject({
    provider: { path: expect.stringMatching(/\/libc\.so\.6$/u), how: expect.stringContaining('ld.so.cache') },
    symbol: { name: 'newer', version: 'GLIBC_2.99' },
    state: { kind: 'persists' },
    remedies: expect.arrayContaining([
      expect.objectContaining({ id: 'older-container' }),
      expect.objectContaining({ id: 'older-sysroot' }),
    ]),
  });
  expect(explanation.provider?.offers[0]).toMatch(/^GLIBC_2\.\d+$/u);
  // A newer C library beside the old loader would crash.
  expect(explanation.remedies.map(({ id }) => id)).not.toContain('library-path');
});
