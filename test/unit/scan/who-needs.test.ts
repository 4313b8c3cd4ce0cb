import { copyFileSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WhatIf } from '../../../language-server/protocol/dependencies.ts';
import type { WhoNeeds } from '../../../language-server/protocol/scan.ts';
import { findWhoNeeds, type NeededLibrary, type WhoNeedsOptions } from '../../../language-server/scan/who-needs.ts';
import { buildAll } from '../../support/loader-build.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const environment = { cwd: '/' };
const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  await buildAll(
    folder,
    [
      { file: 'lib/libz.so.1.2', soname: 'libz.so.1' },
      { file: 'lib/libuser.so', soname: 'libuser.so', needs: ['libz.so.1'], runpath: '$ORIGIN' },
      { file: 'bin/direct', program: true, needs: ['libz.so.1'], runpath: '$ORIGIN/../lib' },
      { file: 'bin/indirect', program: true, needs: ['libuser.so'], runpath: '$ORIGIN/../lib' },
      { file: 'bin/by-path', program: true, needs: [at('lib/libz.so.1.2')] },
      { file: 'bin/by-link', program: true, needs: ['odd-name'], runpath: '$ORIGIN/../lib' },
      { file: 'bin/lost', program: true, needs: ['libz.so.1'] },
      { file: 'other/bin', program: true, needs: ['libz.so.1'], runpath: '$ORIGIN' },
      { file: 'other/libz.so.1', soname: 'libz.so.1' },
      { file: 'bin/none', program: true },
    ],
    temporaryFolder(),
  );
  symlinkSync('libz.so.1.2', at('lib/libz.so.1'));
  linkSync(at('lib/libz.so.1.2'), at('lib/odd-name'));
});

async function ask(
  library: NeededLibrary,
  options: Omit<WhoNeedsOptions, 'onProgress' | 'signal'> & WhatIf = {},
): Promise<WhoNeeds> {
  const { maximumDependents = 1000, ...conditions } = options;
  return await findWhoNeeds(library, [{ paths: [folder], environment, ...conditions }], { maximumDependents });
}

function lines({ dependents }: WhoNeeds): readonly string[] {
  return dependents.map(({ path, name, how }) => `${path.slice(folder.length + 1)} ${name.replace(folder, '')} ${how}`);
}

test('more than can be told are said to be more', async () => {
  const { dependents, incomplete } = await ask({ path: at('lib/libz.so.1.2') }, { maximumDependents: 2 });
  expect(dependents).toHaveLength(2);
  expect(incomplete).toBe('More than 2 files need it; the rest is not listed.');
});

describe('who needs a file', () => {
  const expected = [
    'bin/by-link odd-name resolved',
    'bin/by-path /lib/libz.so.1.2 resolved',
    'bin/direct libz.so.1 resolved',
    'lib/libuser.so libz.so.1 resolved',
    'other/bin libz.so.1 elsewhere',
  ];

  test('those that get it, under whatever name; then those that ask for it and get another one', async () => {
    const answer = await ask({ path: at('lib/libz.so.1.2') }, { libraryPath: '' });
    // There is a libz.so.1 of the system, or there is none.
    expect(lines(answer).filter(line => !line.startsWith('bin/lost'))).toEqual(expected);
    expect(lines(answer).find(line => line.startsWith('bin/lost'))).toMatch(
      /^bin\/lost libz\.so\.1 (?:elsewhere|missing)$/u,
    );
    expect(answer).toMatchObject({
      soname: 'libz.so.1',
      names: ['libz.so.1', 'libz.so.1.2'],
      unreadable: 0,
      incomplete: null,
    });
    expect(answer.elf).toBe(11);
  });

  test('by any name of the file', async () => {
    for (const name of ['lib/libz.so.1', 'lib/odd-name']) {
      expect(lines(await ask({ path: at(name) }))).toEqual(expect.arrayContaining(expected));
    }
  });

  test('as the conditions are', async () => {
    const answer = await ask({ path: at('lib/libz.so.1.2') }, { libraryPath: at('other') });
    expect(lines(answer)).toContain('bin/direct libz.so.1 elsewhere');
  });

  test('not everybody, where it is preloaded', async () => {
    const path = at('lib/libz.so.1.2');
    expect(lines(await ask({ path }, { preload: path })).filter(line => line.includes('none'))).toEqual([]);
  });

  test('with the command that shows it', async () => {
    const { dependents } = await ask({ path: at('lib/libz.so.1.2') });
    expect(dependents.find(({ path }) => path === at('bin/direct'))?.command).toBe(`readelf -dW ${at('bin/direct')}`);
  });

  test('nobody', async () => {
    expect((await ask({ path: at('bin/none') })).dependents).toEqual([]);
  });
});

test('who needs a name', async () => {
  const answer = await ask({ name: 'libuser.so' });
  expect(lines(answer)).toEqual(['bin/indirect libuser.so resolved']);
  expect(answer.path).toBeNull();
  expect(lines(await ask({ name: 'libnowhere.so' }))).toEqual([]);
});

test('in a sysroot, by the files in it', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'lib64'), { recursive: true });
  copyFileSync(at('lib/libz.so.1.2'), join(root, 'lib64/libz.so.1'));
  copyFileSync(at('bin/lost'), join(root, 'lost'));
  const answer = await findWhoNeeds({ path: join(root, 'lib64/libz.so.1') }, [
    { paths: [root], environment, sysroot: root },
  ]);
  expect(answer.dependents).toMatchObject([{ path: join(root, 'lost'), how: 'resolved' }]);
});

test.each([
  ['is not there', '/no/such/file', 'notFound'],
  ['is a folder', '/usr', 'notRegularFile'],
  ['is no ELF file', new URL(import.meta.url).pathname, 'notElf'],
])('a library that %s is refused', async (_what, path, kind) => {
  await expect(ask({ path })).rejects.toMatchObject({ kind });
});

test('a circle of needs', async () => {
  const circle = temporaryFolder();
  await buildAll(circle, [
    { file: 'liba.so', soname: 'liba.so', needs: ['libb.so'], runpath: '$ORIGIN' },
    { file: 'libb.so', soname: 'libb.so', needs: ['liba.so', 'libb.so'], runpath: '$ORIGIN' },
  ]);
  const answer = await findWhoNeeds({ path: join(circle, 'libb.so') }, [{ paths: [circle], environment }]);
  expect(answer.dependents.map(({ path, how }) => [path, how])).toEqual([
    [join(circle, 'liba.so'), 'resolved'],
    [join(circle, 'libb.so'), 'resolved'],
  ]);
});

test('a file that goes away during the search', async () => {
  const place = temporaryFolder();
  await buildAll(place, [
    { file: 'a.so', needs: ['libq.so'] },
    { file: 'b.so', needs: ['libq.so'] },
  ]);
  writeFileSync(join(place, 'fill'), '');
  const answer = findWhoNeeds({ name: 'libq.so' }, [{ paths: [place], environment }]);
  rmSync(join(place, 'b.so'));
  expect((await answer).unreadable).toBe(0);
});
