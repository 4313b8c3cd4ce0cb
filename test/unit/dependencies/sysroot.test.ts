import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveTree, type TreeOptions } from '../../../language-server/dependencies/tree/tree.ts';
import type { DependencyTree } from '../../../language-server/protocol/dependencies.ts';
import { buildAll } from '../../support/loader-build.ts';
import { askLoader, glibcLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/**
 * A root file system of its own, and as the oracle its own loader inside it, by chroot(8): it lists (without tracing variables,
 * which would trace chroot itself) as long as nothing is missing.
 */
const base = temporaryFolder();
const root = join(base, 'root');
const loaderInside = `/usr/sbin/chroot ${root} ${glibcLoader}`;

beforeAll(async () => {
  for (const file of ['/lib/x86_64-linux-gnu/libc.so.6', glibcLoader]) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    copyFileSync(realpathSync(file), join(root, file));
  }
  mkdirSync(join(root, 'etc'));
  mkdirSync(join(root, 'opt'));
  await buildAll(root, [
    {
      file: 'usr/bin/app',
      program: true,
      needs: ['liba.so', 'libcached.so', 'libc.so.6'],
      rpath: '$ORIGIN/../lib/own:/opt/link',
    },
    { file: 'usr/lib/own/liba.so', needs: ['libb.so', 'libdefault.so'] },
    { file: 'opt/real/libb.so', needs: ['/opt/link/libc1.so'] },
    { file: 'opt/real/libc1.so' },
    { file: 'opt/cached/libcached.so', soname: 'libcached.so' },
    { file: 'usr/lib/x86_64-linux-gnu/libdefault.so' },
    { file: 'opt/preload/libp.so' },
    { file: 'usr/bin/cached', program: true, needs: ['libcached.so'], flags: ['-z', 'nodefaultlib'] },
    { file: 'usr/bin/default', program: true, needs: ['libdefault.so'], flags: ['-z', 'nodefaultlib'] },
  ]);
  // Absolute links inside the root mean the root, and none leads out of it.
  symlinkSync('/opt/real', join(root, 'opt/link'));
  symlinkSync('../../../../../../../../usr/bin/app', join(root, 'opt/app'));
  writeFileSync(join(root, 'etc/ld.so.conf'), '/opt/cached\n');
  execFileSync('/sbin/ldconfig', ['-r', root], { stdio: 'pipe' });
});

const options: TreeOptions = {
  environment: { cwd: '/', libraryPath: '/nonexistent', preload: '/nonexistent.so' },
  sysroot: root,
};
const rules = (tree: DependencyTree): readonly string[] =>
  Object.values(tree.objects).flatMap(({ needs }) => needs.map(({ name, how }) => `${name} ${how?.rule ?? 'missing'}`));

/** Paths inside the root as the loader inside says them; our own are those of the machine, with links followed. */
async function listedInside(file: string): Promise<readonly string[]> {
  const [answer] = await askLoader(loaderInside, { files: [file], mode: 'list' });
  expect(answer?.error).toBeNull();
  return (answer?.objects ?? []).map(({ path }) =>
    realpathSync(join(root, path ?? '').replace('/opt/link/', '/opt/real/')),
  );
}

describe('a sysroot', () => {
  test('is what its own loader sees', async () => {
    const tree = await resolveTree(join(root, 'usr/bin/app'), options);
    expect(tree.problems).toEqual([]);
    expect(tree.loadOrder.slice(1).map(path => realpathSync(path))).toEqual(await listedInside('/usr/bin/app'));
    expect(rules(tree)).toEqual(
      expect.arrayContaining(['liba.so rpath', 'libb.so rpath', '/opt/link/libc1.so path', 'libcached.so cache']),
    );
    expect(tree.loadOrder.every(path => path.startsWith(`${root}/`))).toBe(true);
    expect(tree.command).toMatch(/^readelf /u);
  });

  test('may be named relative to the working folder, and must be there', async () => {
    const environment = { cwd: base };
    const tree = await resolveTree('root/usr/bin/app', { environment, sysroot: './root' });
    expect(tree.problems).toEqual([]);
    const nowhere = resolveTree('/bin/sh', { environment, sysroot: './nowhere' });
    await expect(nowhere).rejects.toMatchObject({
      kind: 'notFound',
      message: expect.stringContaining(join(base, 'nowhere')),
    });
  });

  test('links do not lead out of it', async () => {
    const tree = await resolveTree(join(root, 'opt/app'), options);
    expect(tree.problems).toEqual([]);
    expect(tree.loadOrder).toHaveLength(8);
  });

  test('its preload file holds, what is set on this machine does not', async () => {
    writeFileSync(
      join(root, 'etc/ld.so.preload'),
      '# comment /nonexistent.so\n/opt/preload/libp.so:/nonexistent.so\t\n',
    );
    const tree = await resolveTree(join(root, 'usr/bin/app'), options);
    expect(tree.loadOrder[1]).toBe(join(root, 'opt/preload/libp.so'));
    expect(tree.problems.map(({ code, edge }) => [code, edge])).toEqual([
      ['dependencies/missing-preload', '/nonexistent.so'],
    ]);
    writeFileSync(join(root, 'etc/ld.so.preload'), '');
  });

  test('DF_1_NODEFLIB takes of the cache what is outside of the system folders', async () => {
    const [found, missed] = await askLoader(loaderInside, {
      files: ['/usr/bin/cached', '/usr/bin/default'],
      mode: 'list',
    });
    const trees = await Promise.all(
      ['cached', 'default'].map(name => resolveTree(join(root, 'usr/bin', name), options)),
    );
    expect(trees.map(rules)).toEqual([['libcached.so cache'], ['libdefault.so missing']]);
    expect(found?.objects.map(({ path }) => path)).toEqual(['/opt/cached/libcached.so']);
    expect(missed?.error).toContain('libdefault.so: cannot open shared object file');
  });

  test('links in circles and links that lead nowhere end where they end for its own loader', async () => {
    const names = ['loop', 'deep', 'away', 'file'];
    await buildAll(
      root,
      names.map(name => ({
        file: `usr/bin/${name}`,
        program: true,
        needs: ['libb.so'],
        rpath: `/opt/${name}:/opt/real`,
      })),
    );
    await buildAll(root, [{ file: 'usr/bin/ends', program: true, needs: ['libb.so'], rpath: '/opt/ends:/opt/real' }]);
    symlinkSync('loop', join(root, 'opt/loop'));
    for (let index = 0; index < 45; index += 1) {
      symlinkSync(index === 44 ? 'real' : `deep${index + 1}`, join(root, `opt/deep${index === 0 ? '' : index}`));
    }
    symlinkSync('/../../nowhere/../..', join(root, 'opt/away'));
    writeFileSync(join(root, 'opt/file'), '');
    mkdirSync(join(root, 'opt/ends'));
    symlinkSync('libb.so', join(root, 'opt/ends/libb.so'));
    for (const name of [...names, 'ends']) {
      const [answer] = await askLoader(loaderInside, { files: [`/usr/bin/${name}`], mode: 'list' });
      const { loadOrder } = await resolveTree(join(root, 'usr/bin', name), options);
      const first = loadOrder[1]?.slice(root.length) ?? null;
      expect([name, first]).toEqual([name, answer?.error === null ? answer.objects[0]?.path : null]);
    }
  });

  test('what its preload file names comes first, as its own loader has it', async () => {
    writeFileSync(join(root, 'etc/ld.so.preload'), '/opt/preload/libp.so\n');
    const { loadOrder } = await resolveTree(join(root, 'usr/bin/app'), options);
    expect(loadOrder.slice(1)).toEqual(await listedInside('/usr/bin/app'));
    expect(loadOrder[1]).toBe(join(root, 'opt/preload/libp.so'));
    writeFileSync(join(root, 'etc/ld.so.preload'), '');
  });

  test.each(['new', 'compat', 'old'])(
    'a cache of the format "%s" leads where the loader goes, by levels of the processor',
    async format => {
      const cached = ['', 'glibc-hwcaps/x86-64-v2/', 'glibc-hwcaps/x86-64-v3/'];
      const recipes = cached.map(level => ({ file: `opt/levels/${level}liblevel.so.1`, soname: 'liblevel.so.1' }));
      await buildAll(root, [{ file: 'usr/bin/level', program: true, needs: ['liblevel.so.1'] }, ...recipes]);
      execFileSync('/sbin/ldconfig', ['-r', root, '-c', format, '/opt/levels', '/opt/cached'], { stdio: 'pipe' });
      for (const [hwcaps, mask] of [
        ['x86-64-v2', 'x86-64-v2'],
        ['none', 'nothing'],
        [undefined, undefined],
      ] as const) {
        const loader = mask === undefined ? loaderInside : `${loaderInside} --glibc-hwcaps-mask ${mask}`;
        const [answer] = await askLoader(loader, { files: ['/usr/bin/level'], mode: 'list' });
        const tree = await resolveTree(join(root, 'usr/bin/level'), {
          ...options,
          ...(hwcaps !== undefined && { hwcaps }),
        });
        const theirs = answer?.error === null ? answer.objects.map(({ path }) => path) : [];
        expect(tree.loadOrder.slice(1).map(path => path.slice(root.length))).toEqual(theirs);
        expect(theirs).toHaveLength(1);
      }
      execFileSync('/sbin/ldconfig', ['-r', root], { stdio: 'pipe' });
    },
  );

  test('a damaged cache is told of, and what it still leads to is what the loader finds', async () => {
    const path = join(root, 'etc/ld.so.cache');
    const whole = readFileSync(path);
    const key = whole.indexOf('libcached.so\0');
    const changed = (at: number, ...values: readonly number[]): Buffer => {
      const bytes = Buffer.from(whole);
      for (const [index, value] of values.entries()) bytes[at + index] = value;
      return bytes;
    };
    const count = whole.readUInt32LE(20);
    const damaged: readonly Buffer[] = [
      changed(0, 0x58),
      changed(20, 0xff, 0xff, 0xff, 0x7f),
      changed(28, 3),
      ...Array.from({ length: count }, (_, index) => changed(48 + 24 * index + 4, 0xff, 0xff, 0xff)),
      changed(key, 0x58),
      ...[0, 10, 47, 60, key, whole.length - 3].map(length => whole.subarray(0, length)),
      Buffer.from('ld.so-1.7.0\0\xff\xff\xff\x7f', 'latin1'),
    ];
    let told = 0;
    for (const bytes of damaged) {
      writeFileSync(path, bytes);
      const [answer] = await askLoader(loaderInside, { files: ['/usr/bin/cached'], mode: 'list' });
      const { loadOrder, problems } = await resolveTree(join(root, 'usr/bin/cached'), options);
      const inside = loadOrder.slice(1).map(found => found.slice(root.length));
      expect(inside).toEqual(answer?.error === null ? answer.objects.map(({ path: found }) => found) : []);
      if (problems.some(({ code }) => code === 'dependencies/broken-cache')) told += 1;
    }
    writeFileSync(path, whole);
    expect(told).toBeGreaterThan(damaged.length / 2);
  });

  test('a library path that is asked for holds inside it', async () => {
    const tree = await resolveTree(join(root, 'usr/lib/own/liba.so'), { ...options, libraryPath: '/opt/link' });
    expect(rules(tree)).toContain('libb.so library-path');
  });

  test('a file that is not in it yet is seen with what lies beside it', async () => {
    const outside = join(base, 'outside');
    mkdirSync(outside);
    await buildAll(outside, [
      { file: 'app', program: true, needs: ['libbeside.so', 'libcached.so'], runpath: '$ORIGIN/lib' },
      { file: 'lib/libbeside.so', needs: ['libc.so.6'] },
    ]);
    const tree = await resolveTree(join(outside, 'app'), options);
    expect(tree.problems).toEqual([]);
    expect(tree.loadOrder.slice(1, 3)).toEqual([
      join(outside, 'lib/libbeside.so'),
      join(root, 'opt/cached/libcached.so'),
    ]);
  });
});
