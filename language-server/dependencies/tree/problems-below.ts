import type { Need, ObjectId, TreeProblem } from '../../protocol/dependencies.ts';

/**
 * For each object the number of distinct errors at it or below it. The same name missed by two objects is one error, and an
 * object that is reached twice, or by a cycle, counts once.
 */
export function countProblemsBelow(
  needs: ReadonlyMap<ObjectId, readonly Need[]>,
  problems: readonly TreeProblem[],
): ReadonlyMap<ObjectId, number> {
  const owners = new Map<string, Set<ObjectId>>();
  for (const { severity, code, edge, object, actual } of problems) {
    if (severity !== 'error') continue;
    const key = JSON.stringify([code, edge ?? object, actual]);
    owners.set(key, (owners.get(key) ?? new Set<ObjectId>()).add(object));
  }
  // Errors of the same objects are below the same objects: what stands above is walked once for all of them.
  const groups = new Map<string, { readonly objects: ReadonlySet<ObjectId>; count: number }>();
  for (const objects of owners.values()) {
    const key = JSON.stringify([...objects]);
    const group = groups.get(key) ?? { objects, count: 0 };
    group.count += 1;
    groups.set(key, group);
  }
  const counts = new Map<ObjectId, number>();
  if (groups.size === 0) return counts;
  const requesters = requestersOf(needs);
  for (const { objects, count } of groups.values()) {
    for (const above of reaching(objects, requesters)) counts.set(above, (counts.get(above) ?? 0) + count);
  }
  return counts;
}

function requestersOf(needs: ReadonlyMap<ObjectId, readonly Need[]>): ReadonlyMap<ObjectId, readonly ObjectId[]> {
  const requesters = new Map<ObjectId, ObjectId[]>();
  for (const [requester, edges] of needs) {
    for (const { object } of edges) {
      if (object === null) continue;
      const known = requesters.get(object);
      if (known === undefined) requesters.set(object, [requester]);
      else known.push(requester);
    }
  }
  return requesters;
}

/** The objects and all that needs one of them, directly or not. */
function reaching(
  objects: ReadonlySet<ObjectId>,
  requesters: ReadonlyMap<ObjectId, readonly ObjectId[]>,
): ReadonlySet<ObjectId> {
  const seen = new Set(objects);
  // A set is walked in the order of its additions, those made meanwhile included.
  for (const object of seen) for (const requester of requesters.get(object) ?? []) seen.add(requester);
  return seen;
}
