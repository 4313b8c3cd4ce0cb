import { expect, test } from 'vitest';
import { UserError } from '../../../language-server/protocol/errors.ts';
import { createExclusion } from '../../../language-server/scan/exclusion.ts';

test.each<[string, readonly string[], readonly string[]]>([
  ['node_modules', ['node_modules', 'a/node_modules'], ['node_modules2', 'a/node_modules.so']],
  ['**/node_modules', ['node_modules', 'a/b/node_modules'], ['modules']],
  ['**/node_modules/**', ['node_modules', 'a/node_modules'], []],
  ['node_modules/', ['node_modules', 'a/node_modules'], []],
  ['.git', ['.git', 'sub/.git'], ['git', '.gitignore']],
  ['*.debug', ['a.debug', 'x/b.debug', '.debug'], ['debug', 'a.debug.so']],
  ['build/*.so', ['build/a.so'], ['a/build/a.so', 'build/b/a.so', 'a.so']],
  ['./build', ['build'], ['a/build']],
  ['/build', ['build'], ['a/build']],
  ['build/**/*.o', ['build/a.o', 'build/x/y/a.o'], ['src/a.o']],
  ['{out,dist}', ['out', 'a/dist'], ['outer']],
  ['lib?.so', ['liba.so', 'x/libb.so'], ['libab.so', 'lib/.so']],
  ['*', ['a', 'a/b', '.c'], []],
])('%s leaves out what it means', (glob, left, kept) => {
  const isExcluded = createExclusion([glob]);
  expect(left.filter(path => !isExcluded(path))).toEqual([]);
  expect(kept.filter(isExcluded)).toEqual([]);
});

test('several globs leave out what any of them does', () => {
  const isExcluded = createExclusion(['a', '*.b', 'c/d']);
  expect(['a', 'x.b', 'c/d', 'e'].map(isExcluded)).toEqual([true, true, true, false]);
});

test.each(['', '/', '**'])('%j leaves out nothing by accident', glob => {
  expect(createExclusion([glob])('a/b')).toBe(glob === '**');
});

test.each(['{a', '[z', 'x'.repeat(70_000)])('a glob that is none (%.8s) is refused, or means itself', glob => {
  try {
    expect(createExclusion([glob])('a/b')).toBe(false);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
  }
});
