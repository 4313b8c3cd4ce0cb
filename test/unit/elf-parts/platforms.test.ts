import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { firstGccWith, gccRuntime } from '../../../language-server/elf/platforms/gcc-runtime.ts';
import { platformMachine } from '../../../language-server/elf/platforms/machines.ts';
import { muslFloorOf } from '../../../language-server/elf/platforms/musl-floor.ts';
import { oldestPlatforms, type PlatformQuery } from '../../../language-server/elf/platforms/oldest-platforms.ts';
import { families } from '../../../language-server/elf/platforms/releases.ts';
import { remediesFor } from '../../../language-server/elf/platforms/remedies.ts';
import { manylinuxProfiles } from '../../../language-server/elf/platforms/wheel-profiles.ts';
import { compareVersions } from '../../../language-server/elf/versions/version-floors.ts';

function oldest(query: Partial<PlatformQuery>): Readonly<Record<string, string>> {
  const verdicts = oldestPlatforms({ floors: {}, machine: 'x86_64', libc: 'glibc', needed: [], ...query });
  return Object.fromEntries(verdicts.map(({ family, oldest: found, kind }) => [family, found?.name ?? kind]));
}

test('a program of today, by what it needs of glibc', () => {
  expect(oldest({ floors: { GLIBC: '2.34' } })).toEqual({
    Debian: '12 (bookworm)',
    Ubuntu: '22.04',
    'RHEL, AlmaLinux, Rocky Linux': '9',
    Fedora: '40',
    'Amazon Linux': '2023',
    'openSUSE Leap': '15.6',
    'Alpine Linux': 'otherLibc',
    manylinux: 'manylinux_2_34',
  });
});

test('versions are compared as numbers', () => {
  expect(oldest({ floors: { GLIBC: '2.4' } })['Debian']).toBe('10 (buster)');
  expect(oldest({ floors: { GLIBC: '2.4' } })['manylinux']).toBe('manylinux_2_5 (manylinux1)');
  expect(oldest({ floors: { GLIBC: '2.9' } })['manylinux']).toBe('manylinux_2_12 (manylinux2010)');
  expect(oldest({ floors: { GLIBCXX: '3.4.9' } })['RHEL, AlmaLinux, Rocky Linux']).toBe('7 (RHEL, CentOS)');
});

test('the C++ library can ask for more than glibc', () => {
  const query = { floors: { GLIBC: '2.17', GLIBCXX: '3.4.30', CXXABI: '1.3.13' } };
  expect(oldest(query)).toMatchObject({ Debian: '12 (bookworm)', Ubuntu: '22.04', 'Amazon Linux': 'tooNew' });
  const [debian] = oldestPlatforms({ ...query, machine: 'x86_64', libc: 'glibc', needed: [] });
  expect(debian?.reasons).toEqual([
    { family: 'GLIBCXX', needs: '3.4.30', has: '3.4.28' },
    { family: 'CXXABI', needs: '1.3.13', has: '1.3.12' },
  ]);
});

test('what is newer than all', () => {
  const query = { floors: { GLIBC: '2.99' } };
  expect(oldest(query)).toMatchObject({ Debian: 'tooNew', Ubuntu: 'tooNew', Fedora: 'tooNew', manylinux: 'tooNew' });
  const verdicts = oldestPlatforms({ ...query, machine: 'x86_64', libc: 'glibc', needed: [] });
  expect(verdicts[1]?.reasons).toEqual([{ family: 'GLIBC', needs: '2.99', has: '2.43' }]);
});

test('machines', () => {
  expect(oldest({ floors: { GLIBC: '2.27' }, machine: 'riscv64' })).toMatchObject({
    Debian: '13 (trixie)',
    Ubuntu: '20.04',
    'RHEL, AlmaLinux, Rocky Linux': 'otherMachine',
    manylinux: 'manylinux_2_31',
  });
  expect(oldest({ machine: null })['Debian']).toBe('otherMachine');
  expect(platformMachine(62, 64, 'little')).toBe('x86_64');
  expect(platformMachine(21, 64, 'big')).toBe('ppc64');
  expect(platformMachine(62, 32, 'little')).toBeNull();
  expect(platformMachine(8, 32, 'big')).toBeNull();
});

test('musl', () => {
  const query = { libc: 'musl', floors: { MUSL: '1.2.3' } } as const;
  expect(oldest(query)).toEqual({
    Debian: 'otherLibc',
    Ubuntu: 'otherLibc',
    'RHEL, AlmaLinux, Rocky Linux': 'otherLibc',
    Fedora: 'otherLibc',
    'Amazon Linux': 'otherLibc',
    'openSUSE Leap': 'otherLibc',
    'Alpine Linux': '3.16',
    musllinux: 'tooNew',
  });
  expect(oldest({ libc: 'musl' })).toMatchObject({ 'Alpine Linux': '3.12', musllinux: 'musllinux_1_1' });
  expect(muslFloorOf(['printf', 'statx', 'qsort_r', 'preadv2'])).toEqual({
    version: '1.2.5',
    symbols: ['statx', 'preadv2'],
  });
  expect(muslFloorOf(['__stat_time64', '__clock_gettime64', '__gmtime64_r'])).toMatchObject({ version: '1.2.0' });
  expect(muslFloorOf(['printf'])).toBeNull();
});

test('a static program runs everywhere', () => {
  const verdicts = oldestPlatforms({ floors: {}, machine: 'x86_64', libc: 'none', needed: [] });
  expect(verdicts.map(({ kind }) => kind)).toEqual(verdicts.map(() => 'runs'));
  expect(verdicts.map(({ oldest: found }) => found?.name)).toContain('3.12');
});

test('libraries that a wheel must hold', () => {
  const needed = ['libc.so.6', 'ld-linux-x86-64.so.2', 'libopenblas.so.0', 'libmvec.so.1'];
  const wheel = oldestPlatforms({ floors: { GLIBC: '2.14' }, machine: 'x86_64', libc: 'glibc', needed }).at(-1);
  expect(wheel).toMatchObject({
    family: 'manylinux',
    bundle: ['libopenblas.so.0'],
    oldest: { name: 'manylinux_2_24' },
  });
});

test('exceptions of a machine in a profile', () => {
  const query = (machine: PlatformQuery['machine'], floors: Readonly<Record<string, string>>) =>
    oldest({ machine, floors })['manylinux'];
  expect(query('x86_64', { GLIBC: '2.26', GLIBCXX: '3.4.24' })).toBe('manylinux_2_27');
  expect(query('s390x', { GLIBC: '2.26', GLIBCXX: '3.4.24' })).toBe('manylinux_2_26');
  expect(query('x86_64', { LIBATOMIC: '1.0' })).toBe('manylinux_2_24');
});

test('levels never fall from one release to the next', () => {
  for (const { name, releases } of families) {
    for (const [at, release] of releases.entries()) {
      const before = releases[at - 1];
      if (before === undefined) continue;
      expect(compareVersions(release.glibc ?? '0', before.glibc ?? '0'), name).toBeGreaterThanOrEqual(0);
      expect(compareVersions(release.musl ?? '0', before.musl ?? '0'), name).toBeGreaterThanOrEqual(0);
      expect(compareVersions(release.gcc, before.gcc), name).toBeGreaterThanOrEqual(0);
    }
    expect(releases.every(({ gcc }) => gccRuntime(gcc) !== null)).toBe(true);
  }
  const glibcs = manylinuxProfiles.map(({ name }) => name.replace(/^manylinux_/u, '').replace('_', '.'));
  expect([...glibcs].sort(compareVersions)).toEqual(glibcs);
});

test('releases of GCC and their C++ libraries', () => {
  expect(gccRuntime('4.8.5')).toMatchObject({ glibcxx: '3.4.19', cxxabi: '1.3.7' });
  expect(gccRuntime('10.2.1')).toMatchObject({ glibcxx: '3.4.28', cxxabi: '1.3.12' });
  expect(gccRuntime('3.3')).toBeNull();
  expect(firstGccWith('GLIBCXX', '3.4.29')).toBe('11.1.0');
  expect(firstGccWith('CXXABI', '9.9')).toBeNull();
});

/** The C++ library of the machine at hand is that of its compiler or of a newer one. */
test('the table of GCC agrees with the library that is here', () => {
  const library = execFileSync('g++', ['-print-file-name=libstdc++.so.6'], { encoding: 'utf8' }).trim();
  const text = execFileSync('readelf', ['-VW', library], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const newest = (family: string): string =>
    [...text.matchAll(new RegExp(`Name: ${family}_(\\d[\\d.]*)\\b`, 'gu'))]
      .map(match => match[1] ?? '')
      .sort(compareVersions)
      .at(-1) ?? '';
  const gcc = execFileSync('g++', ['-dumpfullversion'], { encoding: 'utf8' }).trim();
  expect(gccRuntime(gcc)).toMatchObject({ glibcxx: newest('GLIBCXX'), cxxabi: newest('CXXABI') });
});

test('remedies fit what stands in the way', () => {
  const ids = (families_: readonly string[], symbols: readonly string[] = []): readonly string[] =>
    remediesFor(families_, symbols).map(({ id }) => id);
  expect(ids(['GLIBCXX'])).toEqual(['older-container', 'static-libstdcxx', 'older-toolset', 'bundle-libstdcxx']);
  expect(ids(['GLIBC'])).toEqual(['older-container', 'older-sysroot', 'static-musl', 'avoid-function']);
  expect(ids(['GLIBC'], ['memcpy'])[0]).toBe('symver');
  expect(ids(['GLIBC'], ['GLIBC_ABI_DT_RELR'])[0]).toBe('nopack-relative-relocs');
  expect(ids(['BUNDLE'])).toEqual(['auditwheel-repair']);
  expect(remediesFor(['GLIBC'], [], '2.31').find(({ id }) => id === 'older-sysroot')?.example).toContain('gnu.2.31');
});
