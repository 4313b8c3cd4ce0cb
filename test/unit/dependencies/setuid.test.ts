import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Edge } from '../../../language-server/dependencies/loader/link-map.ts';
import { resolveFile } from '../../../language-server/dependencies/resolve-file.ts';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import { buildAll, type Recipe, runShell } from '../../support/loader-build.ts';
import { glibcLoader, type LoaderAnswer, muslLoader, parseAnswer } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/**
 * Programs with more rights than their caller, in a root file system of their own where /etc/suid-debug lets the loader say
 * what it tries: its words are the oracle.
 */
const base = temporaryFolder();
let roots = 0;

/** Gives up one user for another, so that the two differ (AT_SECURE), and starts a program with the variables. */
const starter = `
  #define _GNU_SOURCE
  #include <unistd.h>
  int main(int argc, char **argv) {
    char *none[] = {0};
    (void)argc; (void)none;
    if (setresuid(65534, 0, 0) != 0) return 125;
    char *program[] = {argv[1], 0};
    execve(argv[1], program, argv + 2);
    return 126;
  }`;

beforeAll(async () => {
  writeFileSync(join(base, 'start.c'), starter);
  await runShell('gcc -static -O1 -w -o start start.c', base);
});

interface Case {
  /** Relative to the root. */
  readonly build: readonly Recipe[];
  readonly libraryPath?: string;
  readonly preload?: string;
  /** Contents of /etc/ld.so.preload. */
  readonly preloadFile?: string;
  readonly setuidFiles?: readonly string[];
  readonly file?: string;
  readonly loader?: string;
  readonly expected: readonly string[];
}

function check(rule: string, { build, setuidFiles = [], preloadFile, expected, ...asked }: Case): void {
  test(rule, async () => {
    roots += 1;
    const root = join(base, `root${roots}`);
    const { file = '/usr/bin/app', loader = glibcLoader, libraryPath, preload } = asked;
    const variables = { ...(libraryPath !== undefined && { libraryPath }), ...(preload !== undefined && { preload }) };
    for (const folder of [dirname(loader), '/etc', '/opt', '/proc/self'])
      mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(realpathSync(loader), join(root, loader));
    copyFileSync(join(base, 'start'), join(root, 'start'));
    writeFileSync(join(root, 'etc/suid-debug'), '');
    // All that the loader asks /proc.
    symlinkSync(file, join(root, 'proc/self/exe'));
    if (preloadFile !== undefined) writeFileSync(join(root, 'etc/ld.so.preload'), preloadFile);
    await buildAll(root, build);
    for (const path of setuidFiles) chmodSync(join(root, path), 0o4755);
    const resolved = await resolveFile(
      join(root, file),
      { cwd: '/', sysroot: root, secure: true, ...variables },
      undefined,
    );
    const edges = resolved.loadOrder.flatMap(map => map.edges);
    // Of what is in a sysroot we show the path with `..` worked out.
    const inside = (path: string): string => normalize(path.startsWith(`${root}/`) ? path.slice(root.length) : path);
    const theirs = await startInside(root, file, variables);
    // musl does not tell where it looks.
    if (loader === glibcLoader)
      expect(edges.flatMap(edge => searchText(edge, inside))).toEqual(
        theirs.searches
          .filter(({ tried }) => tried.length > 0)
          .map(({ name, tried }) => `${name}: ${tried.map(inside).join(' ')}`),
      );
    expect(
      edges.map(({ name, found, error }) => `${name} ${found === null ? `! ${error}` : inside(found.shownPath)}`),
    ).toEqual(expected);
    if (loader === muslLoader) {
      const missing = edges.filter(({ found, kind }) => found === null && kind === 'needed').map(({ name }) => name);
      expect(theirs.objects.map(({ name }) => name)).toEqual(missing);
      return;
    }
    const fatal = edges.find(({ found, kind }) => found === null && kind === 'needed');
    expect(theirs.error?.split(': ').at(1) ?? null).toBe(fatal?.error?.split(': ').at(0) ?? null);
  });
}

function searchText({ name, path, tried }: Edge, inside: (path: string) => string): readonly string[] {
  if (name.includes('/') || (path === null && tried.length === 0)) return [];
  return [
    `${name}: ${[...tried.map(candidate => candidate.path), ...(path === null ? [] : [path])].map(inside).join(' ')}`,
  ];
}

function startInside(
  root: string,
  file: string,
  { libraryPath, preload }: { readonly libraryPath?: string; readonly preload?: string },
): Promise<LoaderAnswer> {
  const variables = [
    'LD_DEBUG=libs',
    ...(libraryPath === undefined ? [] : [`LD_LIBRARY_PATH=${libraryPath}`]),
    ...(preload === undefined ? [] : [`LD_PRELOAD=${preload}`]),
  ];
  return new Promise(resolve => {
    // The program itself ends at once: its first instruction is one that nobody may execute.
    execFile(
      '/usr/sbin/chroot',
      [root, '/start', file, ...variables],
      { encoding: 'buffer' },
      (_error, stdout, stderr) => {
        resolve(parseAnswer(`${decodeBytes(stdout)}${decodeBytes(stderr)}\nstatus=0\n`));
      },
    );
  });
}

const app = (needs: readonly string[], more: Partial<Recipe> = {}): Recipe => {
  return { file: 'usr/bin/app', program: true, needs, ...more };
};
const notFound = '! cannot open shared object file: No such file or directory';

check('LD_LIBRARY_PATH is dropped', {
  build: [app(['liba.so']), { file: 'opt/liba.so' }],
  libraryPath: '/opt',
  expected: [`liba.so ${notFound}`],
});

check('RPATH and RUNPATH with absolute folders stay', {
  build: [app(['liba.so'], { runpath: '/opt' }), { file: 'opt/liba.so' }],
  expected: ['liba.so /opt/liba.so'],
});

check('a preload with a slash is dropped', {
  build: [app([]), { file: 'opt/libp.so' }, { file: 'usr/lib/x86_64-linux-gnu/libq.so' }],
  setuidFiles: ['opt/libp.so'],
  preload: '/opt/libp.so',
  expected: [],
});

check('a preload without one is taken from where the program looks, if the file is setuid', {
  build: [
    app([], { runpath: '/opt' }),
    { file: 'opt/libp.so' },
    { file: 'usr/lib/x86_64-linux-gnu/libp.so' },
    { file: 'usr/lib/x86_64-linux-gnu/libq.so' },
  ],
  setuidFiles: ['usr/lib/x86_64-linux-gnu/libp.so'],
  preload: 'libp.so:libq.so',
  expected: ['libp.so /usr/lib/x86_64-linux-gnu/libp.so', `libq.so ${notFound}`],
});

check('a path of /etc/ld.so.preload is taken as it is, a name only if the file is setuid', {
  build: [app([]), { file: 'opt/libp.so' }, { file: 'usr/lib/x86_64-linux-gnu/libq.so' }],
  preloadFile: '/opt/libp.so libq.so\n',
  expected: ['/opt/libp.so /opt/libp.so', `libq.so ${notFound}`],
});

check('$ORIGIN of the program leads only to system folders', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '$ORIGIN/../lib/x86_64-linux-gnu/own:$ORIGIN/../../opt' }),
    { file: 'usr/lib/x86_64-linux-gnu/own/liba.so' },
    { file: 'opt/libb.so' },
  ],
  expected: ['liba.so /usr/lib/x86_64-linux-gnu/own/liba.so', `libb.so ${notFound}`],
});

check('$ORIGIN stands first, or is none', {
  build: [
    app(['liba.so'], { runpath: '/usr/lib/x86_64-linux-gnu/$ORIGIN:/usr/lib/../lib/x86_64-linux-gnu/own' }),
    { file: 'usr/lib/x86_64-linux-gnu/own/liba.so' },
  ],
  expected: ['liba.so /usr/lib/x86_64-linux-gnu/own/liba.so'],
});

check('$ORIGIN of a library leads anywhere', {
  build: [
    app(['liba.so'], { runpath: '/opt' }),
    { file: 'opt/liba.so', needs: ['libb.so'], runpath: '$ORIGIN/own' },
    { file: 'opt/own/libb.so' },
  ],
  expected: ['liba.so /opt/liba.so', 'libb.so /opt/own/libb.so'],
});

check('$ORIGIN in a needed name is refused', {
  build: [app(['$ORIGIN/liba.so']), { file: 'usr/bin/liba.so' }],
  expected: ['$ORIGIN/liba.so ! DST not allowed in SUID/SGID programs'],
});

const muslApp = (needs: readonly string[], more: Partial<Recipe> = {}): Recipe => {
  return app(needs, { flags: ['-dynamic-linker', muslLoader], ...more });
};

check('musl drops LD_LIBRARY_PATH and LD_PRELOAD', {
  build: [muslApp(['liba.so', 'libb.so'], { rpath: '/opt/b' }), { file: 'opt/liba.so' }, { file: 'opt/b/libb.so' }],
  loader: muslLoader,
  libraryPath: '/opt',
  preload: '/opt/liba.so',
  expected: ['liba.so ! No such file or directory', 'libb.so /opt/b/libb.so'],
});

check('musl: a path with $ORIGIN of the program is none, that of a library holds', {
  build: [
    muslApp(['liba.so', '/opt/libb.so'], { rpath: '$ORIGIN:/opt' }),
    { file: 'usr/bin/liba.so' },
    { file: 'opt/liba.so' },
    { file: 'lib/liba.so' },
    { file: 'opt/libb.so', needs: ['libc1.so'], rpath: '$ORIGIN/own' },
    { file: 'opt/own/libc1.so' },
  ],
  loader: muslLoader,
  expected: ['liba.so /lib/liba.so', '/opt/libb.so /opt/libb.so', 'libc1.so /opt/own/libc1.so'],
});
