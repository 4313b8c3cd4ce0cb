import { shellCommand } from '../../native/shell-quote.ts';
import type { ObjectId, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { Edge, LinkMap } from '../loader/link-map.ts';
import type { Searched } from '../loader/resolved-program.ts';
import type { Pause } from '../pause.ts';
import type { ResolvedFile } from '../resolve-file.ts';

/**
 * Needs that are met only because another object loaded the library before: the requester's own search finds nothing, or
 * another file. Once the other object is no longer there, or comes later, this one breaks or changes.
 */
export async function firstComeProblems(
  resolved: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
  pause: Pause,
): Promise<readonly TreeProblem[]> {
  const known = new Map<string, Searched>();
  const problems: TreeProblem[] = [];
  for (const requester of resolved.loadOrder) {
    const path = searchPathOf(requester);
    for (const edge of requester.edges) {
      if (edge.how?.rule !== 'already-loaded' || edge.found === null || edge.name.includes('/')) continue;
      await pause();
      const key = `${path}\0${edge.expandedName}`;
      const searched = known.get(key) ?? (await resolved.search(requester, edge.expandedName));
      known.set(key, searched);
      // By its own name an object finds itself before anything is searched for.
      if (searched.identity === edge.found.file.identity || edge.found === requester) continue;
      const rule =
        resolved.loader.kind === 'musl' ? 'musl ldso/dynlink.c load_library' : 'glibc elf/dl-load.c _dl_map_object';
      const evidence = { rule, command: shellCommand(['readelf', '-d', requester.shownPath]) };
      problems.push({ ...problemOf(requester, edge, edge.found, searched), object: idOf(requester), evidence });
    }
  }
  return problems;
}

/** All that decides where a search goes beside what is the same for all objects of a tree. */
function searchPathOf(requester: LinkMap): string {
  const parts: string[] = [`${requester.object.noDefaultFolders}`];
  for (let owner: LinkMap | null = requester; owner !== null; owner = owner.loader) {
    const { rpath, runpath } = owner.object;
    if (rpath !== null || runpath !== null) parts.push(owner.origin ?? '', rpath ?? '', runpath ?? '');
  }
  return parts.join('\0');
}

function problemOf(requester: LinkMap, edge: Edge, found: LinkMap, searched: Searched): Omit<TreeProblem, 'object'> {
  const [by, name] = [displayText(requester.shownPath), displayText(edge.name)];
  const owner = found.loader === null ? 'the tree' : displayText(found.loader.shownPath);
  const own =
    searched.path === null ? 'Its own search finds nothing' : `Its own search finds ${displayText(searched.path)}`;
  return {
    code: 'dependencies/first-come',
    severity: 'information',
    message: `${by} gets ${name} only because ${owner} loaded ${displayText(found.shownPath)} before. ${own}: give it a RUNPATH of its own that leads there.`,
    edge: edge.name,
    expected: displayText(found.shownPath),
    actual: displayText(searched.path ?? ''),
  };
}
