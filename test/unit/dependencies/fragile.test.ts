import { chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dependencyFindings } from '../../../language-server/dependencies/tree/findings.ts';
import { resolveTree, type TreeOptions } from '../../../language-server/dependencies/tree/tree.ts';
import { buildAll, type Recipe } from '../../support/loader-build.ts';
import { muslLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base = temporaryFolder();
let folders = 0;

interface Case {
  readonly build: readonly Recipe[];
  readonly change?: (folder: string) => void;
  readonly options?: (folder: string) => TreeOptions;
  /** `code edge actual` of each problem but those about what is not there. */
  readonly expected: readonly string[];
}

function check(rule: string, { build, change, options, expected }: Case): void {
  test(rule, async () => {
    folders += 1;
    const folder = join(base, `${folders}`);
    mkdirSync(folder);
    await buildAll(folder, build);
    change?.(folder);
    const { problems } = await resolveTree(join(folder, 'app'), { environment: { cwd: folder }, ...options?.(folder) });
    expect(
      problems.map(({ severity, code, edge, actual }) =>
        [severity, code.replace('dependencies/', ''), edge, actual]
          .filter(Boolean)
          .join(' ')
          .replaceAll(`${folder}/`, ''),
      ),
    ).toEqual(expected);
  });
}

const app = (needs: readonly string[], more: Partial<Recipe> = {}): Recipe => ({
  file: 'app',
  program: true,
  needs,
  runpath: '$ORIGIN',
  ...more,
});

// Because another object was there first.

check('a need that is met only since another object loaded the library', {
  build: [app(['liba.so', 'libb.so']), { file: 'liba.so', needs: ['libb.so'] }, { file: 'libb.so' }],
  expected: ['information first-come libb.so'],
});

check('one that would find another file itself', {
  build: [
    app(['liba.so', 'libb.so']),
    { file: 'liba.so', needs: ['libb.so'], runpath: '$ORIGIN/own' },
    { file: 'libb.so' },
    { file: 'own/libb.so' },
  ],
  expected: ['information first-come libb.so own/libb.so'],
});

check('one that finds the same file itself is well', {
  build: [
    app(['liba.so', 'libb.so', 'libc1.so']),
    { file: 'liba.so', needs: ['libb.so', 'libc.so.6'], runpath: '$ORIGIN' },
    { file: 'libb.so', needs: ['libc.so.6'] },
    { file: 'libc1.so', needs: ['libc.so.6'] },
  ],
  expected: [],
});

check('an RPATH is inherited, and with it the search', {
  build: [
    { file: 'app', program: true, needs: ['liba.so', 'libb.so'], rpath: '$ORIGIN' },
    { file: 'liba.so', needs: ['libb.so'] },
    { file: 'libb.so', needs: ['liba.so', 'libb.so'] },
  ],
  expected: [],
});

check('musl: a path that the first loader has not', {
  build: [
    { ...app(['liba.so', 'libb.so']), flags: ['-dynamic-linker', muslLoader] },
    { file: 'liba.so', needs: ['libb.so', 'libc1.so'] },
    { file: 'libb.so', needs: ['libc1.so'] },
    { file: 'libc1.so', needs: ['libb.so'] },
  ],
  expected: [],
});

// Two of one.

check('two files with one SONAME', {
  build: [
    app(['liba.so', 'libb.so']),
    { file: 'liba.so', soname: 'libs.so' },
    { file: 'libb.so', soname: 'libs.so', flags: ['--build-id=0x1234'] },
  ],
  expected: ['warning duplicate-soname liba.so libb.so'],
});

check('two versions of a library, and a copy with the name that wheels give', {
  build: [
    app(['libs.so.1', 'libs.so.3', 'libt-0a1b2c3d.so.1.0.0', 'libu.so', 'libt.so.1']),
    { file: 'libs.so.1', soname: 'libs.so.1' },
    { file: 'libs.so.3', soname: 'libs.so.3' },
    { file: 'libt.so.1', soname: 'libt.so.1' },
    { file: 'libt-0a1b2c3d.so.1.0.0', soname: 'libt-0a1b2c3d.so.1.0.0' },
    { file: 'libu.so', soname: 'libu.so' },
  ],
  expected: ['warning library-copies libs.so.1 libs.so.3', 'warning library-copies libt-0a1b2c3d.so.1.0.0 libt.so.1'],
});

test('copies of one build are told from different builds, by build ID or by contents', async () => {
  folders += 1;
  const folder = join(base, `${folders}`);
  mkdirSync(folder);
  const messageOf = async (flags: readonly string[], makeSecond: () => void | Promise<void>): Promise<string> => {
    await buildAll(folder, [app(['liba.so', 'libb.so']), { file: 'liba.so', soname: 'libs.so', flags }]);
    await makeSecond();
    return (await resolveTree(join(folder, 'app'), { environment: { cwd: folder } })).problems[0]?.message ?? '';
  };
  const copy = () => copyFileSync(join(folder, 'liba.so'), join(folder, 'libb.so'));
  expect(await messageOf(['--build-id=0xabcd'], copy)).toMatch(
    /liba\.so \(build ID abcd\).*They are copies of one build/u,
  );
  expect(await messageOf([], copy)).toMatch(/liba\.so \(SHA-256 [0-9a-f]{16}\).*They are copies of one build/u);
  const another = () => buildAll(folder, [{ file: 'libb.so', soname: 'libs.so', flags: ['--build-id=0xabce'] }]);
  expect(await messageOf(['--build-id=0xabcd'], another)).toMatch(/They are different builds/u);
});

// Where others decide.

check('a relative RUNPATH, an empty element of one, and a relative name', {
  build: [
    app(['liba.so', 'libb.so', 'own/libc1.so'], { runpath: 'own:' }),
    { file: 'own/liba.so' },
    { file: 'libb.so' },
    { file: 'own/libc1.so' },
  ],
  expected: [
    'warning insecure-path liba.so relative',
    'warning insecure-path libb.so empty',
    'warning insecure-path own/libc1.so relative',
  ],
});

check('a folder that everybody may write to, told of once', {
  build: [app(['liba.so', 'libb.so'], { runpath: '$ORIGIN/open' }), { file: 'open/liba.so' }, { file: 'open/libb.so' }],
  change: folder => chmodSync(join(folder, 'open'), 0o777),
  expected: ['warning insecure-path liba.so world-writable'],
});

check('a folder above it counts, but not if it is sticky', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '$ORIGIN/open/own:$ORIGIN/sticky/own' }),
    { file: 'open/own/liba.so' },
    { file: 'sticky/own/libb.so' },
  ],
  change: folder => {
    chmodSync(join(folder, 'open'), 0o777);
    chmodSync(join(folder, 'sticky'), 0o1777);
  },
  expected: ['warning insecure-path liba.so world-writable'],
});

check('a folder of another user than root and the owner of the program', {
  build: [
    app(['liba.so', 'libb.so'], { runpath: '$ORIGIN/theirs:$ORIGIN' }),
    { file: 'theirs/liba.so' },
    { file: 'libb.so' },
  ],
  change: folder => chownSync(join(folder, 'theirs'), 65534, 65534),
  expected: ['warning insecure-path liba.so user-writable'],
});

check('a folder that a group may write to', {
  build: [app(['liba.so'], { runpath: '$ORIGIN/group' }), { file: 'group/liba.so' }],
  change: folder => {
    chownSync(join(folder, 'group'), 0, 50);
    chmodSync(join(folder, 'group'), 0o2775);
  },
  expected: ['information insecure-path liba.so group-writable'],
});

check('the own folder of the owner of the program is as safe as the program', {
  build: [app(['liba.so'], { runpath: '$ORIGIN/own' }), { file: 'own/liba.so' }],
  change: folder => {
    chownSync(join(folder, 'own'), 65534, 65534);
    chownSync(join(folder, 'app'), 65534, 65534);
  },
  expected: [],
});

check('LD_LIBRARY_PATH with a relative folder', {
  build: [app(['liba.so'], { runpath: '/none' }), { file: 'own/liba.so' }],
  options: () => ({ libraryPath: 'own' }),
  expected: ['warning insecure-path liba.so relative'],
});

test('what is a warning stands under Problems, a matter of luck does not', async () => {
  folders += 1;
  const folder = join(base, `${folders}`);
  mkdirSync(folder);
  await buildAll(folder, [
    app(['liba.so', 'libb.so'], { runpath: 'own:$ORIGIN' }),
    { file: 'own/liba.so', needs: ['libb.so'] },
    { file: 'libb.so' },
  ]);
  const findings = await dependencyFindings(join(folder, 'app'), { environment: { cwd: folder } });
  expect(findings.map(({ code }) => code)).toEqual(['dependencies/insecure-path']);
});
