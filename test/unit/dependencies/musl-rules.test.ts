import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build32, buildAll, type Recipe } from '../../support/loader-build.ts';
import { edgeLines } from '../../support/loader-check.ts';
import { checkAgainstMusl } from '../../support/loader-check-musl.ts';
import { muslLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base = temporaryFolder();
let cases = 0;

interface Case {
  /** `@` stands for the folder of the case. */
  readonly build: readonly Recipe[];
  readonly change?: (folder: string) => void | Promise<void>;
  readonly libraryPath?: string;
  readonly preload?: string;
  readonly expected: readonly string[];
}

/** One rule of musl's loader: what is built, and what must come of each need, in load order. */
function check(rule: string, { build, change, libraryPath, preload, expected }: Case): void {
  test(rule, async () => {
    cases += 1;
    const folder = join(base, `${cases}`);
    mkdirSync(folder);
    const here = (text: string): string => text.replaceAll('@', folder);
    await buildAll(
      folder,
      build.map(recipe => JSON.parse(here(JSON.stringify(recipe))) as Recipe),
    );
    await change?.(folder);
    const file = join(folder, 'app');
    const resolved = await checkAgainstMusl({
      file,
      cwd: folder,
      ...(libraryPath !== undefined && { libraryPath: here(libraryPath) }),
      ...(preload !== undefined && { preload: here(preload) }),
    });
    expect(edgeLines(resolved, folder)).toEqual(expected);
  });
}

const lib = (file: string, more: Partial<Recipe> = {}): Recipe => ({ file, ...more });
const app = (needs: readonly string[], more: Partial<Recipe> = {}): Recipe => ({
  file: 'app',
  program: true,
  needs,
  flags: ['-dynamic-linker', muslLoader],
  ...more,
});
const notFound = '! No such file or directory';

check('RPATH and RUNPATH are one, and inherited', {
  build: [
    app(['liba.so'], { runpath: '@/a' }),
    lib('a/liba.so', { needs: ['libb.so', 'libc1.so'], rpath: '@/b' }),
    lib('b/libb.so'),
    lib('a/libc1.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (runpath app)',
    'a/liba.so libb.so => b/libb.so (rpath a/liba.so)',
    'a/liba.so libc1.so => a/libc1.so (runpath app)',
  ],
});

check('of an object with both, RUNPATH holds', {
  build: [app(['liba.so'], { rpath: '@/r', runpath: '@/u' }), lib('r/liba.so'), lib('u/liba.so')],
  expected: ['app liba.so => u/liba.so (runpath app)'],
});

check('LD_LIBRARY_PATH comes before RPATH', {
  build: [app(['liba.so'], { rpath: '@/r' }), lib('r/liba.so'), lib('l/liba.so')],
  libraryPath: '@/none::@/l',
  expected: ['app liba.so => l/liba.so (library-path LD_LIBRARY_PATH)'],
});

check('an empty element is nothing', {
  build: [app(['liba.so'], { rpath: ':@/none:' }), lib('liba.so')],
  expected: [`app liba.so ${notFound}`],
});

check('$ORIGIN, also before letters; any other $ spoils the whole path', {
  build: [
    app(['liba.so'], { rpath: '$' + '{ORIGIN}/a:$ORIGIN/b' }),
    lib('a/liba.so', { needs: ['libb.so', 'libc1.so'], rpath: '$ORIGINx:$ORIGIN/../b' }),
    lib('ax/libb.so'),
    lib('b/libc1.so', { needs: ['libd.so'], rpath: '@/d:$LIB' }),
    lib('d/libd.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (rpath app)',
    'a/liba.so libb.so => ax/libb.so (rpath a/liba.so)',
    'a/liba.so libc1.so => a/../b/libc1.so (rpath a/liba.so)',
    `a/../b/libc1.so libd.so ${notFound}`,
  ],
});

check('names of libc are the loader itself', {
  build: [app(['libc.so', 'libm.so.6', 'libpthread.so.0', 'libcrypt.so'], { rpath: '@' }), lib('libm.so.6')],
  expected: [
    `app libc.so => ${muslLoader} (interpreter ${muslLoader})`,
    `app libm.so.6 => ${muslLoader} (interpreter ${muslLoader})`,
    `app libpthread.so.0 => ${muslLoader} (interpreter ${muslLoader})`,
    `app libcrypt.so ${notFound}`,
  ],
});

check('a SONAME is no name', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { soname: 'libother.so' }),
    lib('libb.so', { needs: ['libother.so', 'liba.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    `libb.so libother.so ${notFound}`,
    'libb.so liba.so => liba.so (already-loaded app)',
  ],
});

check('a file that was loaded by its path is found by name only once a search came upon it', {
  build: [
    app(['@/a/liba.so', 'liba.so', 'libb.so'], { rpath: '@/a' }),
    lib('a/liba.so'),
    lib('a/libb.so', { needs: ['liba.so'] }),
  ],
  expected: [
    'app a/liba.so => a/liba.so (path app)',
    'app liba.so => a/liba.so (rpath app)',
    'app libb.so => a/libb.so (rpath app)',
    'a/libb.so liba.so => a/liba.so (already-loaded app)',
  ],
});

check('one file under two names is one object', {
  build: [app(['liba.so', 'libb.so', 'libc1.so'], { rpath: '@' }), lib('liba.so')],
  change: folder => {
    symlinkSync('liba.so', join(folder, 'libb.so'));
    linkSync(join(folder, 'liba.so'), join(folder, 'libc1.so'));
  },
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => liba.so (rpath app)',
    'app libc1.so => liba.so (rpath app)',
  ],
});

check('a cycle and a diamond', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { needs: ['libd.so', 'libb.so'] }),
    lib('libb.so', { needs: ['libd.so', 'liba.so'] }),
    lib('libd.so', { needs: ['libd.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'liba.so libd.so => libd.so (rpath app)',
    'liba.so libb.so => libb.so (already-loaded app)',
    'libb.so libd.so => libd.so (already-loaded liba.so)',
    'libb.so liba.so => liba.so (already-loaded app)',
    'libd.so libd.so => libd.so (already-loaded liba.so)',
  ],
});

const bad = (makeBad: (path: string, folder: string) => void | Promise<void>) => async (folder: string) => {
  mkdirSync(join(folder, 'bad'), { recursive: true });
  await makeBad(join(folder, 'bad/liba.so'), folder);
};
const twoFolders = [app(['liba.so'], { rpath: '@/bad:@/good' }), lib('good/liba.so')];

check('text ends the search', {
  build: twoFolders,
  change: bad(path => writeFileSync(path, 'no library, but long enough to be read as a header of an ELF file\n')),
  expected: ['app liba.so ! Exec format error'],
});
check('an empty file ends the search', {
  build: twoFolders,
  change: bad(path => writeFileSync(path, '')),
  expected: ['app liba.so ! Exec format error'],
});
check('another class ends the search', {
  build: twoFolders,
  change: bad((_, folder) => build32(folder, 'bad/liba.so')),
  expected: ['app liba.so ! Exec format error'],
});
check('a folder ends the search', {
  build: twoFolders,
  change: bad(path => void mkdirSync(path)),
  expected: ['app liba.so ! Is a directory'],
});
check('a dangling link is passed over', {
  build: twoFolders,
  change: bad(path => symlinkSync('nowhere', path)),
  expected: ['app liba.so => good/liba.so (rpath app)'],
});
check('a link to itself ends the search', {
  build: twoFolders,
  change: bad(path => symlinkSync('liba.so', path)),
  expected: ['app liba.so ! Too many levels of symbolic links'],
});

check('a name that is too long', {
  build: [app([`lib${'x'.repeat(300)}.so`], { rpath: '@' })],
  expected: [`app lib${'x'.repeat(300)}.so ${notFound}`],
});

check('LD_PRELOAD does not look into RPATH', {
  build: [
    app(['liba.so'], { rpath: '@/a' }),
    lib('a/liba.so'),
    lib('a/libp.so'),
    lib('p/libq.so', { needs: ['liba.so'] }),
  ],
  preload: 'libp.so:@/p/libq.so',
  expected: [
    `app libp.so ${notFound}`,
    'app p/libq.so => p/libq.so (preload LD_PRELOAD)',
    'app liba.so => a/liba.so (rpath app)',
    'p/libq.so liba.so => a/liba.so (already-loaded app)',
  ],
});
