import { describe, expect, test } from 'vitest';
import type { DependencyTree } from '../../../language-server/protocol/dependencies.ts';
import { type PathTarget, pathsTo, waysTo } from '../../../language-server/protocol/tree-paths.ts';
import { chainOf, treeOf } from '../../support/dependency-trees.ts';

const object = (id: string): PathTarget => ({ object: id });
const shown = (tree: DependencyTree, target: PathTarget, limit = 100): readonly string[] =>
  pathsTo(tree, target, limit).paths.map(path =>
    [...path.map(({ requester }) => requester), path.at(-1)?.need.object ?? '?'].join(' '),
  );

/** Every simple path, by trying all: slow, and too simple to be wrong. */
function allPaths(tree: DependencyTree, at: string, target: string, above: readonly string[] = []): readonly string[] {
  const way = [...above, at];
  if (at === target) return [way.join(' ')];
  const needs = new Set((tree.objects[at]?.needs ?? []).flatMap(({ object: id }) => id ?? []));
  return [...needs].filter(id => !way.includes(id)).flatMap(id => allPaths(tree, id, target, way));
}

describe('every path to a library', () => {
  const lattice = treeOf({
    '/app': ['/a', '/b', '/z'],
    '/a': ['/c', '/d'],
    '/b': ['/c', '/a'],
    '/c': ['/z', '/a'],
    '/d': ['/z', '/app'],
    '/z': [],
  });

  test.each(['/a', '/b', '/c', '/d', '/z'])('is found, shortest first: %s', target => {
    const found = shown(lattice, object(target));
    expect([...found].sort()).toEqual([...allPaths(lattice, '/app', target)].sort());
    const lengths = found.map(path => path.split(' ').length);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  });

  test('leads to a name that is not found as well', () => {
    const tree = treeOf({ '/app': ['/a', '!gone'], '/a': ['!gone', '!other'] });
    expect(shown(tree, { missing: 'gone' })).toEqual(['/app ?', '/app /a ?']);
  });

  test('is none where nothing leads there, and an empty one to the root', () => {
    expect(pathsTo(lattice, object('/nowhere'), 9)).toEqual({ paths: [], complete: true });
    expect(pathsTo(lattice, object('/app'), 9)).toEqual({ paths: [[]], complete: true });
  });

  test('is long in a chain of a thousand that ends where it began', () => {
    const { paths, complete } = pathsTo(chainOf(1000), object('/lib/libchain-1000.so'), 9);
    expect([paths.map(({ length }) => length), complete]).toEqual([[1000], true]);
  });

  test('of too many are the shortest ones, at once', () => {
    // 2^30 paths: two libraries a level, each of which needs both of the next.
    const level = (at: number): readonly string[] => (at < 30 ? [`/l${at}`, `/r${at}`] : ['/end']);
    const pairs = Array.from({ length: 30 }, (_, at) => level(at).map(name => [name, level(at + 1)] as const)).flat();
    const tree = treeOf(Object.fromEntries([['/app', level(0)], ...pairs, ['/end', []]]));
    const { paths, complete } = pathsTo(tree, object('/end'), 50);
    expect([paths.length, complete]).toEqual([50, false]);
    expect(new Set(paths.map(({ length }) => length))).toEqual(new Set([31]));
  });

  test('ends where cycles have no way out but one', () => {
    const names = Array.from({ length: 14 }, (_, at) => `/k${at}`);
    const tree = treeOf(
      Object.fromEntries([
        ['/app', ['/k0', '/end']],
        ...names.map(
          name => [name, [...names.filter(other => other !== name), ...(name === '/k13' ? ['/end'] : [])]] as const,
        ),
        ['/end', []],
      ]),
    );
    const { paths } = pathsTo(tree, object('/end'), 20);
    expect(paths[0]).toHaveLength(1);
    expect(paths).toHaveLength(20);
  });

  test('covers together what is marked in a picture', () => {
    const { objects, needs } = waysTo(lattice, object('/d'));
    const paths = allPaths(lattice, '/app', '/d');
    expect([...objects].sort()).toEqual([...new Set(paths.flatMap(path => path.split(' ')))].sort());
    expect(needs.size).toBeGreaterThan(objects.size - 1);
  });
});
