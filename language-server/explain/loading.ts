import type { Edge, LinkMap } from '../dependencies/loader/link-map.ts';
import type { ResolvedFile } from '../dependencies/resolve-file.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { NamedFile } from '../protocol/explain.ts';
import { howFoundText } from '../protocol/how-found-text.ts';
import type { World } from './world.ts';

/** One object's need of a name, in a program that was resolved. */
export interface FoundNeed {
  readonly resolved: ResolvedFile;
  readonly requester: LinkMap;
  readonly edge: Edge;
}

export function namedFile(world: World, name: ByteText): NamedFile {
  return { name, path: world.locate(name) };
}

export function nullableFile(world: World, name: ByteText | null): NamedFile | null {
  return name === null || name === '' ? null : namedFile(world, name);
}

/** Every need of a name below the files, each object's once. */
export async function needsOf(world: World, roots: readonly ByteText[], name: ByteText): Promise<readonly FoundNeed[]> {
  const found = new Map<ByteText, FoundNeed>();
  for (const root of roots) {
    const resolved = await world.resolve(root);
    if (resolved === null) continue;
    for (const requester of resolved.loadOrder) {
      const edge = requester.edges.find(candidate => isNamed(candidate, name));
      if (edge !== undefined && !found.has(requester.shownPath))
        found.set(requester.shownPath, { resolved, requester, edge });
    }
  }
  return [...found.values()];
}

function isNamed({ name, expandedName, found, path, tried, refused }: Edge, wanted: ByteText): boolean {
  if (name === wanted || expandedName === wanted || found?.shownPath === wanted || found?.name === wanted) return true;
  return wanted.startsWith('/') && (path === wanted || (refused && tried.at(-1)?.path === wanted));
}

/** The object of a name, or of a path, in what was resolved. */
export function mapNamed({ loadOrder }: ResolvedFile, name: ByteText): LinkMap | undefined {
  return (
    loadOrder.find(map => map.shownPath === name || map.name === name) ??
    loadOrder.find(map => map.names.includes(name) || map.object.soname === name) ??
    loadOrder.find(map => map.shownPath.endsWith(`/${name.slice(name.lastIndexOf('/') + 1)}`))
  );
}

/** By which rule the object came to be where it is. */
export function howLoadedText({ loadOrder }: ResolvedFile, map: LinkMap): string | null {
  for (const requester of loadOrder) {
    const edge = requester.edges.find(
      ({ found, how }) => found === map && how !== null && how.rule !== 'already-loaded',
    );
    if (edge?.how) return howFoundText(edge.how);
  }
  return null;
}

/** The way from the program down to an object, as the loader first went it: "app → libmiddle.so". */
export function chainText(map: LinkMap): string {
  const names: string[] = [];
  for (let at: LinkMap | null = map; at !== null; at = at.loader) names.push(fileName(at.shownPath));
  return names.reverse().join(' → ');
}

/** The file that an error is about, where the loader comes upon it. */
export interface ErrorObject {
  readonly program: NamedFile | null;
  /** Absolute; null where it is not found. */
  readonly path: ByteText | null;
  readonly need: FoundNeed | undefined;
  readonly requiredBy: NamedFile | null;
}

/**
 * Finds the object of an error. A name without a slash is what the loader finds for it, for the one that needs it; only where
 * nothing is known of that is it a file at hand.
 */
export async function errorObject(
  world: World,
  told: { readonly object: ByteText; readonly program: ByteText | null; readonly requester: ByteText | null },
): Promise<ErrorObject> {
  const program = nullableFile(world, told.program);
  const given = nullableFile(world, told.requester);
  const roots = [program, given].flatMap(file => file?.path ?? []);
  const exact = await needsOf(world, roots, told.object);
  // A file that is gone since then is no longer what its name leads to.
  const byName = told.object.slice(told.object.lastIndexOf('/') + 1);
  const needs = exact.length > 0 ? exact : await needsOf(world, roots, byName);
  const need = needs.find(({ edge }) => edge.found === null) ?? needs[0];
  const refused = need?.edge.refused === true ? (need.edge.tried.at(-1)?.path ?? need.edge.path) : null;
  const ofNeed = refused ?? need?.edge.found?.shownPath ?? need?.edge.path ?? null;
  const isOwn = told.object.includes('/') || roots.length === 0;
  return {
    program,
    path: ofNeed ?? (isOwn ? world.locate(told.object) : null),
    need,
    requiredBy:
      need === undefined ? given : { name: fileName(need.requester.shownPath), path: need.requester.shownPath },
  };
}

const shownFolders = 8;

/** Where the loader looked, with what it met there: one line a folder. */
export function searchedFacts({ edge, requester, resolved }: FoundNeed): readonly string[] {
  const tried = edge.tried.filter(({ inAbsentSubfolder }) => !inAbsentSubfolder);
  const remarkable = tried.filter(({ outcome }) => outcome !== 'No such file or directory');
  const folders = new Set(tried.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1)));
  const plain = [...folders].filter(folder => !folder.includes('/glibc-hwcaps/')).map(displayText);
  const more = plain.length > shownFolders ? ` and ${plain.length - shownFolders} more folders` : '';
  const cache =
    resolved.loader.kind === 'musl'
      ? ''
      : `${plain.length > 0 ? ', and in ' : ''}${displayText(resolved.loader.cachePath)}`;
  return [
    ...(edge.name.includes('/') ? [] : [`Looked in ${plain.slice(0, shownFolders).join(', ')}${more}${cache}.`]),
    ...remarkable.slice(0, shownFolders).map(({ path, outcome }) => `${displayText(path)}: ${displayText(outcome)}.`),
    ...runPathFacts(requester),
  ];
}

function runPathFacts({ object, shownPath }: LinkMap): readonly string[] {
  const by = displayText(shownPath);
  if (object.runpath !== null) return [`${by} has RUNPATH ${displayText(object.runpath) || '(empty)'}.`];
  if (object.rpath !== null) return [`${by} has RPATH ${displayText(object.rpath) || '(empty)'}.`];
  return [`${by} has neither RUNPATH nor RPATH.`];
}

export function fileName(path: ByteText): string {
  return displayText(path.slice(path.lastIndexOf('/') + 1));
}
