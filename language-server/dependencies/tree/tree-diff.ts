import type { DependencyTree, Need, ObjectId, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { howFoundText } from '../../protocol/how-found-text.ts';
import type {
  ChangedEdge,
  DiffObject,
  MovedObject,
  ReorderedObject,
  TreeDiff,
  TreeSide,
} from '../../protocol/tree-diff.ts';

/**
 * What is different between two trees. Objects are the same where their paths are (below their sysroots); else where they go by
 * the same name, and then they have moved. The two roots are the same whatever they are called.
 */
export function diffTrees(before: DependencyTree, after: DependencyTree): TreeDiff {
  const match = matchObjects(before, after);
  const diff = {
    added: after.loadOrder.filter(id => !match.toBefore.has(id)).map(id => diffObject(after, id)),
    removed: before.loadOrder.filter(id => !match.toAfter.has(id)).map(id => diffObject(before, id)),
    moved: match.moved.map(([old, now]): MovedObject => {
      const object = diffObject(before, old);
      const sameFile = isSameFile(before, old, after, now);
      return { name: nameOf(object), before: object, after: diffObject(after, now), sameFile };
    }),
    reordered: reordered(before, after, match),
    edges: changedEdges(before, after, match),
    ...changedProblems(before, after, match),
  };
  const loaderIsSame = before.loader.kind === after.loader.kind && before.loader.version === after.loader.version;
  const identical = loaderIsSame && Object.values(diff).every(list => list.length === 0);
  return { identical, before: sideOf(before), after: sideOf(after), ...diff };
}

function sideOf({ root, loader, conditions, loadOrder, command }: DependencyTree): TreeSide {
  return { root, loader, conditions, objects: loadOrder.length, command };
}

/** Which object of one tree is which of the other. */
interface Match {
  readonly toAfter: Map<ObjectId, ObjectId>;
  readonly toBefore: Map<ObjectId, ObjectId>;
  readonly moved: (readonly [before: ObjectId, after: ObjectId])[];
}

function matchObjects(before: DependencyTree, after: DependencyTree): Match {
  const match: Match = { toAfter: new Map(), toBefore: new Map(), moved: [] };
  const pair = (old: ObjectId, now: ObjectId): void => {
    match.toAfter.set(old, now);
    match.toBefore.set(now, old);
  };
  pair(before.root, after.root);
  const byPath = byKey(after, match.toBefore, ({ id }) => innerPath(after, id));
  for (const old of before.loadOrder) {
    if (match.toAfter.has(old)) continue;
    const now = byPath.get(innerPath(before, old))?.find(id => !match.toBefore.has(id));
    if (now !== undefined) pair(old, now);
  }
  for (const keyOf of [nameOf, fileNameOf]) {
    const byName = byKey(after, match.toBefore, keyOf);
    for (const old of before.loadOrder) {
      if (match.toAfter.has(old)) continue;
      const now = byName.get(keyOf(diffObject(before, old)))?.find(id => !match.toBefore.has(id));
      if (now === undefined) continue;
      pair(old, now);
      match.moved.push([old, now]);
    }
  }
  return match;
}

function byKey(
  tree: DependencyTree,
  taken: ReadonlyMap<ObjectId, ObjectId>,
  keyOf: (object: DiffObject) => ByteText,
): ReadonlyMap<ByteText, readonly ObjectId[]> {
  const found = new Map<ByteText, ObjectId[]>();
  for (const id of tree.loadOrder) {
    if (taken.has(id)) continue;
    const key = keyOf(diffObject(tree, id));
    const known = found.get(key);
    if (known === undefined) found.set(key, [id]);
    else known.push(id);
  }
  return found;
}

/** As it is inside the sysroot, so that one system is compared with another. */
function innerPath({ conditions: { sysroot } }: DependencyTree, id: ObjectId): ByteText {
  const root = sysroot?.replace(/\/+$/u, '') ?? '';
  return root !== '' && id.startsWith(`${root}/`) ? id.slice(root.length) : id;
}

function isSameFile(before: DependencyTree, old: ObjectId, after: DependencyTree, now: ObjectId): boolean {
  const identity = before.objects[old]?.identity;
  return identity !== undefined && identity === after.objects[now]?.identity;
}

function diffObject(tree: DependencyTree, id: ObjectId): DiffObject {
  const object = tree.objects[id];
  return { id, path: object?.path ?? id, soname: object?.soname ?? null, place: placesOf(tree).get(id) ?? 0 };
}

const places = new WeakMap<DependencyTree, ReadonlyMap<ObjectId, number>>();

function placesOf(tree: DependencyTree): ReadonlyMap<ObjectId, number> {
  const known = places.get(tree);
  if (known !== undefined) return known;
  const made = new Map(tree.loadOrder.map((id, place) => [id, place]));
  places.set(tree, made);
  return made;
}

function nameOf({ soname, path }: DiffObject): ByteText {
  return soname ?? path.slice(path.lastIndexOf('/') + 1);
}

function fileNameOf({ path }: DiffObject): ByteText {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What both trees load, but for a longest part of it whose order is the same. */
function reordered(before: DependencyTree, after: DependencyTree, match: Match): readonly ReorderedObject[] {
  const common = before.loadOrder.flatMap(id => {
    const now = match.toAfter.get(id);
    return now === undefined ? [] : [{ before: diffObject(before, id), after: diffObject(after, now) }];
  });
  const kept = longestIncreasing(common.map(({ after: { place } }) => place));
  return common.filter((_, index) => !kept.has(index));
}

/** Indices of a longest increasing subsequence (patience sorting). */
function longestIncreasing(values: readonly number[]): ReadonlySet<number> {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [index, value] of values.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = low === 0 ? -1 : (tails[low - 1] ?? -1);
    tails[low] = index;
  }
  const kept = new Set<number>();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) kept.add(index);
  return kept;
}

/** What a library that is gone needed is gone with it, and what a new one needs is as new. */
function changedEdges(before: DependencyTree, after: DependencyTree, match: Match): readonly ChangedEdge[] {
  return before.loadOrder.flatMap(old => {
    const now = match.toAfter.get(old);
    return now === undefined ? [] : edgesOf(before, after, match, { before: old, after: now });
  });
}

function edgesOf(
  before: DependencyTree,
  after: DependencyTree,
  match: Match,
  requester: { readonly before: ObjectId; readonly after: ObjectId },
): readonly ChangedEdge[] {
  const left = new Map(numbered(after.objects[requester.after]?.needs ?? []));
  const edges: ChangedEdge[] = [];
  for (const [key, old] of numbered(before.objects[requester.before]?.needs ?? [])) {
    const now = left.get(key) ?? null;
    left.delete(key);
    const change = now === null ? 'removed' : changeOf(before, after, match, old, now);
    if (change === null) continue;
    const reason = reasonOf(before, after, change, old, now);
    edges.push({ requester, name: old.name, change, before: old, after: now, reason });
  }
  for (const now of left.values()) {
    const reason = reasonOf(before, after, 'added', null, now);
    edges.push({ requester, name: now.name, change: 'added', before: null, after: now, reason });
  }
  return edges;
}

/** Each need by its kind, its name, and which of that name it is. */
function numbered(needs: readonly Need[]): readonly (readonly [key: string, need: Need])[] {
  const counts = new Map<string, number>();
  return needs.map(need => {
    const key = `${need.kind ?? 'needed'}\0${need.name}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return [`${key}\0${count}`, need] as const;
  });
}

function changeOf(
  before: DependencyTree,
  after: DependencyTree,
  match: Match,
  old: Need,
  now: Need,
): ChangedEdge['change'] | null {
  if (old.object === null) return now.object === null ? null : 'found';
  if (now.object === null) return 'lost';
  const isSame = match.toAfter.get(old.object) === now.object;
  const hasMoved = isSame && innerPath(before, old.object) !== innerPath(after, now.object);
  if (!isSame || (hasMoved && old.object !== before.root)) return 'target';
  return isSameRule(before, after, old, now) ? null : 'rule';
}

/** Who loaded it first may have moved along; that alone is no other rule. */
function isSameRule(before: DependencyTree, after: DependencyTree, { how: old }: Need, { how: now }: Need): boolean {
  if (old === null || now === null) return old === now;
  if (old.rule !== now.rule || old.entry !== now.entry) return false;
  return (
    old.rule === 'already-loaded' ||
    innerPath(before, old.from) === innerPath(after, now.from) ||
    old.from === before.root
  );
}

function reasonOf(
  before: DependencyTree,
  after: DependencyTree,
  change: ChangedEdge['change'],
  old: Need | null,
  now: Need | null,
): string {
  const [was, is] = [old === null ? '' : placeText(before, old), now === null ? '' : placeText(after, now)];
  switch (change) {
    case 'found':
      return `It was not found; now it is ${is}.`;
    case 'lost':
      return `It was ${was}; now it is not found${old === null || now === null ? '' : whyNotTaken(before, old, now)}.`;
    case 'target':
      return `It was ${was}${old === null || now === null ? '' : whyNotTaken(before, old, now)}; now it is ${is}.`;
    case 'rule':
      return `The same file, found by ${howFoundText(old?.how ?? noRule)}; now by ${howFoundText(now?.how ?? noRule)}.`;
    case 'added':
      return now?.object === null
        ? 'It was not asked for; now it is, and is not found.'
        : `It was not asked for; now it is, and is ${is}.`;
    case 'removed':
      return `It was ${old?.object === null ? 'missing' : was}; now it is not asked for.`;
  }
}

const noRule = { rule: 'path', from: '' } as const;

/** What the other tree found stands among the candidates that this one refused. */
function whyNotTaken(before: DependencyTree, old: Need, now: Need): string {
  const path = old.object === null ? undefined : before.objects[old.object]?.path;
  const refused = now.tried.find(candidate => candidate.path === path);
  return refused === undefined ? '' : `, which is refused (${displayText(refused.outcome)})`;
}

function placeText(tree: DependencyTree, { object, how }: Need): string {
  const path = displayText(object === null ? 'missing' : (tree.objects[object]?.path ?? object));
  return how === null ? path : `${path} (${howFoundText(how)})`;
}

function changedProblems(
  before: DependencyTree,
  after: DependencyTree,
  match: Match,
): Pick<TreeDiff, 'newProblems' | 'goneProblems'> {
  const keyBefore = (problem: TreeProblem): string =>
    problemKey(problem, match.toAfter.get(problem.object) ?? problem.object);
  const keyAfter = (problem: TreeProblem): string => problemKey(problem, problem.object);
  const [old, now] = [new Set(before.problems.map(keyBefore)), new Set(after.problems.map(keyAfter))];
  return {
    newProblems: after.problems.filter(problem => !old.has(keyAfter(problem))),
    goneProblems: before.problems.filter(problem => !now.has(keyBefore(problem))),
  };
}

/** The message tells of places, which differ where the conditions do. */
function problemKey({ code, edge, actual }: TreeProblem, object: ObjectId): string {
  return JSON.stringify([code, object, edge, actual]);
}
