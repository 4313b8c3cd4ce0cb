import type { ObjectId } from '../../protocol/dependencies.ts';
import type { LinkMap } from '../loader/link-map.ts';

/** Its path, which is enough but where a loader would map one file twice. */
export function objectIds(loadOrder: readonly LinkMap[]): ReadonlyMap<LinkMap, ObjectId> {
  const ids = new Map<LinkMap, ObjectId>();
  const taken = new Set<ObjectId>();
  for (const map of loadOrder) {
    let id = map.shownPath;
    for (let number = 2; taken.has(id); number += 1) id = `${map.shownPath} #${number}`;
    taken.add(id);
    ids.set(map, id);
  }
  return ids;
}
