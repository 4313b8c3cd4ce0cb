import type { DependencyTree, Need, ObjectId, TreeObject } from '../../language-server/protocol/dependencies.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';

/** One line of the view: a file that was asked for, or a need on the way down from it. */
export type DependencyNode = RootNode | NeedNode | MessageNode;

export interface RootNode {
  readonly kind: 'root';
  readonly id: string;
  /** `file:` URI. */
  readonly uri: string;
}

export interface NeedNode {
  readonly kind: 'need';
  /** Stable while the file needs the same names: the ids of the way down. */
  readonly id: string;
  readonly parent: RootNode | NeedNode;
  readonly tree: DependencyTree;
  readonly need: Need;
  /** Absent where the loader would not find it. */
  readonly object: TreeObject | undefined;
  /** The object is its own ancestor: a cycle, which the loader maps once. */
  readonly repeats: boolean;
}

/** Why a root has no children. */
export interface MessageNode {
  readonly kind: 'message';
  readonly id: string;
  readonly parent: RootNode;
  readonly message: string;
}

export function rootNode(uri: string): RootNode {
  return { kind: 'root', id: uri, uri };
}

export function messageNode(parent: RootNode, message: string): MessageNode {
  return { kind: 'message', id: `${parent.id}\n!`, parent, message };
}

export function rootObject(tree: DependencyTree): TreeObject | undefined {
  return tree.objects[tree.root];
}

/** The needs of a root's file. */
export function needsOfRoot(root: RootNode, tree: DependencyTree): readonly NeedNode[] {
  return needNodes(root, tree, rootObject(tree));
}

/** The needs of a found object; none where it repeats one above it. */
export function needsOfNode(node: NeedNode): readonly NeedNode[] {
  return node.repeats ? [] : needNodes(node, node.tree, node.object);
}

/** Distinct names that the loader would not find, over the whole tree. */
export function missingNames(tree: DependencyTree): ReadonlySet<string> {
  const missing = Object.values(tree.objects).flatMap(object =>
    object.needs.filter(need => need.object === null).map(need => need.name),
  );
  return new Set(missing);
}

/** The tree as indented text: one line an object, its needs below it once. */
export function treeAsText(tree: DependencyTree): string {
  const lines: string[] = [displayText(rootObject(tree)?.path ?? tree.root)];
  const printed = new Set<ObjectId>([tree.root]);
  // A stack of its own: chains of libraries can be deeper than the one of JavaScript.
  const pending = indented(tree, tree.root, 1);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { need, depth } = next;
    const repeated = need.object !== null && printed.has(need.object);
    lines.push(`${'    '.repeat(depth)}${needAsText(tree, need, repeated)}`);
    if (need.object === null || repeated) continue;
    printed.add(need.object);
    pending.push(...indented(tree, need.object, depth + 1));
  }
  return `${lines.join('\n')}\n`;
}

interface IndentedNeed {
  readonly need: Need;
  readonly depth: number;
}

/** Last need first, so that popping yields them in their order. */
function indented(tree: DependencyTree, id: ObjectId, depth: number): IndentedNeed[] {
  return (tree.objects[id]?.needs ?? []).map(need => ({ need, depth })).reverse();
}

function needAsText(tree: DependencyTree, need: Need, repeated: boolean): string {
  const name = displayText(need.name);
  if (need.object === null) return `${name} => not found`;
  const path = displayText(tree.objects[need.object]?.path ?? need.object);
  const rule = need.how === null ? '' : ` [${need.how.rule}]`;
  return `${name} => ${path}${rule}${repeated ? ' (see above)' : ''}`;
}

function needNodes(
  parent: RootNode | NeedNode,
  tree: DependencyTree,
  object: TreeObject | undefined,
): readonly NeedNode[] {
  return (object?.needs ?? []).map((need, index) => ({
    kind: 'need',
    id: `${parent.id}\n${index} ${need.name}`,
    parent,
    tree,
    need,
    object: need.object === null ? undefined : tree.objects[need.object],
    repeats: need.object !== null && isAbove(parent, tree, need.object),
  }));
}

function isAbove(node: RootNode | NeedNode, tree: DependencyTree, id: ObjectId): boolean {
  for (let above = node; above.kind === 'need'; above = above.parent) if (above.need.object === id) return true;
  return id === tree.root;
}
