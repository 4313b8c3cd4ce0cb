import type {
  DependencyTree,
  Need,
  ObjectId,
  SoftEdge,
  TreeObject,
} from '../../language-server/protocol/dependencies.ts';
import type { PageTree } from '../../language-server/protocol/dependency-graph.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { leadsToProblem, systemObjects } from '../../language-server/protocol/tree-filter.ts';
import type { PathTarget } from '../../language-server/protocol/tree-paths.ts';

export type EdgeKind = NonNullable<Need['kind']> | SoftEdge['kind'] | 'needed';

/** A box of the picture; what a row of the tree leads to. */
export interface PageNode {
  readonly key: string;
  /** `later`: a file that is not loaded with the root. `absent`: a name of such a file that is not there, which harms nobody yet. */
  readonly state: 'root' | 'loaded' | 'missing' | 'later' | 'absent';
  readonly id: ObjectId | null;
  readonly object: TreeObject | undefined;
  /** Null: there is no file. */
  readonly path: string | null;
  /** As it may be shown. */
  readonly label: string;
  readonly problems: number;
  readonly isSystem: boolean;
}

/** An arrow of the picture; a row of the tree. */
export interface PageEdge {
  readonly key: string;
  readonly requester: ObjectId;
  readonly list: 'needs' | 'softEdges';
  readonly index: number;
  readonly kind: EdgeKind;
  readonly name: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
  readonly isMissing: boolean;
  /** Not a plain need: drawn dashed. */
  readonly isSoft: boolean;
  readonly isProblem: boolean;
  /** The loader loads the object for this need; for all others it is there already. */
  readonly loads: boolean;
}

/** What the tree and the picture are both made of. */
export interface PageModel {
  readonly tree: DependencyTree;
  /** Every object behind the one that it is loaded for. */
  readonly order: readonly ObjectId[];
  readonly root: PageNode;
  readonly nodes: ReadonlyMap<string, PageNode>;
  /** By the key of the node that they start from. */
  readonly edgesFrom: ReadonlyMap<string, readonly PageEdge[]>;
  readonly edgesTo: ReadonlyMap<string, readonly PageEdge[]>;
  readonly edges: ReadonlyMap<string, PageEdge>;
  /** For each node the need for which it is loaded or, where nothing is loaded, the first that leads to it. */
  readonly firstEdgeTo: ReadonlyMap<string, PageEdge>;
}

export function objectKey(id: ObjectId): string {
  return `o ${id}`;
}

export function targetKey(target: PathTarget): string {
  return 'object' in target ? objectKey(target.object) : `m ${target.missing}`;
}

/** What VS Code is told of a library for its menu (the manifest's `webview/context`). */
export function menuContext({ key, path }: PageNode): string {
  return JSON.stringify({
    webviewSection: path === null ? 'missing' : 'library',
    key,
    preventDefaultContextMenuItems: true,
  });
}

/** Null for what is loaded later: needs lead to it from nowhere. */
export function pathTarget({ state, id, key }: PageNode): PathTarget | null {
  if (id !== null) return { object: id };
  return state === 'missing' && key.startsWith('m ') ? { missing: key.slice(2) } : null;
}

export function createPageModel({ tree, reasons, softReasons }: PageTree): PageModel {
  const nodes = new Map<string, PageNode>();
  const system = systemObjects(tree);
  for (const id of tree.loadOrder) {
    const object = tree.objects[id];
    if (object === undefined) continue;
    nodes.set(objectKey(id), {
      key: objectKey(id),
      state: id === tree.root ? 'root' : 'loaded',
      id,
      object,
      path: object.path,
      label: shownName(object.path),
      problems: object.problemsBelow,
      isSystem: system.has(id),
    });
  }
  const edges = new Map<string, PageEdge>();
  const edgesFrom = new Map<string, PageEdge[]>();
  const edgesTo = new Map<string, PageEdge[]>();
  const firstEdgeTo = new Map<string, PageEdge>();
  const add = (edge: PageEdge): void => {
    edges.set(edge.key, edge);
    push(edgesFrom, edge.from, edge);
    push(edgesTo, edge.to, edge);
    if (!firstEdgeTo.has(edge.to)) firstEdgeTo.set(edge.to, edge);
  };
  const order: ObjectId[] = [];
  const met = new Set<ObjectId>();
  /** Whether it is new. */
  const meet = (id: ObjectId): boolean => {
    if (met.has(id)) return false;
    met.add(id);
    order.push(id);
    return true;
  };
  const addEdgesOf = (requester: ObjectId): void => {
    const { needs = [], softEdges = [] } = tree.objects[requester] ?? {};
    const from = objectKey(requester);
    for (const [index, need] of needs.entries()) {
      const loads = need.object !== null && meet(need.object);
      add({
        ...{ key: `${index} ${requester}`, requester, list: 'needs', index, name: need.name, from, loads },
        to: need.object === null ? missingNode(nodes, need) : objectKey(need.object),
        kind: need.kind ?? 'needed',
        reason: reasons[requester]?.[index] ?? '',
        isMissing: need.object === null,
        isSoft: need.kind !== undefined,
        isProblem: leadsToProblem(tree, requester, need),
      });
    }
    for (const [index, soft] of softEdges.entries()) {
      add({
        ...{ key: `s${index} ${requester}`, requester, list: 'softEdges', index, name: soft.name, from, loads: false },
        to: softNode(nodes, tree, soft),
        kind: soft.kind,
        reason: softReasons[requester]?.[index] ?? '',
        isMissing: soft.object === null && soft.path === null,
        isSoft: true,
        isProblem: false,
      });
    }
  };
  // From the root on, so that every object stands behind the one that it is loaded for; what no need leads to is last.
  let done = 0;
  for (const start of [tree.root, ...tree.loadOrder]) {
    meet(start);
    for (; done < order.length; done += 1) addEdgesOf(order[done] ?? start);
  }
  const root = nodes.get(objectKey(tree.root)) ?? fileNode(objectKey(tree.root), tree.root, 'root');
  return { tree, order, root, nodes, edges, edgesFrom, edgesTo, firstEdgeTo };
}

/** The last part of a path, as it may be shown. */
export function shownName(path: string): string {
  return displayText(path.slice(path.lastIndexOf('/') + 1));
}

function missingNode(nodes: Map<string, PageNode>, { name }: Need): string {
  const key = `m ${name}`;
  nodes.set(key, { ...fileNode(key, null, 'missing'), label: shownName(name), problems: 1 });
  return key;
}

function softNode(nodes: Map<string, PageNode>, tree: DependencyTree, { object, path, name }: SoftEdge): string {
  if (object !== null && Object.hasOwn(tree.objects, object)) return objectKey(object);
  // A name that a need misses as well is the same box.
  const key = path === null ? `m ${name}` : `l ${path}`;
  if (!nodes.has(key)) {
    const state = path === null ? 'absent' : 'later';
    nodes.set(key, { ...fileNode(key, path, state), label: shownName(path ?? name) });
  }
  return key;
}

function fileNode(key: string, path: string | null, state: PageNode['state']): PageNode {
  const label = path === null ? '' : shownName(path);
  return { key, state, id: null, object: undefined, path, label, problems: 0, isSystem: false };
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
