import { expect, test } from 'vitest';
import { treeAsText } from '../../../extension/dependency-tree/model.ts';
import type { DependencyTree, Need, TreeObject } from '../../../language-server/protocol/dependencies.ts';
import { treeOf } from '../../support/dependency-trees.ts';

const need = (name: string, object: string | null): Need => {
  return { name, object, how: object === null ? null : { rule: 'runpath', from: '/app' }, tried: [] };
};
const object = (path: string, ...needs: readonly Need[]): TreeObject => {
  return { path, soname: null, machine: 'x86-64', needs, problemsBelow: 0 };
};

/** A diamond whose bottom needs its top again, and something that is not there. */
const tree: DependencyTree = {
  root: '/app',
  loader: { kind: 'glibc', version: '2.36' },
  loadOrder: ['/app', '/a.so', '/b.so', '/c.so'],
  objects: {
    '/app': object('/app', need('a.so', '/a.so'), need('b.so', '/b.so')),
    '/a.so': object('/a.so', need('c.so', '/c.so')),
    '/b.so': object('/b.so', need('c.so', '/c.so')),
    '/c.so': object('/c.so', need('a.so', '/a.so'), need('gone\u001b.so', null)),
  },
  problems: [],
  conditions: treeOf({ '/app': [] }).conditions,
  command: '',
};

test('a tree as text writes what an object needs once, ends cycles and names what is missing', () => {
  expect(treeAsText(tree)).toBe(
    [
      '/app',
      '    a.so => /a.so [runpath]',
      '        c.so => /c.so [runpath]',
      '            a.so => /a.so [runpath] (see above)',
      '            gone\\x1b.so => not found',
      '    b.so => /b.so [runpath]',
      '        c.so => /c.so [runpath] (see above)',
      '',
    ].join('\n'),
  );
});
