import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { TreeWays } from '../../../language-server/protocol/tree-paths.ts';
import { objectKey, type PageEdge, type PageModel, type PageNode } from '../page-model.ts';

/** One line of the tree that could be shown: the root, or a need on the way down. */
export interface TreeRow {
  /** Of the edge; `root` for the root. */
  readonly key: string;
  readonly node: PageNode;
  readonly edge: PageEdge | null;
  /** From 1, for the root. */
  readonly level: number;
  /** Among the lines below the same object, from 1. */
  readonly position: number;
  readonly siblings: number;
  /** Null: nothing is below it, here. */
  readonly expanded: boolean | null;
}

export interface RowFilter {
  readonly query: string;
  readonly onlyProblems: boolean;
  readonly hideSystem: boolean;
  readonly soft: boolean;
  /** Only what lies on these ways. */
  readonly ways: TreeWays | null;
  readonly packages: Readonly<Record<string, string>>;
}

export const rootRowKey = 'root';

/**
 * The lines of the tree, in the order in which they are shown. What an object needs stands below the need for which the loader
 * loads it, and nowhere else: so cycles end, diamonds do not grow, and everything opened has one line a need. While something
 * is looked for, all that leads to it is open.
 */
export function treeRows(model: PageModel, expanded: ReadonlySet<string>, filter: RowFilter): readonly TreeRow[] {
  const shown = shownEdges(model, filter);
  const isSearch = filter.query !== '' || filter.ways !== null;
  const isOpen = (node: string): boolean => isSearch || expanded.has(node);
  const hasRows = (node: string): boolean => (shown.get(node)?.length ?? 0) > 0;
  const rootExpanded = hasRows(model.root.key) ? isOpen(model.root.key) : null;
  const rows: TreeRow[] = [
    { key: rootRowKey, node: model.root, edge: null, level: 1, position: 1, siblings: 1, expanded: rootExpanded },
  ];
  // A stack of its own: chains can be deeper than that of JavaScript.
  const pending = rootExpanded === true ? rowsBelow(model, shown, model.root.key, 2) : [];
  for (let row = pending.pop(); row !== undefined; row = pending.pop()) {
    const canExpand = row.edge?.loads === true && hasRows(row.node.key);
    const open = canExpand && isOpen(row.node.key);
    rows.push({ ...row, expanded: canExpand ? open : null });
    if (!open) continue;
    for (const below of rowsBelow(model, shown, row.node.key, row.level + 1)) pending.push(below);
  }
  return rows;
}

/** Last first, so that popping yields them in their order. */
function rowsBelow(
  model: PageModel,
  shown: ReadonlyMap<string, readonly PageEdge[]>,
  from: string,
  level: number,
): TreeRow[] {
  const edges = shown.get(from) ?? [];
  return edges
    .map((edge, at) => ({
      ...{ key: edge.key, node: nodeOf(model, edge), edge, level },
      ...{ position: at + 1, siblings: edges.length, expanded: null },
    }))
    .reverse();
}

/** The needs that are shown below each object. */
function shownEdges(model: PageModel, filter: RowFilter): ReadonlyMap<string, readonly PageEdge[]> {
  const shown = new Map<string, readonly PageEdge[]>();
  const matches = matcher(model, filter);
  // Backwards, all below an object is known before itself.
  for (const id of [...model.order].reverse()) {
    const key = objectKey(id);
    const edges = (model.edgesFrom.get(key) ?? []).filter(
      edge =>
        isAllowed(model, edge, filter) && (matches(edge) || (edge.loads && (shown.get(edge.to)?.length ?? 0) > 0)),
    );
    if (edges.length > 0) shown.set(key, edges);
  }
  return shown;
}

function isAllowed(model: PageModel, edge: PageEdge, { onlyProblems, hideSystem, soft, ways }: RowFilter): boolean {
  if (edge.list === 'softEdges' && (!soft || onlyProblems)) return false;
  if (onlyProblems && !edge.isProblem) return false;
  if (hideSystem && nodeOf(model, edge).isSystem) return false;
  return ways === null || ways.needs.has(edge.key);
}

function matcher(model: PageModel, { query, packages }: RowFilter): (edge: PageEdge) => boolean {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return () => true;
  return edge => searchable(nodeOf(model, edge), edge.name, packages).includes(wanted);
}

/** All by which a library may be looked for, in lower case. */
export function searchable(node: PageNode, name: string, packages: Readonly<Record<string, string>>): string {
  const { path, object } = node;
  const found = path === null ? '' : `${path}\n${packages[path] ?? ''}`;
  return displayText(`${name}\n${object?.soname ?? ''}\n${found}`).toLowerCase();
}

function nodeOf(model: PageModel, edge: PageEdge): PageNode {
  return model.nodes.get(edge.to) ?? model.root;
}

/** The nodes above a row, which must be open for it to be seen. */
export function nodesAbove(model: PageModel, edge: PageEdge): readonly string[] {
  const above = new Set<string>();
  for (let at: string | undefined = edge.from; at !== undefined && !above.has(at); ) {
    above.add(at);
    at = model.firstEdgeTo.get(at)?.from;
    if (at === model.root.key) above.add(at);
  }
  return [...above];
}
