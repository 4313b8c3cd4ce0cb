import type { DependencyTree, Need, ObjectId, TreeObject } from '../../language-server/protocol/dependencies.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { walkTree } from '../../language-server/protocol/walk-tree.ts';

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

/** The tree as indented text: one line a need, what an object needs below it once. */
export function treeAsText(tree: DependencyTree): string {
  const lines = [displayText(rootObject(tree)?.path ?? tree.root)];
  for (const { depth, need, object, repeated } of walkTree(tree)) {
    lines.push(`${'    '.repeat(depth)}${needAsText(need, object, repeated)}`);
  }
  return `${lines.join('\n')}\n`;
}

function needAsText(need: Need, object: TreeObject | undefined, repeated: boolean): string {
  const name = displayText(need.name);
  if (object === undefined) return `${name} => not found`;
  const path = displayText(object.path);
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
