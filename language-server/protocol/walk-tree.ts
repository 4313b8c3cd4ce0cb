import type { DependencyTree, Need, ObjectId, TreeObject } from './dependencies.ts';

/** One line of a dependency tree that is written out. */
export interface TreeLine {
  /** Steps from the root: 1 for what the root itself needs. */
  readonly depth: number;
  readonly need: Need;
  /** Undefined where the loader would not find it. */
  readonly object: TreeObject | undefined;
  /** What it needs stands under an earlier line. */
  readonly repeated: boolean;
}

/** Every need below the root, depth first, each object's own needs written once: so cycles end and diamonds do not grow. */
export function* walkTree(tree: DependencyTree): Generator<TreeLine> {
  const seen = new Set<ObjectId>([tree.root]);
  // A stack of its own: chains of libraries can be deeper than the one of JavaScript.
  const pending = needsAt(tree, tree.root, 1);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { need, depth } = next;
    const repeated = need.object !== null && seen.has(need.object);
    yield { depth, need, object: need.object === null ? undefined : tree.objects[need.object], repeated };
    if (need.object === null || repeated) continue;
    seen.add(need.object);
    pending.push(...needsAt(tree, need.object, depth + 1));
  }
}

/** Last need first, so that popping yields them in their order. */
function needsAt(tree: DependencyTree, id: ObjectId, depth: number): { readonly need: Need; readonly depth: number }[] {
  return (tree.objects[id]?.needs ?? []).map(need => ({ need, depth })).reverse();
}
