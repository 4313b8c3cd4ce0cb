import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFilePackages } from '../../../language-server/dependencies/packages/file-packages.ts';
import { createNativeDoor } from '../../../language-server/native/create-door.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => false, log: () => undefined });
afterAll(() => door.close());

/** `dpkg -S`, the oracle: the owner of each path that has one. */
function ownersByDpkg(paths: readonly string[]): Readonly<Record<string, string>> {
  let text = '';
  try {
    text = execFileSync('dpkg', ['-S', ...paths], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    // It fails where one of the paths is in no package, and tells the others all the same.
    text = String((error as { readonly stdout?: string }).stdout);
  }
  const lines = text
    .split('\n')
    .flatMap(line => (line.startsWith('diversion ') ? [] : [/^([^ ,]+)[^/]*: (\/.*)$/u.exec(line)]));
  return Object.fromEntries(lines.flatMap(match => (match === null ? [] : [[match[2] ?? '', match[1] ?? '']])));
}

describe('the packages of this machine', () => {
  const folder = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const libraries = readdirSync(`/usr/lib/${folder}`)
    .filter(name => /\.so(\.\d+)*$/u.test(name))
    .map(name => `/usr/lib/${folder}/${name}`);

  test('are those that dpkg names', async () => {
    const { manager, packages } = await findFilePackages({ paths: libraries }, door, undefined);
    expect(manager).toBe('dpkg');
    const expected = ownersByDpkg(libraries);
    expect(Object.keys(expected).length).toBeGreaterThan(20);
    expect(packages).toMatchObject(expected);
    // The others are links that ldconfig has made, or moved by a merged /usr: their own names are in no list.
    const rest = libraries.filter(path => !(path in expected) && path in packages);
    const targets = new Map(rest.map(path => [path, realpathSync(path)]));
    const spellings = [...targets].flatMap(([path, real]) =>
      [path, real].flatMap(name => [name, name.replace(/^\/usr/u, '')]),
    );
    const owners = new Set(Object.values(ownersByDpkg(spellings)));
    expect(rest.filter(path => !owners.has(packages[path] ?? ''))).toEqual([]);
  });

  test('are found for the C library, wherever a merged /usr has it', async () => {
    const libc = realpathSync(execFileSync('cc', ['-print-file-name=libc.so.6'], { encoding: 'utf8' }).trim());
    const { packages } = await findFilePackages({ paths: [libc] }, door, undefined);
    expect(packages[libc]).toMatch(/^libc6(:|$)/u);
  });

  test('are none for files of no package', async () => {
    expect(await findFilePackages({ paths: ['/nowhere/libx.so', ''] }, door, undefined)).toEqual({
      manager: 'dpkg',
      packages: {},
      problems: [],
    });
  });
});

describe('the packages of a sysroot', () => {
  const root = temporaryFolder();
  const info = join(root, 'var/lib/dpkg/info');
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text, 'latin1');
  };
  const packageOf = async (path: string): Promise<string | undefined> =>
    (await findFilePackages({ paths: [join(root, path)], sysroot: `${root}/` }, door, undefined)).packages[
      join(root, path)
    ];

  beforeAll(() => {
    write('usr/lib/liba.so.1.2', '');
    symlinkSync('liba.so.1.2', join(root, 'usr/lib/liba.so.1'));
    write('var/lib/dpkg/info/liba1:armhf.list', '/.\n/usr\n/lib/liba.so.1.2\n/usr/lib/lib\xff.so\n');
    write('var/lib/dpkg/info/mesa.list', '/usr/lib/libGL.so.1\n');
    write('var/lib/dpkg/info/vendor.list', '/usr/lib/libGL.so.1\n');
    write('var/lib/dpkg/diversions', '/usr/lib/libGL.so.1\n/usr/lib/diverted/libGL.so.1\nvendor\n');
  });

  test('are asked of its own database, through links and a merged /usr', async () => {
    expect(await packageOf('usr/lib/liba.so.1')).toBe('liba1:armhf');
  });

  test('are found for names that are not UTF-8', async () => {
    expect(await packageOf('usr/lib/lib\udcff.so')).toBe('liba1:armhf');
  });

  test('follow diversions', async () => {
    expect(await packageOf('usr/lib/libGL.so.1')).toBe('vendor');
    expect(await packageOf('usr/lib/diverted/libGL.so.1')).toBe('mesa');
  });

  test('are those after an installation', async () => {
    expect(await packageOf('usr/lib/libnew.so')).toBeUndefined();
    write('var/lib/dpkg/info/libnew.list', '/usr/lib/libnew.so\n');
    expect(await packageOf('usr/lib/libnew.so')).toBe('libnew');
  });

  test('are unknown where there is no database', async () => {
    rmSync(info, { recursive: true });
    expect(await findFilePackages({ paths: ['/x'], sysroot: root }, door, undefined)).toEqual({
      manager: null,
      packages: {},
      problems: [],
    });
  });
});
