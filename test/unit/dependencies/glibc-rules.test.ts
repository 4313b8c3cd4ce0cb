import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build32, buildAll, type Recipe } from '../../support/loader-build.ts';
import { checkAgainstLoader, edgeLines, type Situation } from '../../support/loader-check.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base = temporaryFolder();
let cases = 0;

/** One rule of the loader: what is built, how it is asked for, and what must come of each need, in load order. */
interface Case {
  /** `@` stands for the folder of the case. */
  readonly build: readonly Recipe[];
  /** After linking. */
  readonly change?: (folder: string) => void | Promise<void>;
  /** Relative; by default `app`, which is started; a library is given to the loader. */
  readonly file?: string;
  readonly libraryPath?: string;
  readonly preload?: string;
  readonly mode?: Situation['mode'];
  readonly cwd?: string;
  readonly expected: readonly string[];
}

function check(rule: string, { build, change, expected, ...asked }: Case): void {
  test(rule, async () => {
    cases += 1;
    const folder = join(base, `${cases}`);
    mkdirSync(folder);
    const here = (text: string): string => text.replaceAll('@', folder);
    await buildAll(
      folder,
      build.map(recipe => inFolder(recipe, here)),
    );
    await change?.(folder);
    const { file = 'app', libraryPath, preload, mode, cwd = '.' } = asked;
    const resolved = await checkAgainstLoader({
      file: join(folder, file),
      cwd: join(folder, cwd),
      mode: mode ?? (file === 'app' ? 'start' : 'loader'),
      ...(libraryPath !== undefined && { libraryPath: here(libraryPath) }),
      ...(preload !== undefined && { preload: here(preload) }),
    });
    expect(edgeLines(resolved, folder)).toEqual(expected);
  });
}

function inFolder(recipe: Recipe, here: (text: string) => string): Recipe {
  const { needs, rpath, runpath, flags } = recipe;
  return {
    ...recipe,
    ...(needs && { needs: needs.map(here) }),
    ...(rpath !== undefined && { rpath: here(rpath) }),
    ...(runpath !== undefined && { runpath: here(runpath) }),
    ...(flags && { flags: flags.map(here) }),
  };
}

const app = (needs: readonly string[], more: Partial<Recipe> = {}): Recipe => ({
  file: 'app',
  program: true,
  needs,
  ...more,
});
const lib = (file: string, more: Partial<Recipe> = {}): Recipe => ({ file, ...more });
const notFound = '! cannot open shared object file: No such file or directory';

// Where the loader looks.

check('RUNPATH of the requester', {
  build: [app(['liba.so'], { runpath: '@/x:@/lib' }), lib('lib/liba.so')],
  expected: ['app liba.so => lib/liba.so (runpath app)'],
});

check('RUNPATH is not inherited', {
  build: [app(['liba.so'], { runpath: '@/lib' }), lib('lib/liba.so', { needs: ['libb.so'] }), lib('lib/libb.so')],
  expected: ['app liba.so => lib/liba.so (runpath app)', `lib/liba.so libb.so ${notFound}`],
});

check('RPATH is inherited down the chain of first loaders', {
  build: [
    app(['liba.so'], { rpath: '@/a' }),
    lib('a/liba.so', { needs: ['libb.so'], rpath: '@/b' }),
    lib('b/libb.so', { needs: ['libc1.so', 'libd1.so'] }),
    lib('a/libc1.so'),
    lib('b/libc1.so'),
    lib('a/libd1.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (rpath app)',
    'a/liba.so libb.so => b/libb.so (rpath a/liba.so)',
    'b/libb.so libc1.so => b/libc1.so (rpath a/liba.so)',
    'b/libb.so libd1.so => a/libd1.so (rpath app)',
  ],
});

check('RPATH of any ancestor is ignored for a requester that has RUNPATH', {
  build: [
    app(['liba.so'], { rpath: '@/a' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '@/none' }),
    lib('a/libb.so'),
  ],
  expected: ['app liba.so => a/liba.so (rpath app)', `a/liba.so libb.so ${notFound}`],
});

check('an object with both loses its RPATH, also for what it loads', {
  build: [
    app(['liba.so'], { runpath: '@/a' }),
    lib('a/liba.so', { needs: ['libb.so'], rpath: '@/r', runpath: '@/b' }),
    lib('b/libb.so', { needs: ['libc1.so'] }),
    lib('r/libb.so'),
    lib('r/libc1.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (runpath app)',
    'a/liba.so libb.so => b/libb.so (runpath a/liba.so)',
    `b/libb.so libc1.so ${notFound}`,
  ],
});

check('RPATH of an ancestor is used past one that has RUNPATH', {
  build: [
    app(['liba.so'], { rpath: '@/a:@/c' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '@/b' }),
    lib('b/libb.so', { needs: ['libc1.so'] }),
    lib('c/libc1.so'),
  ],
  expected: [
    'app liba.so => a/liba.so (rpath app)',
    'a/liba.so libb.so => b/libb.so (runpath a/liba.so)',
    'b/libb.so libc1.so => c/libc1.so (rpath app)',
  ],
});

check('RPATH comes before LD_LIBRARY_PATH, RUNPATH behind it', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@/r' }),
    lib('r/liba.so', { needs: ['libc1.so'], runpath: '@/u' }),
    lib('l/liba.so'),
    lib('l/libb.so'),
    lib('u/libc1.so'),
    lib('l/libc1.so'),
  ],
  libraryPath: '@/l',
  expected: [
    'app liba.so => r/liba.so (rpath app)',
    'app libb.so => l/libb.so (library-path LD_LIBRARY_PATH)',
    'r/liba.so libc1.so => l/libc1.so (library-path LD_LIBRARY_PATH)',
  ],
});

check('LD_LIBRARY_PATH may be separated by semicolons, and goes to every object', {
  build: [app(['liba.so'], { runpath: '@/none' }), lib('l/liba.so', { needs: ['libb.so'] }), lib('m/libb.so')],
  libraryPath: '@/l/;@/m//',
  expected: [
    'app liba.so => l/liba.so (library-path LD_LIBRARY_PATH)',
    'l/liba.so libb.so => m/libb.so (library-path LD_LIBRARY_PATH)',
  ],
});

check('a semicolon in RUNPATH separates nothing', {
  build: [app(['liba.so'], { runpath: '@/x;@/l' }), lib('l/liba.so')],
  expected: [`app liba.so ${notFound}`],
});

check('an empty element is the working directory', {
  build: [app(['liba.so'], { runpath: '@/none::@/x' }), lib('w/liba.so'), lib('x/liba.so')],
  cwd: 'w',
  expected: ['app liba.so => w/liba.so (runpath app)'],
});

check('an empty element of LD_LIBRARY_PATH too, also a last one', {
  build: [app(['liba.so']), lib('w/liba.so')],
  cwd: 'w',
  libraryPath: '@/x:',
  expected: ['app liba.so => w/liba.so (library-path LD_LIBRARY_PATH)'],
});

check('an empty LD_LIBRARY_PATH is none', {
  build: [app(['liba.so']), lib('w/liba.so')],
  cwd: 'w',
  libraryPath: '',
  expected: [`app liba.so ${notFound}`],
});

check('a relative RUNPATH counts from the working directory', {
  build: [app(['liba.so'], { runpath: 'lib' }), lib('w/lib/liba.so')],
  cwd: 'w',
  expected: ['app liba.so => w/lib/liba.so (runpath app)'],
});

check('the cache, then the system folders', {
  build: [app(['libm.so.6'], { runpath: '@/x' })],
  expected: [
    'app libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (cache /etc/ld.so.cache)',
    '/lib/x86_64-linux-gnu/libm.so.6 libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (cache /etc/ld.so.cache)',
    '/lib/x86_64-linux-gnu/libm.so.6 ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter /lib64/ld-linux-x86-64.so.2)',
    '/lib/x86_64-linux-gnu/libc.so.6 ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter /lib64/ld-linux-x86-64.so.2)',
  ],
});

check('DF_1_NODEFLIB keeps out of the system folders, also in the cache', {
  build: [app(['libm.so.6'], { flags: ['-z', 'nodefaultlib'] })],
  expected: [`app libm.so.6 ${notFound}`],
});

check('the interpreter is found by its SONAME without a search', {
  build: [app(['ld-linux-x86-64.so.2'], { runpath: '@/lib' }), lib('lib/ld-linux-x86-64.so.2')],
  expected: ['app ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (interpreter /lib64/ld-linux-x86-64.so.2)'],
});

check('glibc-hwcaps folders come first, those that the processor has', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@/lib' }),
    lib('lib/liba.so'),
    lib('lib/glibc-hwcaps/x86-64-v2/liba.so'),
    lib('lib/glibc-hwcaps/x86-64-v9/libb.so'),
    lib('lib/libb.so'),
  ],
  expected: [
    'app liba.so => lib/glibc-hwcaps/x86-64-v2/liba.so (runpath app)',
    'app libb.so => lib/libb.so (runpath app)',
  ],
});

// Tokens.

check('$ORIGIN in RUNPATH is the folder of who has it', {
  build: [
    app(['liba.so'], { runpath: '$ORIGIN/a' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '$' + '{ORIGIN}/../b' }),
    lib('b/libb.so'),
  ],
  expected: ['app liba.so => a/liba.so (runpath app)', 'a/liba.so libb.so => a/../b/libb.so (runpath a/liba.so)'],
});

check('$ORIGIN of a library is the folder that it was found in, not the one that a link leads to', {
  build: [
    app(['liba.so'], { runpath: '@/links' }),
    lib('real/liba.so', { needs: ['libb.so'], runpath: '$ORIGIN' }),
    lib('real/libb.so'),
    lib('links/libb.so'),
  ],
  change: folder => symlinkSync('../real/liba.so', join(folder, 'links/liba.so')),
  expected: [
    'app liba.so => links/liba.so (runpath app)',
    'links/liba.so libb.so => links/libb.so (runpath links/liba.so)',
  ],
});

check('$ORIGIN of a program is the folder of the file that a link leads to', {
  build: [{ ...app(['liba.so'], { runpath: '$ORIGIN' }), file: 'real/app' }, lib('real/liba.so'), lib('liba.so')],
  change: folder => symlinkSync('real/app', join(folder, 'app')),
  expected: ['app liba.so => real/liba.so (runpath app)'],
});

check('$ORIGIN of a library that was found at a relative path', {
  build: [
    app(['./a/liba.so'], { runpath: '@' }),
    lib('a/liba.so', { needs: ['libb.so'], runpath: '$ORIGIN' }),
    lib('a/libb.so'),
  ],
  expected: ['app ./a/liba.so => a/liba.so (path app)', 'a/liba.so libb.so => ./a/libb.so (runpath a/liba.so)'],
});

check('$LIB and $PLATFORM', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@/$LIB:@/$' + '{PLATFORM}/p' }),
    lib('lib/x86_64-linux-gnu/liba.so'),
    lib('x86_64/p/libb.so'),
  ],
  expected: [
    'app liba.so => lib/x86_64-linux-gnu/liba.so (runpath app)',
    'app libb.so => x86_64/p/libb.so (runpath app)',
  ],
});

check('$ORIGINx, $origin and a $ alone are no tokens', {
  build: [app(['liba.so'], { runpath: '$ORIGINx:$origin:@/$:$' + '{ORIGIN:$ORIGIN/b' }), lib('b/liba.so')],
  expected: ['app liba.so => b/liba.so (runpath app)'],
});

check('$ORIGIN in LD_LIBRARY_PATH is the folder of the program', {
  build: [app(['liba.so'], { runpath: '@/a' }), lib('a/liba.so', { needs: ['libb.so'] }), lib('b/libb.so')],
  libraryPath: '$ORIGIN/b',
  expected: ['app liba.so => a/liba.so (runpath app)', 'a/liba.so libb.so => b/libb.so (library-path LD_LIBRARY_PATH)'],
});

check('a name with a slash is a path, with tokens of who needs it', {
  build: [
    app(['$ORIGIN/a/liba.so', 'w/libb.so'], { runpath: '@/a' }),
    lib('a/liba.so', { needs: ['$ORIGIN/../b/libc1.so'] }),
    lib('b/libc1.so'),
    lib('a/w/libb.so'),
    lib('cwd/w/libb.so'),
  ],
  cwd: 'cwd',
  expected: [
    'app $ORIGIN/a/liba.so => a/liba.so (path app)',
    'app w/libb.so => cwd/w/libb.so (path app)',
    'a/liba.so $ORIGIN/../b/libc1.so => a/../b/libc1.so (path a/liba.so)',
  ],
});

check('a name with a slash that is not there is looked for nowhere else', {
  build: [app(['w/libb.so'], { runpath: '@/a' }), lib('a/w/libb.so')],
  expected: [`app w/libb.so ${notFound}`],
});

// What is loaded already.

check('a diamond is loaded once, breadth first', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { needs: ['libd.so'] }),
    lib('libb.so', { needs: ['libe.so', 'libd.so'] }),
    lib('libd.so'),
    lib('libe.so'),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'liba.so libd.so => libd.so (rpath app)',
    'libb.so libe.so => libe.so (rpath app)',
    'libb.so libd.so => libd.so (already-loaded liba.so)',
  ],
});

check('a cycle, and a library that needs itself', {
  build: [
    app(['liba.so'], { rpath: '@' }),
    lib('liba.so', { needs: ['libb.so', 'liba.so'] }),
    lib('libb.so', { needs: ['liba.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'liba.so libb.so => libb.so (rpath app)',
    'liba.so liba.so => liba.so (already-loaded app)',
    'libb.so liba.so => liba.so (already-loaded app)',
  ],
});

check('a name is found by the SONAME of what another object loaded', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@' }),
    lib('liba.so', { soname: 'libother.so' }),
    lib('libb.so', { needs: ['libother.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (runpath app)',
    'app libb.so => libb.so (runpath app)',
    'libb.so libother.so => liba.so (already-loaded app)',
  ],
});

check('the SONAME does not keep the same file name from being found', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { soname: 'libother.so' }),
    lib('libb.so', { needs: ['liba.so', 'x/../liba.so'] }),
  ],
  change: folder => mkdirSync(join(folder, 'x')),
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'libb.so liba.so => liba.so (already-loaded app)',
    'libb.so x/../liba.so => liba.so (path libb.so)',
  ],
});

check('one file under two names is one object: a symbolic and a hard link', {
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

check('two files with one SONAME are two objects when both are asked for by file name', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { soname: 'libs.so' }),
    lib('libb.so', { soname: 'libs.so' }),
  ],
  expected: ['app liba.so => liba.so (rpath app)', 'app libb.so => libb.so (rpath app)'],
});

check('a miss for one requester is none for a later one that looks elsewhere', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '@' }),
    lib('liba.so', { needs: ['libx.so'], runpath: '@/none' }),
    lib('libb.so', { needs: ['libx.so'], runpath: '@/x' }),
    lib('x/libx.so'),
  ],
  expected: [
    'app liba.so => liba.so (runpath app)',
    'app libb.so => libb.so (runpath app)',
    `liba.so libx.so ${notFound}`,
    'libb.so libx.so => x/libx.so (runpath libb.so)',
  ],
});

check('the same name twice', {
  build: [app(['liba.so', 'libx.so', 'liba.so', 'libx.so'], { rpath: '@' }), lib('liba.so')],
  expected: ['app liba.so => liba.so (rpath app)', `app libx.so ${notFound}`],
});

check('a library that is needed by the library that is asked for', {
  build: [
    lib('liba.so', { needs: ['libb.so'], runpath: '@', soname: 'liba.so' }),
    lib('libb.so', { needs: ['liba.so'] }),
  ],
  file: 'liba.so',
  expected: ['liba.so libb.so => libb.so (runpath liba.so)', 'libb.so liba.so => liba.so (already-loaded liba.so)'],
});

check('the file that is asked for is not known by its file, so that a need of it by another name maps it again', {
  build: [lib('liba.so', { needs: ['libb.so'], rpath: '@' }), lib('libb.so', { needs: ['liba.so'] })],
  file: 'liba.so',
  expected: [
    'liba.so libb.so => libb.so (rpath liba.so)',
    'libb.so liba.so => liba.so (rpath liba.so)',
    'liba.so libb.so => libb.so (already-loaded liba.so)',
  ],
});

// Candidates that are none.

const twoFolders = [app(['liba.so'], { runpath: '@/bad:@/good' }), lib('good/liba.so')];
const passedOver = ['app liba.so => good/liba.so (runpath app)'];

function bad(content: (bytes: Buffer) => Buffer): (folder: string) => void {
  return folder => {
    mkdirSync(join(folder, 'bad'));
    writeFileSync(join(folder, 'bad/liba.so'), content(readFileSync(join(folder, 'good/liba.so'))));
  };
}

function patched(at: number, value: number): (folder: string) => void {
  return bad(bytes => {
    bytes.writeUInt8(value, at);
    return bytes;
  });
}

check('another class is passed over', {
  build: twoFolders,
  change: folder => build32(folder, 'bad/liba.so'),
  expected: passedOver,
});

check('another class alone', {
  build: [app(['liba.so'], { runpath: '@/bad' })],
  change: folder => build32(folder, 'bad/liba.so'),
  expected: ['app liba.so ! wrong ELF class: ELFCLASS32'],
});

check('an unknown class is passed over', { build: twoFolders, change: patched(4, 7), expected: passedOver });
check('another machine is passed over', { build: twoFolders, change: patched(18, 183), expected: passedOver });
check('another machine alone', {
  build: [app(['liba.so'], { runpath: '@/bad' }), lib('good/liba.so')],
  change: patched(18, 183),
  expected: [`app liba.so ${notFound}`],
});

check('text ends the search', {
  build: twoFolders,
  change: bad(() => Buffer.from('This is text, and long enough for a header of an ELF file, which it is not.\n')),
  expected: ['app liba.so ! invalid ELF header'],
});

check('a script of the link editor ends the search', {
  build: twoFolders,
  change: bad(() =>
    Buffer.from(
      '/* GNU ld script\n*/\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/libm.so.6  AS_NEEDED ( /lib/libmvec.so.1 ) )\n',
    ),
  ),
  expected: [
    'app liba.so ! invalid ELF header (a GNU ld script, which only the link editor reads; it names /lib/libm.so.6, /lib/libmvec.so.1)',
  ],
});

check('an empty file ends the search', {
  build: twoFolders,
  change: bad(() => Buffer.alloc(0)),
  expected: ['app liba.so ! file too short'],
});
check('half a header ends the search', {
  build: twoFolders,
  change: bad(bytes => bytes.subarray(0, 40)),
  expected: ['app liba.so ! file too short'],
});
check('a header alone ends the search', {
  build: twoFolders,
  change: bad(bytes => bytes.subarray(0, 64)),
  expected: ['app liba.so ! cannot read file data'],
});

check('a folder ends the search', {
  build: twoFolders,
  change: folder => void mkdirSync(join(folder, 'bad/liba.so'), { recursive: true }),
  expected: ['app liba.so ! cannot read file data: Is a directory'],
});

check('a dangling link is passed over', {
  build: twoFolders,
  change: folder => {
    mkdirSync(join(folder, 'bad'));
    symlinkSync('nowhere', join(folder, 'bad/liba.so'));
  },
  expected: passedOver,
});

check('a link to itself ends the list of folders, not the search', {
  build: [app(['liba.so'], { runpath: '@/bad:@/good' }), lib('good/liba.so'), lib('rest/liba.so')],
  change: folder => {
    mkdirSync(join(folder, 'bad'));
    symlinkSync('liba.so', join(folder, 'bad/liba.so'));
  },
  expected: ['app liba.so ! cannot open shared object file: No such file or directory'],
});

check('a file among the folders is no folder', {
  build: [app(['liba.so'], { runpath: '@/file:@/good' }), lib('good/liba.so')],
  change: folder => writeFileSync(join(folder, 'file'), 'x'),
  expected: passedOver,
});

for (const [what, at, value, words] of [
  ['byte order', 5, 2, 'ELF file data encoding not little-endian'],
  ['version of the identification', 6, 7, 'ELF file version ident does not match current one'],
  ['OS ABI', 7, 9, 'ELF file OS ABI invalid'],
  ['ABI version', 8, 1, 'ELF file ABI version invalid'],
  ['padding of the identification', 12, 1, 'nonzero padding in e_ident'],
  ['version', 20, 2, 'ELF file version does not match current one'],
  ['type', 16, 1, 'only ET_DYN and ET_EXEC can be loaded'],
  ['type of a program', 16, 2, 'cannot dynamically load executable'],
  ['size of program headers', 54, 55, "ELF file's phentsize not the expected size"],
] as const) {
  check(`a wrong ${what} ends the search`, {
    build: twoFolders,
    change: patched(at, value),
    expected: [`app liba.so ! ${words}`],
  });
}

check('GNU as OS ABI is taken', {
  build: twoFolders,
  change: patched(7, 3),
  expected: ['app liba.so => bad/liba.so (runpath app)'],
});

check('a position-independent program is no library', {
  build: [app(['liba.so'], { runpath: '@/bad:@/good' }), { ...app([]), file: 'bad/liba.so' }, lib('good/liba.so')],
  expected: ['app liba.so ! cannot dynamically load position-independent executable'],
});

check('debug information alone is no library', {
  build: twoFolders,
  change: bad(bytes => {
    const count = bytes.readUInt16LE(56);
    for (let index = 0; index < count; index += 1) {
      const at = Number(bytes.readBigUInt64LE(32)) + index * 56;
      if (bytes.readUInt32LE(at) === 2) bytes.writeBigUInt64LE(0n, at + 32);
    }
    return bytes;
  }),
  expected: ['app liba.so ! object file has no dynamic section'],
});

check('a library whose end is missing is mapped', {
  build: twoFolders,
  change: folder => {
    mkdirSync(join(folder, 'bad'));
    const file = join(folder, 'bad/liba.so');
    copyFileSync(join(folder, 'good/liba.so'), file);
    truncateSync(file, readFileSync(file).length - 8);
    chmodSync(file, 0o644);
  },
  expected: ['app liba.so => bad/liba.so (runpath app)'],
});

// Preloads and filters.

check('LD_PRELOAD: by path, by name as the program would look for it, and one that is not there', {
  build: [
    app(['liba.so', 'libp2.so'], { runpath: '@' }),
    lib('liba.so'),
    lib('p/libp1.so', { needs: ['liba.so'] }),
    lib('libp2.so'),
  ],
  preload: '@/p/libp1.so:libp2.so libp3.so  @/none.so',
  expected: [
    'app p/libp1.so => p/libp1.so (preload LD_PRELOAD)',
    'app libp2.so => libp2.so (preload LD_PRELOAD)',
    `app libp3.so ${notFound}`,
    `app none.so ${notFound}`,
    'app liba.so => liba.so (runpath app)',
    'app libp2.so => libp2.so (already-loaded app)',
    'p/libp1.so liba.so => liba.so (already-loaded app)',
  ],
});

check('an auxiliary filtee is loaded before its filter', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { flags: ['-f', 'libfiltee.so'], needs: ['libc1.so'] }),
    lib('libb.so'),
    lib('libfiltee.so', { needs: ['libd.so'] }),
    lib('libc1.so'),
    lib('libd.so'),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'libfiltee.so libd.so => libd.so (rpath app)',
    'liba.so libc1.so => libc1.so (rpath app)',
    'liba.so libfiltee.so => libfiltee.so (rpath app)',
  ],
});

check('a filtee of the library that is asked for', {
  build: [
    lib('liba.so', { rpath: '@', flags: ['-F', 'libfiltee.so'], needs: ['libb.so'] }),
    lib('libfiltee.so'),
    lib('libb.so'),
  ],
  file: 'liba.so',
  expected: ['liba.so libb.so => libb.so (rpath liba.so)', 'liba.so libfiltee.so => libfiltee.so (rpath liba.so)'],
});

check('a filtee that is loaded already further down moves up', {
  build: [
    app(['liba.so', 'libb.so', 'libfiltee.so'], { rpath: '@' }),
    lib('liba.so'),
    lib('libb.so', { flags: ['-F', 'libfiltee.so'] }),
    lib('libfiltee.so'),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'app libfiltee.so => libfiltee.so (rpath app)',
    'libb.so libfiltee.so => libfiltee.so (already-loaded app)',
  ],
});

check('an auxiliary filtee that is not there is no loss', {
  build: [app(['liba.so'], { rpath: '@' }), lib('liba.so', { flags: ['-f', 'libfiltee.so'] })],
  expected: ['app liba.so => liba.so (rpath app)', `liba.so libfiltee.so ${notFound}`],
});

check('a filtee that is not there', {
  build: [app(['liba.so'], { rpath: '@' }), lib('liba.so', { flags: ['-F', 'libfiltee.so'] })],
  expected: ['app liba.so => liba.so (rpath app)', `liba.so libfiltee.so ${notFound}`],
});

check('filters in a circle, on which the loader runs out of stack', {
  build: [
    app(['liba.so', 'libb.so'], { rpath: '@' }),
    lib('liba.so', { flags: ['-F', 'libb.so'] }),
    lib('libb.so', { flags: ['-F', 'liba.so'] }),
  ],
  expected: [
    'app liba.so => liba.so (rpath app)',
    'app libb.so => libb.so (rpath app)',
    'liba.so libb.so => libb.so (already-loaded app)',
    'libb.so liba.so => liba.so (already-loaded app)',
  ],
});

// Names.

check('names that are odd: a space, a percent sign, UTF-8, and very long ones', {
  build: [
    app(['lib a%s.so', 'libé日.so', `lib${'x'.repeat(300)}.so`, `lib${'y'.repeat(5000)}.so`], { rpath: '@/f o o' }),
    lib('f o o/lib a%s.so'),
    lib('f o o/libé日.so'),
  ],
  expected: [
    'app lib a%s.so => f o o/lib a%s.so (rpath app)',
    'app libé日.so => f o o/libé日.so (rpath app)',
    `app lib${'x'.repeat(300)}.so ! cannot open shared object file: File name too long`,
    `app lib${'y'.repeat(5000)}.so ! cannot open shared object file: File name too long`,
  ],
});
