import type { ObjectId, TreeProblem } from '../../protocol/dependencies.ts';
import type { LinkMap } from '../loader/link-map.ts';
import { createPause } from '../pause.ts';
import type { ResolvedFile } from '../resolve-file.ts';
import { firstComeProblems } from './first-come.ts';
import { insecureFolderProblems } from './insecure-folders.ts';
import { copyProblems } from './library-copies.ts';

/** What works, but would not if little things were other: a library more or less, a folder that others can write to. */
export async function fragileProblems(
  resolved: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
  signal: AbortSignal | undefined,
): Promise<readonly TreeProblem[]> {
  if (resolved.unloaded !== null) return [];
  const pause = createPause(signal);
  return [
    ...(await firstComeProblems(resolved, idOf, pause)),
    ...copyProblems(resolved, idOf),
    ...insecureFolderProblems(resolved, idOf),
  ];
}
