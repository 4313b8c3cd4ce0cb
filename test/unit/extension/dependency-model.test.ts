import { describe, expect, test } from 'vitest';
import {
  childrenOfNode,
  childrenOfTree,
  type DependencyNode,
  type NeedNode,
  nodeOfPath,
  noFilter,
  rootNode,
} from '../../../extension/dependency-tree/model.ts';
import type { DependencyTree, TreeProblem } from '../../../language-server/protocol/dependencies.ts';
import { pathsTo } from '../../../language-server/protocol/tree-paths.ts';
import { chainOf, treeOf } from '../../support/dependency-trees.ts';

const root = rootNode('file:///app');
const needs = (nodes: readonly DependencyNode[]): readonly NeedNode[] =>
  nodes.flatMap(node => (node.kind === 'need' ? [node] : []));
const names = (nodes: readonly DependencyNode[]): readonly string[] => needs(nodes).map(({ need }) => need.name);

describe('the lines of the view', () => {
  const tree = treeOf({ '/app': ['/a.so', '/b.so', '!gone.so'], '/a.so': ['/b.so'], '/b.so': ['/a.so'] });

  test('are made when they are opened, and end where an object is below itself', () => {
    const [a] = needs(childrenOfTree(root, tree, noFilter));
    const [b] = needs(a === undefined ? [] : childrenOfNode(a, noFilter));
    const [again] = needs(b === undefined ? [] : childrenOfNode(b, noFilter));
    expect([a?.need.name, b?.need.name, again?.need.name, again?.repeats]).toEqual(['a.so', 'b.so', 'a.so', true]);
    expect(again === undefined ? undefined : childrenOfNode(again, noFilter)).toEqual([]);
  });

  test('have the candidates of a missing library below it', () => {
    const gone = needs(childrenOfTree(root, tree, noFilter))[2];
    const candidates = gone === undefined ? [] : childrenOfNode(gone, noFilter);
    expect(candidates).toMatchObject([
      { kind: 'candidate', candidate: { path: '/usr/lib/gone.so', outcome: 'No such file or directory' } },
    ]);
  });

  test('have a version that a library lacks below the need for it, and keep it under "only problems"', () => {
    const problem: TreeProblem = {
      code: 'dependencies/missing-version',
      severity: 'error',
      message: "b.so: version `B_2' not found",
      object: '/app',
      edge: 'b.so',
    };
    const old: DependencyTree = {
      ...treeOf({ '/app': ['/a.so', '/b.so'], '/a.so': [], '/b.so': [] }),
      problems: [problem],
    };
    const shown = childrenOfTree(root, old, { onlyProblems: true, hideSystem: false });
    expect(names(shown)).toEqual(['b.so']);
    const [b] = needs(shown);
    expect(b === undefined ? [] : childrenOfNode(b, noFilter)).toMatchObject([{ kind: 'problem', problem }]);
  });

  test('are the same lines again, by their ids, and others elsewhere', () => {
    const ids = (nodes: readonly DependencyNode[]): readonly string[] => nodes.map(({ id }) => id);
    const first = childrenOfTree(root, tree, noFilter);
    expect(ids(childrenOfTree(root, tree, noFilter))).toEqual(ids(first));
    const below = needs(first).flatMap(node => childrenOfNode(node, noFilter));
    expect(new Set(ids([...first, ...below])).size).toBe(first.length + below.length);
  });

  test('go a thousand levels down, with ids that stay short', () => {
    const chain = chainOf(1000);
    const [path = []] = pathsTo(chain, { object: '/lib/libchain-1000.so' }, 1).paths;
    const last = nodeOfPath(root, chain, path);
    let depth = 0;
    for (let node: DependencyNode = last; node.kind === 'need'; node = node.parent) depth += 1;
    expect(depth).toBe(1000);
    expect(last.id.length).toBeLessThan(40);
    const [cycle] = needs(last.kind === 'need' ? childrenOfNode(last, noFilter) : []);
    expect([cycle?.need.name, cycle?.repeats]).toEqual(['libchain-1.so', true]);
  });
});
