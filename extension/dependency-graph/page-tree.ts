import type { DependencyTree, HowFound, ObjectId, TreeObject } from '../../language-server/protocol/dependencies.ts';
import type { PageTree } from '../../language-server/protocol/dependency-graph.ts';
import { howFoundText } from '../dependency-tree/wording.ts';

/** Needs of one object that a page is given: nobody looks through more, and the page must stay alive. */
const mostNeeds = 5000;

/** What the page shows of a tree: without the candidates of each search, with the reasons in the person's language. */
export function pageTree(tree: DependencyTree): PageTree {
  const objects: Record<ObjectId, TreeObject> = Object.create(null) as Record<ObjectId, TreeObject>;
  const reasons: Record<ObjectId, readonly string[]> = Object.create(null) as typeof reasons;
  const softReasons: Record<ObjectId, readonly string[]> = Object.create(null) as typeof softReasons;
  let cutNeeds = 0;
  for (const [id, object] of Object.entries(tree.objects)) {
    const needs = object.needs.slice(0, mostNeeds);
    const softEdges = (object.softEdges ?? []).slice(0, mostNeeds);
    cutNeeds += object.needs.length - needs.length;
    objects[id] = {
      ...object,
      needs: needs.map(need => ({ ...need, tried: [] })),
      softEdges: softEdges.map(edge => ({ ...edge, tried: [] })),
    };
    reasons[id] = needs.map(({ how }) => reasonText(how));
    softReasons[id] = softEdges.map(({ how, description }) =>
      [description ?? '', reasonText(how)].filter(words => words !== '').join(' · '),
    );
  }
  return { tree: { ...tree, objects }, reasons, softReasons, cutNeeds };
}

function reasonText(how: HowFound | null): string {
  return how === null ? '' : howFoundText(how);
}
