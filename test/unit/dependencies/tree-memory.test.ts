import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { resolveTree, type TreeOptions } from '../../../language-server/dependencies/tree/tree.ts';
import { createTreeMemory } from '../../../language-server/dependencies/tree/tree-memory.ts';
import { buildAll } from '../../support/loader-build.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder = '';
let shelf = '';
const at = (name: string): string => join(folder, name);
const app = (): string => at('bin/app');
const options = (): TreeOptions => ({ environment: { cwd: folder, libraryPath: `${shelf}:` }, softEdges: true });

beforeEach(async () => {
  [folder, shelf] = [temporaryFolder(), temporaryFolder()];
  chmodSync(folder, 0o755);
  await buildAll(
    folder,
    [
      { file: 'lib/libleaf.so', soname: 'libleaf.so' },
      { file: 'lib/libscript.so', soname: 'libscript.so' },
      { file: 'lib/libtop.so', soname: 'libtop.so', needs: ['libleaf.so', 'libscript.so'], runpath: '$ORIGIN' },
      { file: 'bin/app', program: true, needs: ['libtop.so', 'libc.so.6'], runpath: '$ORIGIN/../lib' },
    ],
    temporaryFolder(),
  );
  writeFileSync(at('lib/libscript.so'), 'GROUP ( libleaf.so )\n');
});

describe('a tree that is asked for again', () => {
  test('is the very same while nothing changes', async () => {
    const trees = createTreeMemory();
    const first = await trees(app(), options());
    expect(first).toEqual(await resolveTree(app(), options()));
    expect(await trees(app(), options())).toBe(first);
  });

  test.each<[string, () => Promise<void> | void]>([
    ['a library that is gone', () => rmSync(at('lib/libleaf.so'))],
    [
      'a library that has come where the loader looks first',
      () => copyFileSync(at('lib/libleaf.so'), join(shelf, 'libleaf.so')),
    ],
    ['a library that has come into the working directory', () => copyFileSync(at('lib/libleaf.so'), at('libleaf.so'))],
    ['a library that became text', () => writeFileSync(at('lib/libleaf.so'), 'text')],
    [
      'a library with the same size and modification time',
      async () => {
        const { mtime, size } = statSync(at('lib/libtop.so'));
        await buildAll(
          folder,
          [{ file: 'lib/libtop.so', soname: 'libtop.so', needs: ['libleag.so', 'libscript.so'], runpath: '$ORIGIN' }],
          temporaryFolder(),
        );
        utimesSync(at('lib/libtop.so'), mtime, mtime);
        expect(statSync(at('lib/libtop.so')).size).toBe(size);
      },
    ],
    [
      'a folder that is another one now',
      () => {
        renameSync(at('lib'), at('old'));
        mkdirSync(at('lib'));
      },
    ],
    [
      'a folder that is a link to copies now',
      () => {
        cpSync(at('lib'), at('copies'), { recursive: true });
        rmSync(at('lib'), { recursive: true });
        symlinkSync('copies', at('lib'));
      },
    ],
    ['a folder that others may write to now', () => chmodSync(at('lib'), 0o777)],
    ['a folder above, likewise', () => chmodSync(folder, 0o777)],
    [
      'a script for the link editor with other inputs',
      () => writeFileSync(at('lib/libscript.so'), 'GROUP ( libtop.so )\n'),
    ],
    ['an input of that script that is gone', () => rmSync(at('lib/libleaf.so'))],
    ['a program that is another one now', () => copyFileSync(at('lib/libleaf.so'), app())],
    ['a library of set-user-ID', () => chmodSync(app(), 0o4755)],
  ])('sees %s', async (_what, change) => {
    const trees = createTreeMemory();
    const first = await trees(app(), options());
    await change();
    const second = await trees(app(), options());
    const anew = await resolveTree(app(), options());
    expect(anew).not.toEqual(first);
    expect(second).toEqual(anew);
  });

  test('that could not be answered is answered once it can be', async () => {
    const trees = createTreeMemory();
    const away = at('bin/away');
    renameSync(app(), away);
    await expect(trees(app(), options())).rejects.toThrow(/does not exist|no such file/iu);
    renameSync(away, app());
    expect(await trees(app(), options())).toEqual(await resolveTree(app(), options()));
  });

  test('is another one under other conditions', async () => {
    const trees = createTreeMemory();
    const ways: readonly TreeOptions[] = [
      options(),
      { ...options(), libraryPath: at('lib') },
      { ...options(), setuid: true },
      { ...options(), environment: { cwd: '/' } },
      { ...options(), softEdges: false },
    ];
    for (const way of [...ways, ...ways]) expect(await trees(app(), way)).toEqual(await resolveTree(app(), way));
  });

  test('while it is worked out and the files change is not kept', async () => {
    const trees = createTreeMemory();
    const pending = trees(app(), options());
    rmSync(at('lib/libleaf.so'));
    await pending;
    expect(await trees(app(), options())).toEqual(await resolveTree(app(), options()));
  });
});
