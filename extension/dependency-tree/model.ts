import { createHash } from 'node:crypto';
import type {
  DependencyTree,
  Need,
  ObjectId,
  SoftEdge,
  TreeObject,
  TreeProblem,
  TriedCandidate,
} from '../../language-server/protocol/dependencies.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { leadsToProblem, systemObjects } from '../../language-server/protocol/tree-filter.ts';
import type { TreePath } from '../../language-server/protocol/tree-paths.ts';
import { walkTree } from '../../language-server/protocol/walk-tree.ts';

/** One line of the view: a file that was asked for, a need on the way down from it, or what there is to say about one. */
export type DependencyNode = RootNode | NeedNode | CandidateNode | ProblemNode | LaterNode | SoftNode | MessageNode;

export interface RootNode {
  readonly kind: 'root';
  readonly id: string;
  /** `file:` URI. */
  readonly uri: string;
}

export interface NeedNode {
  readonly kind: 'need';
  /** Stable while the file needs the same names: made of the way down, and short however long that is. */
  readonly id: string;
  readonly parent: RootNode | NeedNode;
  readonly tree: DependencyTree;
  /** Who needs it. */
  readonly requester: ObjectId;
  readonly need: Need;
  /** Absent where the loader would not find it. */
  readonly object: TreeObject | undefined;
  /** The object is its own ancestor: a cycle, which the loader maps once. */
  readonly repeats: boolean;
}

/** Where the loader looks for a name that it does not find. */
export interface CandidateNode {
  readonly kind: 'candidate';
  readonly id: string;
  readonly parent: NeedNode | SoftNode;
  readonly candidate: TriedCandidate;
}

/** What is wrong with the library that a need leads to: a version that it does not have, an end that is missing. */
export interface ProblemNode {
  readonly kind: 'problem';
  readonly id: string;
  readonly parent: RootNode | NeedNode;
  readonly problem: TreeProblem;
}

/** What an object may load while the program runs. */
export interface LaterNode {
  readonly kind: 'later';
  readonly id: string;
  readonly parent: RootNode | NeedNode;
  readonly tree: DependencyTree;
  readonly edges: readonly SoftEdge[];
}

export interface SoftNode {
  readonly kind: 'soft';
  readonly id: string;
  readonly parent: LaterNode;
  readonly tree: DependencyTree;
  readonly edge: SoftEdge;
}

/** Why a root has no children. */
export interface MessageNode {
  readonly kind: 'message';
  readonly id: string;
  readonly parent: RootNode;
  readonly message: string;
}

/** What is left out of the view. */
export interface TreeFilter {
  readonly onlyProblems: boolean;
  readonly hideSystem: boolean;
}

export const noFilter: TreeFilter = { onlyProblems: false, hideSystem: false };

export function rootNode(uri: string): RootNode {
  return { kind: 'root', id: uri, uri };
}

export function messageNode(parent: RootNode, message: string): MessageNode {
  return { kind: 'message', id: idBelow(parent, 'message'), parent, message };
}

export function rootObject(tree: DependencyTree): TreeObject | undefined {
  return tree.objects[tree.root];
}

/** What stands below a root's file. */
export function childrenOfTree(root: RootNode, tree: DependencyTree, filter: TreeFilter): readonly DependencyNode[] {
  return childrenOfObject(root, tree, tree.root, filter);
}

/** What stands below a line; nothing where it repeats one above it. */
export function childrenOfNode(node: Exclude<DependencyNode, RootNode>, filter: TreeFilter): readonly DependencyNode[] {
  switch (node.kind) {
    case 'need': {
      const { need } = node;
      if (need.object === null) return candidateNodes(node, need.tried);
      const problems = problemNodes(node, edgeProblems(node));
      if (node.repeats) return problems;
      return [...problems, ...childrenOfObject(node, node.tree, need.object, filter)];
    }
    case 'later':
      return node.edges.map((edge, index) => ({
        kind: 'soft',
        id: idBelow(node, `${index} ${edge.name}`),
        parent: node,
        tree: node.tree,
        edge,
      }));
    case 'soft':
      return node.edge.path === null ? candidateNodes(node, node.edge.tried) : [];
    case 'candidate':
    case 'problem':
    case 'message':
      return [];
  }
}

/** The line at the end of a path from the root. */
export function nodeOfPath(root: RootNode, tree: DependencyTree, path: TreePath): RootNode | NeedNode {
  let node: RootNode | NeedNode = root;
  for (const { requester, need } of path) {
    const below: readonly NeedNode[] = needNodes(node, tree, requester);
    node = below.find(child => child.need === need || child.need.name === need.name) ?? node;
  }
  return node;
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

function childrenOfObject(
  parent: RootNode | NeedNode,
  tree: DependencyTree,
  id: ObjectId,
  filter: TreeFilter,
): readonly DependencyNode[] {
  const own = tree.problems.filter(({ object, edge }) => object === id && edge === undefined);
  const shown = isShown(tree, id, filter);
  const needs = needNodes(parent, tree, id).filter(({ need }) => shown(need));
  const later = filter.onlyProblems ? [] : laterNodes(parent, tree, id);
  return [...problemNodes(parent, own), ...needs, ...later];
}

function isShown(tree: DependencyTree, requester: ObjectId, filter: TreeFilter): (need: Need) => boolean {
  const system = filter.hideSystem ? systemOf(tree) : undefined;
  return need => {
    if (filter.onlyProblems && !leadsToProblem(tree, requester, need)) return false;
    return need.object === null || system?.has(need.object) !== true;
  };
}

const knownSystem = new WeakMap<DependencyTree, ReadonlySet<ObjectId>>();

function systemOf(tree: DependencyTree): ReadonlySet<ObjectId> {
  const system = knownSystem.get(tree) ?? systemObjects(tree);
  knownSystem.set(tree, system);
  return system;
}

function needNodes(parent: RootNode | NeedNode, tree: DependencyTree, requester: ObjectId): readonly NeedNode[] {
  return (tree.objects[requester]?.needs ?? []).map((need, index) => ({
    kind: 'need',
    id: idBelow(parent, `${index} ${need.name}`),
    parent,
    tree,
    requester,
    need,
    object: need.object === null ? undefined : tree.objects[need.object],
    repeats: need.object !== null && isAbove(parent, tree, need.object),
  }));
}

function laterNodes(parent: RootNode | NeedNode, tree: DependencyTree, id: ObjectId): readonly LaterNode[] {
  const edges = tree.objects[id]?.softEdges ?? [];
  return edges.length === 0 ? [] : [{ kind: 'later', id: idBelow(parent, 'later'), parent, tree, edges }];
}

function candidateNodes(parent: NeedNode | SoftNode, tried: readonly TriedCandidate[]): readonly CandidateNode[] {
  return tried.map((candidate, index) => ({
    kind: 'candidate',
    id: idBelow(parent, `${index} ${candidate.path}`),
    parent,
    candidate,
  }));
}

function problemNodes(parent: RootNode | NeedNode, problems: readonly TreeProblem[]): readonly ProblemNode[] {
  const serious = problems.filter(({ severity }) => severity === 'error' || severity === 'warning');
  return serious.map((problem, index) => ({
    kind: 'problem',
    id: idBelow(parent, `problem ${index} ${problem.code}`),
    parent,
    problem,
  }));
}

/** What is wrong with this need though its library is there. */
export function edgeProblems({ tree, requester, need }: NeedNode): readonly TreeProblem[] {
  return tree.problems.filter(({ object, edge }) => object === requester && edge === need.name);
}

function idBelow(parent: DependencyNode, name: string): string {
  return createHash('sha1').update(`${parent.id}\n${name}`).digest('base64url');
}

function isAbove(node: RootNode | NeedNode, tree: DependencyTree, id: ObjectId): boolean {
  for (let above = node; above.kind === 'need'; above = above.parent) if (above.need.object === id) return true;
  return id === tree.root;
}
