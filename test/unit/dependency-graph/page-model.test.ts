import { describe, expect, test } from 'vitest';
import type { DependencyTree, SoftEdge } from '../../../language-server/protocol/dependencies.ts';
import { waysTo } from '../../../language-server/protocol/tree-paths.ts';
import { createPageModel, type PageModel } from '../../../media/dependency-graph/page-model.ts';
import { movedRow } from '../../../media/dependency-graph/tree/tree-keys.ts';
import { nodesAbove, type RowFilter, treeRows } from '../../../media/dependency-graph/tree/tree-rows.ts';
import { chainOf, treeOf } from '../../support/dependency-trees.ts';

const modelOf = (tree: DependencyTree): PageModel =>
  createPageModel({ tree, reasons: {}, softReasons: {}, cutNeeds: 0 });
const all: RowFilter = { query: '', onlyProblems: false, hideSystem: false, soft: true, ways: null, packages: {} };
const everything = (model: PageModel): ReadonlySet<string> => new Set(model.edgesFrom.keys());
const shown = (model: PageModel, filter: RowFilter = all): readonly string[] =>
  treeRows(model, everything(model), filter).map(
    ({ level, node, edge }) => `${'  '.repeat(level - 1)}${node.label}${edge?.loads === false ? ' *' : ''}`,
  );

const diamond = treeOf({
  '/app': ['/opt/a.so', '/opt/b.so', '!gone.so'],
  '/opt/a.so': ['/opt/c.so'],
  '/opt/b.so': ['/opt/c.so', '/usr/lib/libc.so.6'],
  '/opt/c.so': ['/opt/a.so', '!gone.so'],
  '/usr/lib/libc.so.6': [],
});

describe('the lines of the tree', () => {
  test('have what an object needs once, where the loader loads it', () => {
    expect(shown(modelOf(diamond))).toEqual([
      'app',
      '  a.so',
      '    c.so',
      '      a.so *',
      '      gone.so *',
      '  b.so',
      '    c.so *',
      '    libc.so.6',
      '  gone.so *',
    ]);
  });

  test('are one a need, however many there are', () => {
    const model = modelOf(chainOf(1000));
    const rows = treeRows(model, everything(model), all);
    expect(rows).toHaveLength(1002);
    expect(rows.at(-2)?.level).toBe(1001);
    expect(nodesAbove(model, [...model.edges.values()].at(-2) ?? never())).toHaveLength(1000);
  });

  test('lead to what is looked for, by name, path or package', () => {
    const model = modelOf(diamond);
    expect(shown(model, { ...all, query: ' LIBC ' })).toEqual(['app', '  b.so', '    libc.so.6']);
    expect(shown(model, { ...all, query: 'opt/c' })).toEqual(['app', '  a.so', '    c.so', '  b.so', '    c.so *']);
    expect(shown(model, { ...all, query: 'libc6', packages: { '/usr/lib/libc.so.6': 'libc6:amd64' } })).toEqual([
      'app',
      '  b.so',
      '    libc.so.6',
    ]);
  });

  test('can be those with problems only', () => {
    expect(shown(modelOf(diamond), { ...all, onlyProblems: true }).map(line => line.trim())).toContain('gone.so *');
    expect(shown(modelOf(diamond), { ...all, onlyProblems: true }).join()).not.toContain('libc');
  });

  test('can be those on the way to one library only', () => {
    const ways = waysTo(diamond, { object: '/usr/lib/libc.so.6' });
    expect(shown(modelOf(diamond), { ...all, ways })).toEqual(['app', '  b.so', '    libc.so.6']);
  });

  test('hide what came by the loader’s own cache from a folder of the distribution, and nothing else', () => {
    const found = (rule: 'cache' | 'runpath', path: string): DependencyTree => {
      const tree = treeOf({ '/app': [path], [path]: [] });
      const app = tree.objects['/app'] ?? never();
      const needs = app.needs.map(need => ({ ...need, how: { rule, from: '/etc/ld.so.cache' } }));
      return { ...tree, objects: { ...tree.objects, '/app': { ...app, needs } } };
    };
    const isHidden = (tree: DependencyTree): boolean => shown(modelOf(tree), { ...all, hideSystem: true }).length === 1;
    expect(isHidden(found('cache', '/usr/lib/x86_64-linux-gnu/liba.so'))).toBe(true);
    expect(isHidden(found('cache', '/lib64/liba.so'))).toBe(true);
    expect(isHidden(found('runpath', '/usr/lib/liba.so'))).toBe(false);
    expect(isHidden(found('cache', '/usr/local/lib/liba.so'))).toBe(false);
    expect(isHidden(found('cache', '/opt/lib/liba.so'))).toBe(false);
  });

  test('have soft edges as such, to files that are loaded, that may be, and that are not there', () => {
    const soft = (name: string, object: string | null, path: string | null): SoftEdge => ({
      ...{ kind: 'dlopen-hint', name, object, path, how: null, tried: [] },
    });
    const app = diamond.objects['/app'] ?? never();
    const softEdges = [
      soft('a.so', '/opt/a.so', '/opt/a.so'),
      soft('later.so', null, '/opt/later.so'),
      soft('nowhere.so', null, null),
    ];
    const model = modelOf({ ...diamond, objects: { ...diamond.objects, '/app': { ...app, softEdges } } });
    const edges = (model.edgesFrom.get('o /app') ?? []).filter(({ isSoft }) => isSoft);
    expect(edges.map(({ to }) => model.nodes.get(to)?.state)).toEqual(['loaded', 'later', 'absent']);
    expect(edges.some(({ isProblem }) => isProblem)).toBe(false);
    expect(shown(model, { ...all, soft: false })).toEqual(shown(modelOf(diamond)));
  });
});

describe('keys in the tree', () => {
  const model = modelOf(diamond);
  const rows = treeRows(model, new Set(['o /app', 'o /opt/a.so']), all);
  const at = (label: string): number => rows.findIndex(({ node }) => node.label === label);
  const target = (key: string, from: string): string => {
    const done = movedRow(key, rows, at(from), 2);
    return done === null ? 'nothing' : `${done.action} ${rows[done.to]?.node.label}`;
  };

  test.each([
    ['ArrowRight', 'a.so', 'select c.so'],
    ['ArrowRight', 'c.so', 'expand c.so'],
    ['ArrowLeft', 'a.so', 'collapse a.so'],
    ['ArrowLeft', 'c.so', 'select a.so'],
    ['ArrowRight', 'gone.so', 'select gone.so'],
    ['Home', 'b.so', 'select app'],
    ['End', 'app', 'select gone.so'],
    ['PageDown', 'app', 'select c.so'],
    ['Enter', 'b.so', 'open b.so'],
    ['w', 'b.so', 'why b.so'],
    ['*', 'app', 'expandAll app'],
    ['x', 'app', 'nothing'],
  ])('%s on %s: %s', (key, from, expected) => {
    expect(target(key, from)).toBe(expected);
  });

  test('lead from a repeated line to where the library is loaded', () => {
    const open = treeRows(model, everything(model), all);
    const repeated = open.findIndex(({ node, edge }) => node.label === 'a.so' && edge?.loads === false);
    expect(movedRow('ArrowRight', open, repeated, 2)).toEqual({ to: repeated, action: 'jump' });
  });
});

function never(): never {
  throw new Error('It is there.');
}
