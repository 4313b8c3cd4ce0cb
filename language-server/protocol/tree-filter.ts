import type { DependencyTree, Need, ObjectId, SearchRule } from './dependencies.ts';

const systemRules: ReadonlySet<SearchRule> = new Set(['cache', 'default', 'interpreter']);

/** The folders of a distribution's own libraries, whatever it calls the one for this machine. */
const systemFolder = /^\/(?:usr\/)?lib(?:x?32|64)?\//u;

/**
 * The libraries that come with the system: found by the loader's own cache or folders, in a folder of the distribution
 * (`/usr/local` and `/opt` are the administrator's), and with nothing wrong at them or below.
 */
export function systemObjects(tree: DependencyTree): ReadonlySet<ObjectId> {
  const root = tree.conditions.sysroot?.replace(/\/+$/u, '') ?? '';
  const found = new Set<ObjectId>();
  for (const [id, { rule }] of firstReasons(tree)) {
    const object = tree.objects[id];
    if (object === undefined || id === tree.root || object.problemsBelow > 0) continue;
    const path = object.path.startsWith(root) ? object.path.slice(root.length) : object.path;
    if (systemRules.has(rule) && systemFolder.test(path)) found.add(id);
  }
  return found;
}

/** Whether something is wrong with what this need leads to, or further down. */
export function leadsToProblem(tree: DependencyTree, requester: ObjectId, need: Need): boolean {
  if (need.object === null) return true;
  if ((tree.objects[need.object]?.problemsBelow ?? 0) > 0) return true;
  return edgeProblems(tree).has(`${requester}\n${need.name}`);
}

/** By tree: asked for each line that is shown. */
const knownEdgeProblems = new WeakMap<DependencyTree, ReadonlySet<string>>();

/** The needs that are wrong themselves: an older version than the one that is asked for. */
function edgeProblems(tree: DependencyTree): ReadonlySet<string> {
  const known = knownEdgeProblems.get(tree);
  if (known !== undefined) return known;
  const serious = tree.problems.filter(({ severity }) => severity === 'error' || severity === 'warning');
  const keys = new Set(serious.flatMap(({ object, edge }) => (edge === undefined ? [] : [`${object}\n${edge}`])));
  knownEdgeProblems.set(tree, keys);
  return keys;
}

/** How each object came to be loaded: not that it was there already. */
function firstReasons(tree: DependencyTree): ReadonlyMap<ObjectId, { readonly rule: SearchRule }> {
  const reasons = new Map<ObjectId, { readonly rule: SearchRule }>();
  for (const id of tree.loadOrder) {
    for (const { object, how } of tree.objects[id]?.needs ?? []) {
      if (object === null || how === null || how.rule === 'already-loaded' || reasons.has(object)) continue;
      reasons.set(object, how);
    }
  }
  return reasons;
}
