import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFilePackages } from '../../../language-server/dependencies/packages/file-packages.ts';
import { createNativeDoor } from '../../../language-server/native/create-door.ts';
import type { FilePackages } from '../../../language-server/protocol/file-packages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => false, log: () => undefined });
const doorWithoutRpm = createNativeDoor({
  toolPath: tool => (tool === 'rpm' ? '/nowhere/rpm' : undefined),
  isTrusted: () => false,
  log: () => undefined,
});
afterAll(() => Promise.all([door.close(), doorWithoutRpm.close()]));

function write(root: string, path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, 'latin1');
}

async function packagesOf(root: string, paths: readonly string[], by = door): Promise<FilePackages> {
  const found = await findFilePackages({ paths: paths.map(path => join(root, path)), sysroot: root }, by, undefined);
  const packages = Object.entries(found.packages).map(([path, name]) => [path.slice(root.length + 1), name] as const);
  return { ...found, packages: Object.fromEntries(packages) };
}

describe('apk', () => {
  const database = [
    'C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=',
    'P:musl',
    'V:1.2.4-r2',
    'A:x86_64',
    'F:lib',
    'R:ld-musl-x86_64.so.1',
    'a:0:0:755',
    'Z:Q1IIpYvS4XLnyXnUsm1LFIkYzGBzc=',
    'R:libc.musl-x86_64.so.1',
    'a:0:0:777',
    '',
    'P:zlib',
    'V:1.2.13-r1',
    'F:',
    'R:at-the-root.so',
    'F:usr',
    'F:usr/lib',
    'R:libz.so.1.2.13',
    'R:lib\xff.so',
    '',
    '',
  ].join('\n');

  test.each(['lib', 'usr/lib'])('by its database below %s', async folder => {
    const root = temporaryFolder();
    write(root, `${folder}/apk/db/installed`, database);
    write(root, 'usr/lib/libz.so.1.2.13');
    symlinkSync('libz.so.1.2.13', join(root, 'usr/lib/libz.so.1'));
    const paths = [
      'lib/ld-musl-x86_64.so.1',
      'usr/lib/libz.so.1',
      'usr/lib/lib\udcff.so',
      'at-the-root.so',
      'usr/lib/other.so',
    ];
    expect(await packagesOf(root, paths)).toEqual({
      manager: 'apk',
      packages: {
        'lib/ld-musl-x86_64.so.1': 'musl',
        'usr/lib/libz.so.1': 'zlib',
        'usr/lib/lib\udcff.so': 'zlib',
        'at-the-root.so': 'zlib',
      },
      problems: [],
    });
  });
});

describe('pacman', () => {
  test('by the list of each package, also where its lists begin with something else', async () => {
    const root = temporaryFolder();
    const local = 'var/lib/pacman/local';
    write(root, `${local}/ALPM_DB_VERSION`, '9\n');
    write(
      root,
      `${local}/gcc-libs-13.2.1-3/files`,
      '%FILES%\nusr/\nusr/lib/\nusr/lib/libgcc_s.so.1\n\n%BACKUP%\netc/x.so\t0123\n',
    );
    write(root, `${local}/lib32-glibc-2.38-7/files`, '%XDATA%\npkgtype=pkg\n\n%FILES%\nusr/lib32/libc.so.6\n');
    write(root, `${local}/half-removed-1-1/desc`, '%NAME%\nhalf-removed\n');
    const paths = [
      'usr/lib/libgcc_s.so.1',
      'lib/libgcc_s.so.1',
      'usr/lib32/libc.so.6',
      'etc/x.so\t0123',
      'usr/lib/none.so',
    ];
    expect(await packagesOf(root, paths)).toEqual({
      manager: 'pacman',
      packages: {
        'usr/lib/libgcc_s.so.1': 'gcc-libs',
        'lib/libgcc_s.so.1': 'gcc-libs',
        'usr/lib32/libc.so.6': 'lib32-glibc',
      },
      problems: [],
    });
    write(root, `${local}/none-1-1/files`, '%FILES%\nusr/lib/none.so\n');
    expect((await packagesOf(root, paths)).packages['usr/lib/none.so']).toBe('none');
  });
});

/** Two packages that rpmbuild has built, in a database that rpm has made. */
describe('rpm', () => {
  const work = temporaryFolder();
  let built: readonly string[] = [];

  const rpm = (program: string, ...args: readonly string[]): void => {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: work });
  };
  const build = (name: string, files: readonly string[]): void => {
    const spec = [
      ...[`Name: ${name}`, 'Version: 1.2', 'Release: 3', 'Summary: x', 'License: MIT', 'BuildArch: noarch'],
      ...['%description', 'x', '%install'],
      ...files.map(file => `mkdir -p %{buildroot}${dirname(file)}; echo x > "%{buildroot}${file}"`),
      ...['%files', ...files.map(file => `"${file}"`)],
    ];
    writeFileSync(join(work, `${name}.spec`), `${spec.join('\n')}\n`);
    rpm('rpmbuild', '--define', `_topdir ${work}/top`, '--define', `_dbpath ${work}/builddb`, '-bb', `${name}.spec`);
  };
  const install = (database: string): void => {
    mkdirSync(database, { recursive: true });
    rpm('rpm', '--dbpath', database, '--initdb');
    rpm('rpm', '--dbpath', database, '--install', '--justdb', '--nodeps', '--noscripts', '--force-debian', ...built);
  };

  beforeAll(() => {
    build('libdemo', ['/usr/lib64/libdemo.so.1', '/usr/lib64/lib with space.so', '/lib64/liblow.so']);
    build('other', ['/opt/other/libother.so']);
    const folder = join(work, 'top/RPMS/noarch');
    built = readdirSync(folder).map(name => join(folder, name));
  });

  const paths = [
    'usr/lib64/libdemo.so.1',
    'usr/lib64/lib with space.so',
    'usr/lib64/liblow.so',
    'opt/other/libother.so',
    'none.so',
  ];
  const expected = {
    manager: 'rpm',
    packages: {
      'usr/lib64/libdemo.so.1': 'libdemo.noarch',
      'usr/lib64/lib with space.so': 'libdemo.noarch',
      'usr/lib64/liblow.so': 'libdemo.noarch',
      'opt/other/libother.so': 'other.noarch',
    },
    problems: [],
  };

  test.each(['var/lib/rpm', 'usr/lib/sysimage/rpm'])('by its database in %s', async place => {
    const root = temporaryFolder();
    install(join(root, place));
    expect(await packagesOf(root, paths)).toEqual(expected);
  });

  test('the name of a sysroot is not taken for a macro, which could run a command', async () => {
    const plain = join(work, 'plain');
    install(join(plain, 'var/lib/rpm'));
    const root = join(work, '%(touch run) %{name} %%');
    renameSync(plain, root);
    expect(await packagesOf(root, paths)).toEqual(expected);
    expect(existsSync(join(root, 'var/lib/rpm/run')) || existsSync('run')).toBe(false);
  });

  test('beside a database of dpkg, which has the first word', async () => {
    const root = temporaryFolder();
    install(join(root, 'var/lib/rpm'));
    write(root, 'var/lib/dpkg/info/libdemo1:amd64.list', '/usr/lib64/libdemo.so.1\n');
    const { manager, packages } = await packagesOf(root, paths);
    expect(manager).toBe('dpkg');
    expect(packages).toEqual({ ...expected.packages, 'usr/lib64/libdemo.so.1': 'libdemo1:amd64' });
  });

  test('a database that is damaged is a problem, not a failure', async () => {
    const root = temporaryFolder();
    write(root, 'var/lib/rpm/rpmdb.sqlite', 'no database');
    const { manager, packages, problems } = await packagesOf(root, paths);
    expect({ manager, packages }).toEqual({ manager: 'rpm', packages: {} });
    expect(problems).toEqual([expect.stringMatching(/^rpm cannot read its database: error: /u)]);
  });

  test('without rpm there is the way to get it', async () => {
    const root = temporaryFolder();
    install(join(root, 'var/lib/rpm'));
    const { problems } = await packagesOf(root, paths, doorWithoutRpm);
    expect(problems).toEqual([expect.stringMatching(/rpm/u)]);
    expect(await packagesOf(root, paths)).toEqual(expected);
  });
});
