import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { DependencyTree } from '../../../language-server/protocol/dependencies.ts';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import { treeAsDot, treeAsMermaid } from '../../../language-server/protocol/tree-graph.ts';
import { chainOf, treeOf } from '../../support/dependency-trees.ts';

/** Names that mean something to one of the languages, or to what displays it. */
const hostile = [
  'lib"quoted".so',
  "lib'single'.so",
  'libback\\slash.so',
  'libends-in\\',
  'libline\nfeed.so',
  'libarrow-->x.so',
  'libpipe|x|.so',
  'libbrackets[({x})].so',
  'lib%%comment.so',
  'libhtml<b>&amp;&lt;.so',
  'lib#35;#quot;.so',
  'libend.so;end',
  'lib\udcff\udc80bytes.so',
  'lib`markdown`**x**.so',
  'libÄ–名前.so',
  ' libspaces .so ',
  '1. liblist.so',
  'lib$$math$$.so',
  'libicon(fa:fa-x).so',
];
const tree = treeOf({
  '/app': [...hostile.map(name => `/opt/${name}`), '!libgone.so'],
  ...Object.fromEntries(hostile.map(name => [`/opt/${name}`, []])),
});

interface DotGraph {
  readonly objects: readonly {
    readonly name: string;
    readonly label: string;
    readonly _ldraw_?: readonly { readonly text?: string }[];
  }[];
  readonly edges?: readonly {
    readonly tail: number;
    readonly head: number;
    readonly _ldraw_?: readonly { readonly text?: string }[];
  }[];
}

/** What Graphviz draws: the texts as they come out on its page, not as they were written. */
function drawnByGraphviz(dot: string): DotGraph {
  return JSON.parse(execFileSync('dot', ['-Tjson'], { input: dot, encoding: 'utf8', maxBuffer: 1 << 28 })) as DotGraph;
}

const drawnText = (thing: { readonly _ldraw_?: readonly { readonly text?: string }[] }): string =>
  (thing._ldraw_ ?? []).flatMap(({ text }) => text ?? []).join('\n');
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The part of Mermaid's flowchart grammar that is used, whole lines only; an entity is the one escape that there is. */
const mermaidString = String.raw`"(?:[\p{L}\p{N} ./_+,@=()-]|: |#\d+;)*"`;
const mermaidLine = new RegExp(
  [
    '^flowchart LR$',
    String.raw`^ {2}n\d+(?:\[${mermaidString}\]|\{\{${mermaidString}\}\})(?::::(?:missing|problem|soft))?$`,
    String.raw`^ {2}n\d+ (?:-->|-\.->)\|${mermaidString}\| n\d+$`,
    String.raw`^ {2}classDef \w+ [\w#:,-]+$`,
  ].join('|'),
  'u',
);

const mermaidTexts = (text: string): readonly string[] =>
  [...text.matchAll(/n\d+(?:\[|\{\{)"([^"]*)"/gu)].map(match =>
    (match[1] ?? '').replace(/#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code))),
  );

/** The pairs of an edge, by numbers of boxes, which both languages give in load order. */
const needsOf = ({ loadOrder, objects }: DependencyTree): number =>
  loadOrder.reduce((sum, id) => sum + (objects[id]?.needs.length ?? 0), 0);

describe('a tree in the language of Graphviz', () => {
  test('is read by dot, which draws every name as it is shown elsewhere', () => {
    const { objects, edges = [] } = drawnByGraphviz(treeAsDot(tree));
    const names = tree.loadOrder.map(id => displayText(baseName(tree.objects[id]?.path ?? '')));
    expect(objects.map(drawnText)).toEqual([...names, 'libgone.so: not found']);
    expect(edges).toHaveLength(needsOf(tree));
    expect(drawnText(edges[0] ?? {})).toBe('RUNPATH entry 1 ($ORIGIN) of /app');
  });

  test('has each object once, in a cycle of a thousand as well', () => {
    // Read and written again without being laid out, which would take half a minute.
    const lines = execFileSync('dot', ['-Tcanon'], { input: treeAsDot(chainOf(1000)), encoding: 'utf8' }).split('\n');
    expect(lines.filter(line => /^\s+n\d+\s+\[/u.test(line))).toHaveLength(1001);
    expect(lines.filter(line => /^\s+n\d+ -> n\d+/u.test(line))).toHaveLength(1001);
  });

  test('tells what is missing by its shape and its line, not by colour alone', () => {
    expect(treeAsDot(tree)).toMatch(/label="libgone\.so: not found".*style=dashed, shape=octagon/u);
  });
});

describe('a tree as a flowchart of Mermaid', () => {
  test('has lines of the grammar only, whatever the names are', () => {
    const lines = treeAsMermaid(tree).trimEnd().split('\n');
    expect(lines.filter(line => !mermaidLine.test(line))).toEqual([]);
    expect(lines.filter(line => line.includes('|'))).toHaveLength(needsOf(tree));
  });

  test('names everything as it is shown elsewhere', () => {
    const names = tree.loadOrder.map(id => displayText(baseName(tree.objects[id]?.path ?? '')));
    expect(mermaidTexts(treeAsMermaid(tree))).toEqual([...names, 'libgone.so: not found']);
  });

  test('has each object once, in a cycle of a thousand as well', () => {
    expect(mermaidTexts(treeAsMermaid(chainOf(1000)))).toHaveLength(1001);
  });
});
