import type { DependencyTree, Need, ObjectId } from './dependencies.ts';

/** One need on the way from the root to an object, and who has it. */
export interface PathStep {
  readonly requester: ObjectId;
  readonly need: Need;
}

/** The needs from the root down. */
export type TreePath = readonly PathStep[];

/** What a path leads to: an object, or a name that is not found. */
export type PathTarget = { readonly object: ObjectId } | { readonly missing: string };

export interface TreePaths {
  /** Shortest first; of two that are as long, as the needs stand in their objects. */
  readonly paths: readonly TreePath[];
  /** Whether these are all. */
  readonly complete: boolean;
}

/**
 * Partial paths that are looked at, beside those of one long path: in cycles they may end in themselves. A second of work at
 * most.
 */
const patience = 200_000;

/**
 * Every path from the root to a library, none of which passes an object twice, up to `limit` of them: there can be more than
 * anybody could read (a lattice of 60 libraries has 2^30). What cannot lead to the target is never entered.
 */
export function pathsTo(tree: DependencyTree, target: PathTarget, limit: number): TreePaths {
  const distances = distancesTo(tree, target);
  const toRoot = distances.get(tree.root);
  const paths: TreePath[] = [];
  if (toRoot === undefined) return { paths, complete: true };
  if ('object' in target && target.object === tree.root) return { paths: [[]], complete: true };
  let budget = patience + Object.keys(tree.objects).length;
  const queue = createQueue();
  queue.add({ at: tree.root, above: undefined, step: undefined, length: 0 }, toRoot);
  for (let partial = queue.next(); partial !== undefined; partial = queue.next()) {
    budget -= 1;
    if (paths.length >= limit || budget < 0) return { paths, complete: false };
    if (arrives(partial, target)) paths.push(stepsOf(partial));
    else
      for (const { atLeast, ...next } of onward(tree, target, distances, partial).reverse()) queue.add(next, atLeast);
  }
  return { paths, complete: true };
}

interface PartialQueue {
  readonly add: (partial: Partial, atLeast: number) => void;
  readonly next: () => Partial | undefined;
}

/**
 * Partial paths by the length that they will have at least, of those the last one first: what was begun is ended before
 * something else is, so that few are kept at a time.
 */
function createQueue(): PartialQueue {
  const stacks: Partial[][] = [];
  let length = 0;
  return {
    add: (partial, atLeast) => {
      const stack = stacks[atLeast] ?? [];
      stacks[atLeast] = stack;
      stack.push(partial);
    },
    next: () => {
      while (length < stacks.length && !stacks[length]?.length) length += 1;
      return stacks[length]?.pop();
    },
  };
}

/** All that lies on any path from the root to the target: its objects, and its needs as {@link needKey} names them. */
export interface TreeWays {
  readonly objects: ReadonlySet<ObjectId>;
  readonly needs: ReadonlySet<string>;
}

export function needKey(requester: ObjectId, index: number): string {
  return `${index} ${requester}`;
}

/** What is marked in a picture, where paths need not be told apart. */
export function waysTo(tree: DependencyTree, target: PathTarget): TreeWays {
  const distances = distancesTo(tree, target);
  const objects = new Set<ObjectId>();
  const needs = new Set<string>();
  if (distances.has(tree.root)) objects.add(tree.root);
  // A set is walked in the order of its additions, those made meanwhile included.
  for (const requester of objects) {
    if ('object' in target && requester === target.object) continue;
    for (const [index, need] of (tree.objects[requester]?.needs ?? []).entries()) {
      if (need.object === null ? !isMissingTarget(need, target) : !distances.has(need.object)) continue;
      needs.add(needKey(requester, index));
      if (need.object !== null) objects.add(need.object);
    }
  }
  return { objects, needs };
}

interface Partial {
  /** The object where it ends; null: at the name that is not found. */
  readonly at: ObjectId | null;
  readonly above: Partial | undefined;
  readonly step: PathStep | undefined;
  readonly length: number;
}

interface Onward extends Partial {
  /** Length of a path that goes this way, at least. */
  readonly atLeast: number;
}

function onward(
  tree: DependencyTree,
  target: PathTarget,
  distances: ReadonlyMap<ObjectId, number>,
  above: Partial,
): Onward[] {
  const { at: requester } = above;
  if (requester === null) return [];
  const length = above.length + 1;
  const taken = new Set<ObjectId>();
  return (tree.objects[requester]?.needs ?? []).flatMap((need): Onward[] => {
    const step = { requester, need };
    if (need.object === null) {
      return isMissingTarget(need, target) ? [{ at: null, above, step, length, atLeast: length }] : [];
    }
    const rest = distances.get(need.object);
    // A library that is named twice is needed once.
    if (rest === undefined || taken.has(need.object) || passes(above, need.object)) return [];
    taken.add(need.object);
    return [{ at: need.object, above, step, length, atLeast: length + rest }];
  });
}

function arrives({ at }: Partial, target: PathTarget): boolean {
  return at === null || ('object' in target && at === target.object);
}

function passes(partial: Partial, object: ObjectId): boolean {
  for (let at: Partial | undefined = partial; at !== undefined; at = at.above) if (at.at === object) return true;
  return false;
}

function stepsOf(partial: Partial): TreePath {
  const steps: PathStep[] = [];
  for (let at: Partial | undefined = partial; at !== undefined; at = at.above) if (at.step) steps.push(at.step);
  return steps.reverse();
}

/** For each object from which the target can be reached, the steps that it takes at least. */
function distancesTo(tree: DependencyTree, target: PathTarget): ReadonlyMap<ObjectId, number> {
  const distances = new Map<ObjectId, number>();
  if ('object' in target) {
    if (Object.hasOwn(tree.objects, target.object)) distances.set(target.object, 0);
  } else {
    for (const [id, { needs }] of Object.entries(tree.objects)) {
      if (needs.some(need => isMissingTarget(need, target))) distances.set(id, 1);
    }
  }
  const requesters = requestersOf(tree);
  // A map is walked in the order of its additions: breadth first.
  for (const [id, distance] of distances) {
    for (const requester of requesters.get(id) ?? []) {
      if (!distances.has(requester)) distances.set(requester, distance + 1);
    }
  }
  return distances;
}

function requestersOf(tree: DependencyTree): ReadonlyMap<ObjectId, readonly ObjectId[]> {
  const requesters = new Map<ObjectId, ObjectId[]>();
  for (const [id, { needs }] of Object.entries(tree.objects)) {
    for (const { object } of needs) {
      if (object === null) continue;
      const known = requesters.get(object) ?? [];
      requesters.set(object, known);
      known.push(id);
    }
  }
  return requesters;
}

function isMissingTarget(need: Need, target: PathTarget): boolean {
  return 'missing' in target && need.object === null && need.name === target.missing;
}
