import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveTree } from '../../../language-server/dependencies/tree/tree.ts';
import { diffTrees } from '../../../language-server/dependencies/tree/tree-diff.ts';
import type { WhatIf } from '../../../language-server/protocol/dependencies.ts';
import type { TreeDiff } from '../../../language-server/protocol/tree-diff.ts';
import { buildAll, type Recipe } from '../../support/loader-build.ts';
import { askLoader, glibcLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base = temporaryFolder();
let folders = 0;
const environment = { cwd: '/' };

async function built(...recipes: readonly Recipe[]): Promise<string> {
  folders += 1;
  const folder = join(base, `${folders}`);
  mkdirSync(folder);
  await buildAll(folder, recipes);
  return folder;
}

async function found(folder: string, whatIf: WhatIf): Promise<readonly string[]> {
  const { loadOrder } = await resolveTree(join(folder, 'app'), { environment, ...whatIf });
  return loadOrder.slice(1).map(path => path.replace(`${folder}/`, ''));
}

const levels = ['x86-64-v4', 'x86-64-v3', 'x86-64-v2'];
const everyLevel: readonly Recipe[] = [
  { file: 'app', program: true, needs: ['liba.so'], runpath: '$ORIGIN' },
  { file: 'liba.so' },
  ...levels.map(level => ({ file: `glibc-hwcaps/${level}/liba.so` })),
];

/** `--glibc-hwcaps-mask` lets the loader itself see those folders only. */
test.each([
  ['x86-64-v2', 'x86-64-v2'],
  ['none', 'nothing'],
])('the hwcaps level %s', async (hwcaps, mask) => {
  const folder = await built(...everyLevel);
  const [answer] = await askLoader(`${glibcLoader} --glibc-hwcaps-mask ${mask}`, { files: [join(folder, 'app')] });
  expect(await found(folder, { hwcaps })).toEqual(answer?.objects.map(({ path }) => path?.replace(`${folder}/`, '')));
});

test('each level has those below it', async () => {
  const folder = await built(...everyLevel.filter(({ file }) => !file.includes('v4')));
  const each = await Promise.all([...levels, 'none'].map(async hwcaps => (await found(folder, { hwcaps }))[0]));
  expect(each).toEqual([
    'glibc-hwcaps/x86-64-v3/liba.so',
    'glibc-hwcaps/x86-64-v3/liba.so',
    'glibc-hwcaps/x86-64-v2/liba.so',
    'liba.so',
  ]);
  const { conditions } = await resolveTree(join(folder, 'app'), { environment, hwcaps: 'x86-64-v3' });
  expect(conditions.hwcaps).toEqual(['x86-64-v3', 'x86-64-v2']);
});

test('folders for capabilities come and go with the version of glibc', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so', 'libb.so'], runpath: '$ORIGIN' },
    { file: 'liba.so' },
    { file: 'tls/liba.so' },
    { file: 'libb.so' },
    { file: 'glibc-hwcaps/x86-64-v2/libb.so' },
  );
  const under = (glibcVersion: string) => found(folder, { glibcVersion, hwcaps: 'x86-64-v2' });
  const modern = 'glibc-hwcaps/x86-64-v2/libb.so';
  expect(await under('2.32')).toEqual(['tls/liba.so', 'libb.so']);
  expect(await under('2.33')).toEqual(['tls/liba.so', modern]);
  expect(await under('2.36')).toEqual(['tls/liba.so', modern]);
  expect(await under('2.37')).toEqual(['liba.so', modern]);
  // The loader of this machine, whatever it is.
  const [answer] = await askLoader(glibcLoader, { files: [join(folder, 'app')] });
  expect(await found(folder, {})).toEqual(answer?.objects.map(({ path }) => path?.replace(`${folder}/`, '')));
  const { loader } = await resolveTree(join(folder, 'app'), { environment, glibcVersion: '2.31.9000' });
  expect(loader).toEqual({ kind: 'glibc', version: '2.31' });
});

test('from glibc 2.39 on a file among the folders no longer ends the list', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so'], runpath: 'file:$ORIGIN' },
    { file: 'liba.so' },
  );
  writeFileSync(join(folder, 'file'), 'x');
  const cwd = folder;
  expect(await found(folder, { cwd, glibcVersion: '2.38' })).toEqual([]);
  expect(await found(folder, { cwd, glibcVersion: '2.39' })).toEqual(['liba.so']);
  const [answer] = await askLoader(glibcLoader, { files: [join(folder, 'app')], cwd });
  expect(await found(folder, { cwd })).toEqual(
    answer?.objects.flatMap(({ path }) => path?.replace(`${folder}/`, '') ?? []),
  );
});

test('working folder, preloads and setuid', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so'], runpath: 'lib:$ORIGIN/own' },
    { file: 'w/lib/liba.so' },
    { file: 'own/liba.so' },
    { file: 'libp.so' },
  );
  expect(await found(folder, {})).toEqual(['own/liba.so']);
  expect(await found(folder, { cwd: join(folder, 'w') })).toEqual(['w/lib/liba.so']);
  expect(await found(folder, { preload: join(folder, 'libp.so') })).toEqual(['libp.so', 'own/liba.so']);
  expect(await found(folder, { preload: join(folder, 'libp.so'), setuid: true })).toEqual([]);
  const preloaded = { cwd: '/', preload: join(folder, 'libp.so') };
  const { loadOrder } = await resolveTree(join(folder, 'app'), { environment: preloaded, preload: '' });
  expect(loadOrder).toHaveLength(2);
});

test('a setuid program is told of where what is set for it would be dropped', async () => {
  const folder = await built({ file: 'app', program: true });
  const codes = async (whatIf: WhatIf) =>
    (await resolveTree(join(folder, 'app'), { environment, ...whatIf })).problems.map(({ code }) => code);
  expect(await codes({ libraryPath: '/none' })).toEqual([]);
  chmodSync(join(folder, 'app'), 0o2755);
  expect(await codes({ libraryPath: '/none' })).toEqual(['dependencies/setuid']);
  chmodSync(join(folder, 'app'), 0o4755);
  expect(await codes({ libraryPath: '/none' })).toEqual(['dependencies/setuid']);
  expect(await codes({})).toEqual([]);
  expect(await codes({ libraryPath: '/none', setuid: true })).toEqual([]);
});

test.each<[WhatIf, RegExp]>([
  [{ glibcVersion: '3.1' }, /"3\.1" is no version of glibc/u],
  [{ glibcVersion: '' }, /is no version/u],
  [{ hwcaps: 'x86-64-v9' }, /no level "x86-64-v9".*x86-64-v4, x86-64-v3, x86-64-v2, none/u],
])('%j is refused in words', async (whatIf, words) => {
  const answer = resolveTree('/bin/sh', { environment, ...whatIf });
  await expect(answer).rejects.toMatchObject({ kind: 'invalidParams', message: expect.stringMatching(words) });
});

/** One line a change. */
function changes(diff: TreeDiff, folder: string): readonly string[] {
  const short = (path: string): string => path.replaceAll(`${folder}/`, '');
  return [
    ...diff.removed.map(({ path }) => `- ${short(path)}`),
    ...diff.added.map(({ path }) => `+ ${short(path)}`),
    ...diff.moved.map(
      ({ name, before, after, sameFile }) =>
        `~ ${name} ${short(before.path)} ${short(after.path)}${sameFile ? ' same' : ''}`,
    ),
    ...diff.reordered.map(({ before, after }) => `order ${short(after.path)} ${before.place} ${after.place}`),
    ...diff.edges.map(
      ({ requester, name, change, reason }) => `${short(requester.after)} ${name} ${change}: ${short(reason)}`,
    ),
    ...diff.goneProblems.map(({ code, edge }) => `gone ${code} ${edge}`),
    ...diff.newProblems.map(({ code, edge }) => `new ${code} ${edge}`),
  ];
}

async function differences(folder: string, before: WhatIf, after: WhatIf): Promise<readonly string[]> {
  const trees = [before, after].map(whatIf => resolveTree(join(folder, 'app'), { environment, ...whatIf }));
  const [first, second] = await Promise.all(trees);
  if (first === undefined || second === undefined) throw new Error('no trees');
  const diff = diffTrees(first, second);
  const lines = changes(diff, folder);
  expect(diff.identical).toBe(lines.length === 0);
  return lines;
}

test('a diff: what comes, goes, moves, changes its place, and why', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so', 'libb.so', 'libx.so'], runpath: '$ORIGIN' },
    { file: 'liba.so', soname: 'liba.so', needs: ['libold.so', 'libboth.so'], runpath: '$ORIGIN' },
    { file: 'libb.so', soname: 'libb.so', needs: ['libboth.so'], runpath: '$ORIGIN' },
    { file: 'libold.so' },
    { file: 'libboth.so' },
    { file: 'l/liba.so', soname: 'liba.so', needs: ['libnew.so'], runpath: '$ORIGIN' },
    { file: 'l/libnew.so' },
    { file: 'l/libx.so', soname: 'libx.so', needs: ['libboth.so'], runpath: '$ORIGIN/..' },
  );
  expect(await differences(folder, {}, {})).toEqual([]);
  expect(await differences(folder, {}, { libraryPath: join(folder, 'l') })).toEqual([
    '- libold.so',
    '+ l/libx.so',
    '+ l/libnew.so',
    '~ liba.so liba.so l/liba.so',
    `app liba.so target: It was liba.so (RUNPATH entry 1 ($ORIGIN) of app); now it is l/liba.so (LD_LIBRARY_PATH entry 1 (${folder}/l)).`.replaceAll(
      `${folder}/`,
      '',
    ),
    `app libx.so found: It was not found; now it is l/libx.so (LD_LIBRARY_PATH entry 1 (${folder}/l)).`.replaceAll(
      `${folder}/`,
      '',
    ),
    'l/liba.so libold.so removed: It was libold.so (RUNPATH entry 1 ($ORIGIN) of liba.so); now it is not asked for.',
    'l/liba.so libboth.so removed: It was libboth.so (RUNPATH entry 1 ($ORIGIN) of liba.so); now it is not asked for.',
    `l/liba.so libnew.so added: It was not asked for; now it is, and is l/libnew.so (LD_LIBRARY_PATH entry 1 (${folder}/l)).`.replaceAll(
      `${folder}/`,
      '',
    ),
    'libb.so libboth.so rule: The same file, found by already loaded, for liba.so; now by RUNPATH entry 1 ($ORIGIN) of libb.so.',
    'gone dependencies/missing-library libx.so',
  ]);
});

test('a diff: an order that changes, a need that is lost with the reason', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so', 'libb.so', 'libc1.so'], runpath: '$ORIGIN' },
    { file: 'liba.so' },
    { file: 'libb.so' },
    { file: 'libc1.so' },
  );
  expect(await differences(folder, {}, { preload: join(folder, 'libc1.so') })).toEqual([
    'order libc1.so 3 1',
    `app ${folder}/libc1.so added: It was not asked for; now it is, and is libc1.so (preloaded by LD_PRELOAD).`,
  ]);
  mkdirSync(join(folder, 'bad'));
  writeFileSync(join(folder, 'bad/libb.so'), 'text');
  expect(await differences(folder, {}, { libraryPath: join(folder, 'bad') })).toEqual([
    '- libb.so',
    'app libb.so lost: It was libb.so (RUNPATH entry 1 ($ORIGIN) of app); now it is not found.',
    'new dependencies/unloadable-library libb.so',
  ]);
});

test('a diff: another path of the same file', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so'], runpath: '$ORIGIN' },
    { file: 'liba.so' },
  );
  symlinkSync('.', join(folder, 'link'));
  const [moved] = await differences(folder, {}, { libraryPath: join(folder, 'link') });
  expect(moved).toBe('~ liba.so liba.so link/liba.so same');
});

test('a diff of two systems: what is at the same place in both is the same', async () => {
  const [one, two] = await Promise.all([built(), built()]);
  for (const root of [one, two]) {
    await buildAll(root, [
      { file: 'usr/bin/app', program: true, needs: ['liba.so', 'libb.so'] },
      { file: 'usr/lib/liba.so' },
    ]);
  }
  await buildAll(two, [{ file: 'usr/lib/libb.so' }]);
  const tree = (root: string) => resolveTree(join(root, 'usr/bin/app'), { environment, sysroot: root });
  const diff = diffTrees(await tree(one), await tree(two));
  expect(changes(diff, two)).toEqual([
    '+ usr/lib/libb.so',
    'usr/bin/app libb.so found: It was not found; now it is usr/lib/libb.so (system folder entry 6 (/usr/lib/)).',
    'gone dependencies/missing-library libb.so',
  ]);
});
