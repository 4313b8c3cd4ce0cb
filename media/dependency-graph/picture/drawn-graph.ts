import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { TreeWays } from '../../../language-server/protocol/tree-paths.ts';
import type { PageEdge, PageModel, PageNode } from '../page-model.ts';
import type { Fold } from '../page-state.ts';
import { impliedArrows } from './implied-arrows.ts';

/** A box of the picture: a node, or the nodes of one folder or package. */
export interface Box {
  readonly key: string;
  readonly label: string;
  readonly state: PageNode['state'] | 'group';
  readonly nodes: readonly PageNode[];
  readonly problems: number;
  readonly isOnTheWay: boolean;
}

export interface Arrow {
  /** Places of the boxes in their list. */
  readonly from: number;
  readonly to: number;
  readonly edges: readonly PageEdge[];
  readonly isMissing: boolean;
  /** None of its needs is a plain one. */
  readonly isSoft: boolean;
  readonly isProblem: boolean;
  readonly isOnTheWay: boolean;
  /** There is a longer way: drawn for a selected box only. */
  readonly isImplied: boolean;
}

export interface DrawnGraph {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  /** The box of each node that is drawn. */
  readonly placeOf: ReadonlyMap<string, number>;
  /** Boxes that are left out, of more than can be drawn. */
  readonly cut: number;
}

export interface DrawingOptions {
  readonly fold: Fold;
  readonly unfolded: ReadonlySet<string>;
  readonly onlyProblems: boolean;
  readonly hideSystem: boolean;
  readonly soft: boolean;
  readonly ways: TreeWays | null;
  readonly packages: Readonly<Record<string, string>>;
}

/** More boxes than this are a texture. */
export const maximumBoxes = 3000;

/** What is drawn of a tree: boxes in load order, the root first; one arrow between two boxes, with all its needs. */
export function drawnGraph(model: PageModel, options: DrawingOptions): DrawnGraph {
  const groups = new Map<string, PageNode[]>();
  for (const node of model.nodes.values()) {
    if (!isDrawn(model, node, options)) continue;
    const key = groupKey(node, options);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  const drawn = [...groups].slice(0, maximumBoxes);
  const boxes = drawn.map(([key, nodes]) => boxOf(key, nodes, options));
  const placeOf = new Map(drawn.flatMap(([, nodes], place) => nodes.map(node => [node.key, place] as const)));
  const arrows = arrowsBetween(model, placeOf, options);
  // Who asks for ways sees each of them, also those that are shorter than others.
  const implied = options.ways === null ? impliedArrows(boxes.length, arrows) : new Set<number>();
  return {
    boxes,
    arrows: arrows.map((arrow, at) => ({ ...arrow, isImplied: implied.has(at) })),
    placeOf,
    cut: groups.size - drawn.length,
  };
}

/** How a picture of so many nodes is folded unless the person says otherwise: as little as leaves no more boxes than `most`. */
export function chooseFold(model: PageModel, packages: Readonly<Record<string, string>>, most: number): Fold {
  const counted = (['none', 'package', 'folder'] as const).map(fold => ({
    fold,
    boxes: countBoxes(model, fold, packages),
  }));
  const fewest = counted.reduce((best, other) => (other.boxes < best.boxes ? other : best));
  return (counted.find(({ boxes }) => boxes <= most) ?? fewest).fold;
}

function countBoxes({ nodes }: PageModel, fold: Fold, packages: Readonly<Record<string, string>>): number {
  return new Set([...nodes.values()].map(node => groupOf(node, fold, packages) ?? node)).size;
}

/** The name of what a node is folded into; null: it is in no folder or package. */
export function groupOf(
  { path, state }: PageNode,
  fold: Fold,
  packages: Readonly<Record<string, string>>,
): string | null {
  if (path === null || state === 'root') return null;
  switch (fold) {
    case 'none':
      return null;
    case 'folder':
      return displayText(path.slice(0, Math.max(path.lastIndexOf('/'), 1)));
    case 'package':
      return packages[path] ?? null;
  }
}

function groupKey(node: PageNode, { fold, unfolded, packages }: DrawingOptions): string {
  const group = groupOf(node, fold, packages);
  return group === null || unfolded.has(`g ${group}`) ? node.key : `g ${group}`;
}

function isDrawn(model: PageModel, node: PageNode, { onlyProblems, hideSystem, soft, ways }: DrawingOptions): boolean {
  if (node.state === 'root') return true;
  const edges = model.edgesTo.get(node.key) ?? [];
  if (!soft && edges.length > 0 && edges.every(({ list }) => list === 'softEdges')) return false;
  if (hideSystem && node.isSystem) return false;
  if (onlyProblems && !edges.some(({ isProblem }) => isProblem)) return false;
  if (ways === null) return true;
  return node.id === null ? edges.some(({ key }) => ways.needs.has(key)) : ways.objects.has(node.id);
}

function boxOf(key: string, nodes: readonly PageNode[], { ways }: DrawingOptions): Box {
  const [only] = nodes;
  const isGroup = key.startsWith('g ') && nodes.length > 1;
  return {
    key: isGroup || only === undefined ? key : only.key,
    label: isGroup || only === undefined ? key.slice(2) : only.label,
    state: isGroup || only === undefined ? 'group' : only.state,
    nodes,
    problems: nodes.reduce((most, { problems }) => Math.max(most, problems), 0),
    isOnTheWay: ways !== null,
  };
}

function arrowsBetween(
  model: PageModel,
  placeOf: ReadonlyMap<string, number>,
  { soft, onlyProblems, ways }: DrawingOptions,
): readonly Omit<Arrow, 'isImplied'>[] {
  const between = new Map<string, PageEdge[]>();
  for (const edge of model.edges.values()) {
    const from = placeOf.get(edge.from);
    const to = placeOf.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    if (edge.list === 'softEdges' && !soft) continue;
    if ((onlyProblems && !edge.isProblem) || (ways !== null && !ways.needs.has(edge.key))) continue;
    const key = `${from} ${to}`;
    const edges = between.get(key);
    if (edges === undefined) between.set(key, [edge]);
    else edges.push(edge);
  }
  return [...between].map(([key, edges]) => {
    const [from = 0, to = 0] = key.split(' ').map(Number);
    return {
      from,
      to,
      edges,
      isMissing: edges.every(({ isMissing }) => isMissing),
      isSoft: edges.every(({ isSoft }) => isSoft),
      isProblem: edges.some(({ isProblem }) => isProblem),
      isOnTheWay: ways !== null,
    };
  });
}
