import type { DependencyTree, Need, ObjectId } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** One need on the way from the root to a name, and who has it. */
export interface Step {
  readonly requester: ObjectId;
  readonly need: Need;
}

/** The needs from the root down to the one of that name. */
export type Way = readonly Step[];

/**
 * Every need of the name in the tree, each with a shortest way to it from the root, in load order of who needs it. A name is the
 * NEEDED name, or the SONAME, file name or path of what is found for it.
 */
export function explainName(tree: DependencyTree, name: ByteText): readonly Way[] {
  const shortest = shortestWays(tree);
  return tree.loadOrder.flatMap(requester => {
    if (!shortest.has(requester)) return [];
    const needs = (tree.objects[requester]?.needs ?? []).filter(need => isNamed(tree, need, name));
    return needs.map(need => [...wayTo(shortest, requester), { requester, need }]);
  });
}

function isNamed(tree: DependencyTree, need: Need, name: ByteText): boolean {
  if (need.name === name) return true;
  const object = need.object === null ? undefined : tree.objects[need.object];
  if (object === undefined) return false;
  return object.soname === name || object.path === name || object.path.endsWith(`/${name}`);
}

type LastSteps = ReadonlyMap<ObjectId, Step | null>;

/** For each object that can be reached, the last step of a shortest way to it; null for the root. */
function shortestWays(tree: DependencyTree): LastSteps {
  const last = new Map<ObjectId, Step | null>([[tree.root, null]]);
  // A map is walked in the order of its additions, those made meanwhile included: breadth first.
  for (const requester of last.keys()) {
    for (const need of tree.objects[requester]?.needs ?? []) {
      if (need.object !== null && !last.has(need.object)) last.set(need.object, { requester, need });
    }
  }
  return last;
}

function wayTo(last: LastSteps, object: ObjectId): Way {
  const way: Step[] = [];
  for (let step = last.get(object); step; step = last.get(step.requester)) way.push(step);
  return way.reverse();
}
