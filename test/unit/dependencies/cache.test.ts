import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cachedPath, compareLibraryNames } from '../../../language-server/dependencies/glibc/cache-lookup.ts';
import { cachedKey, type LdSoCache, parseLdSoCache } from '../../../language-server/dependencies/glibc/ld-so-cache.ts';
import { buildAll } from '../../support/loader-build.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

function parsed(bytes: Buffer): LdSoCache {
  const { cache, findings } = parseLdSoCache(bytes, 'little');
  expect(findings).toEqual([]);
  if (cache === null) throw new Error('no cache');
  return cache;
}

/** Name and path of each line of `ldconfig -p`. */
function printed(...options: readonly string[]): readonly string[] {
  const text = execFileSync('/sbin/ldconfig', [...options, '-p'], { encoding: 'utf8', env: { LC_ALL: 'C' } });
  return text.split('\n').flatMap(line => {
    const [, name, path] = /^\t(\S+) \(.*\) => (.*)$/u.exec(line) ?? [];
    return name === undefined ? [] : [`${name} ${path}`];
  });
}

function entriesOf(cache: LdSoCache): readonly string[] {
  return cache.entries.map(entry => `${cachedKey(cache, entry)} ${cachedPath(cache, entry)}`);
}

test('the cache of this machine, as ldconfig prints it', () => {
  const cache = parsed(readFileSync('/etc/ld.so.cache'));
  expect(cache.entries.length).toBeGreaterThan(10);
  expect(entriesOf(cache)).toEqual(printed());
  expect(cache.generator).toMatch(/^ldconfig \(.*GLIBC.*\)/u);
  const keys = cache.entries.map(entry => cachedKey(cache, entry) ?? '');
  const sorted = keys.every((key, index) => index === 0 || compareLibraryNames(keys[index - 1] ?? '', key) >= 0);
  expect(sorted).toBe(true);
});

test.each(['new', 'old', 'compat'])(
  'a cache of libraries of several hwcaps, written in the format "%s"',
  async format => {
    const root = join(folder, format);
    mkdirSync(join(root, 'etc'), { recursive: true });
    await buildAll(
      root,
      [
        'lib/liba.so.1',
        'lib/glibc-hwcaps/x86-64-v2/liba.so.1',
        'lib/glibc-hwcaps/x86-64-v3/liba.so.1',
        'lib/libb.so.10',
        'lib/libb.so.9',
      ].map(file => ({ file, soname: file.slice(file.lastIndexOf('/') + 1) })),
    );
    execFileSync('/sbin/ldconfig', ['-r', root, '-c', format, '/lib'], { stdio: 'pipe' });
    const cache = parsed(readFileSync(join(root, 'etc/ld.so.cache')));
    expect(cache.format).toBe({ new: 'new', old: 'old', compat: 'old with new' }[format]);
    expect(entriesOf(cache)).toEqual(printed('-r', root));
    if (format === 'new') expect(cache.hwcapNames).toEqual(['x86-64-v2', 'x86-64-v3']);
  },
);

test('a damaged cache: findings, or an answer, but no exception', () => {
  const bytes = readFileSync(join(folder, 'new/etc/ld.so.cache'));
  for (let length = 0; length < bytes.length; length += 5) {
    const { cache, findings } = parseLdSoCache(bytes.subarray(0, length), 'little');
    if (cache === null) expect(findings.length).toBeGreaterThan(0);
  }
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = 0xff;
    const { cache, findings } = parseLdSoCache(changed, 'little');
    if (cache === null) expect(findings[0]).toMatchObject({ code: 'dependencies/broken-cache' });
    else for (const entry of cache.entries) cachedPath(cache, entry);
  }
});

test('a cache of the other byte order is no cache', () => {
  const { cache, findings } = parseLdSoCache(readFileSync('/etc/ld.so.cache'), 'big');
  expect(cache).toBeNull();
  expect(findings).toHaveLength(1);
});

test.each([
  ['libb.so.10', 'libb.so.9', 1],
  ['libb.so.9', 'libb.so.10', -1],
  ['liba.so.1', 'liba.so.01', 0],
  ['liba.so', 'liba.so.1', -1],
  ['liba1.so', 'liba.so', 1],
  ['libA.so', 'liba.so', -1],
])('%s against %s', (first, second, sign) => {
  expect(Math.sign(compareLibraryNames(first, second))).toBe(sign);
});
