import { expect } from 'vitest';
import type { LoaderEnvironment } from '../../language-server/dependencies/loader/environment.ts';
import type { Edge } from '../../language-server/dependencies/loader/link-map.ts';
import { type ResolvedFile, resolveFile } from '../../language-server/dependencies/resolve-file.ts';
import { askLoader, glibcLoader, type LoaderAnswer, type LoaderRun } from './loader-oracle.ts';

export interface Situation {
  /** Absolute. */
  readonly file: string;
  readonly cwd: string;
  readonly libraryPath?: string;
  readonly preload?: string;
  readonly mode?: LoaderRun['mode'];
}

/**
 * Resolves the file and asks the real loader: the same objects in the same order, the same misses, the same fatal error, the
 * same version errors, and the same paths tried for each name.
 */
export async function checkAgainstLoader(situation: Situation): Promise<ResolvedFile> {
  const { file, cwd, libraryPath, preload, mode = 'loader' } = situation;
  const variables = { ...(libraryPath !== undefined && { libraryPath }), ...(preload !== undefined && { preload }) };
  const environment: LoaderEnvironment = { cwd, ...variables };
  const env = {
    ...(libraryPath !== undefined && { LD_LIBRARY_PATH: libraryPath }),
    ...(preload !== undefined && { LD_PRELOAD: preload }),
    LD_DEBUG: 'libs',
  };
  const resolved = await resolveFile(file, environment, undefined);
  const [answer] = await askLoader(glibcLoader, { files: [file], cwd, env, mode });
  if (answer === undefined) throw new Error('no answer');
  const [ours, theirs] = [comparable(resolved), expectedOf(answer, cwd)];
  // A filter that is moved is worked through again, and what it misses is looked for and listed again.
  const edges = resolved.loadOrder.flatMap(map => map.edges);
  const again = edges.some(({ kind }) => kind === 'filter' || kind === 'auxiliary');
  if (again && theirs.error !== null && theirs.error !== 'crash') {
    // It is also worked through in another order than it is listed, so that any error may be the first.
    expect(edges.filter(isFatal).map(fatalText)).toContain(theirs.error);
  } else {
    expect(again ? onceEach(ours) : ours).toEqual(again ? onceEach(theirs) : theirs);
  }
  return resolved;
}

function onceEach(said: Comparable): Comparable {
  return { ...said, missing: [...new Set(said.missing)], searches: [...new Set(said.searches)] };
}

interface Comparable {
  readonly error: string | null;
  readonly found: readonly string[];
  readonly missing: readonly string[];
  readonly versionErrors: readonly string[];
  readonly searches: readonly string[];
}

function comparable(resolved: ResolvedFile): Comparable {
  const { loadOrder, versionProblems, findings } = resolved;
  const edges = loadOrder.flatMap(map => map.edges);
  if (findings.some(({ code }) => code === 'dependencies/filter-circle')) {
    return { error: 'crash', found: [], missing: [], versionErrors: [], searches: [] };
  }
  const fatal = edges.find(isFatal);
  // Of what needs nothing itself the loader says "statically linked", whatever is preloaded.
  const isSilent = loadOrder[0]?.edges.every(({ kind }) => kind !== 'needed') === true;
  // The loader lists what stands behind the file itself, and filtees of it stand before.
  const filtees = loadOrder[0]?.edges.filter(({ kind }) => kind === 'auxiliary' || kind === 'filter') ?? [];
  const unlisted = new Set(filtees.map(({ found }) => found));
  if (fatal !== undefined) {
    const searched = edges.slice(0, edges.indexOf(fatal) + 1);
    const searches = searched.flatMap(searchText).sort();
    return { error: fatalText(fatal), found: [], missing: [], versionErrors: [], searches };
  }
  return {
    error: null,
    found: (isSilent ? [] : loadOrder)
      .slice(1)
      .filter(map => !unlisted.has(map))
      .map(map => map.shownPath),
    missing: (isSilent ? [] : loadOrder)
      .flatMap((map, index) => map.edges.filter(({ kind }) => kind === 'needed' || (index > 0 && kind !== 'preload')))
      .filter(({ found, refused }) => found === null && !refused)
      .map(({ expandedName }) => expandedName)
      .sort(),
    versionErrors: versionProblems
      .filter(({ kind }) => kind === 'missing')
      .map(({ version, requester }) => `version \`${version}' not found (required by ${requester.shownPath})`)
      .sort(),
    searches: edges.flatMap(searchText).sort(),
  };
}

function expectedOf(answer: LoaderAnswer, cwd: string): Comparable {
  if (answer.error === 'crash') return { error: 'crash', found: [], missing: [], versionErrors: [], searches: [] };
  const absolute = (path: string): string =>
    path.startsWith('/') ? path : `${cwd}/${path.replace(/^(?:\.\/+)+/u, '')}`;
  return {
    error: answer.error === null ? null : withoutFolder(answer.error),
    found: answer.objects.flatMap(({ path }) => (path === null ? [] : [absolute(path)])),
    missing: answer.objects
      .filter(({ path }) => path === null)
      .map(({ name }) => name)
      .sort(),
    versionErrors: answer.versionErrors
      .map(text => text.replace(/\(required by (.*)\)$/u, (_, path: string) => `(required by ${absolute(path)})`))
      .sort(),
    searches: answer.searches
      .filter(({ tried }) => tried.length > 0)
      .map(({ name, tried }) => `${name}: ${tried.map(absolute).join(' ')}`)
      .sort(),
  };
}

/** Preloads and auxiliary filtees may fail. */
function mayFail({ kind }: Edge): boolean {
  return kind === 'preload' || kind === 'auxiliary';
}

/** What the loader gives up at. */
function isFatal(edge: Edge): boolean {
  return edge.refused && !mayFail(edge);
}

function fatalText({ name, tried, error }: Edge): string {
  // What we say of linker scripts beyond the loader's own words stands in parentheses.
  return withoutFolder(`${tried.at(-1)?.path ?? name}: ${error?.replace(/ \(a GNU ld script.*/u, '')}`);
}

/** The loader names a path or just the name, by the kind of error; the paths are compared as what was tried. */
function withoutFolder(error: string): string {
  // The loader has no words for most errors of the system.
  return error.replace(/^[^:]*\//u, '').replace(/: Error 21$/u, ': Is a directory');
}

function searchText({ name, path, tried }: Edge): readonly string[] {
  if (name.includes('/') || (path === null && tried.length === 0)) return [];
  return [`${name}: ${[...tried.map(candidate => candidate.path), ...(path === null ? [] : [path])].join(' ')}`];
}

/** One line an edge, for a test to read: `app liba.so => lib/liba.so (runpath of app)`. */
export function edgeLines({ loadOrder }: ResolvedFile, folder: string): readonly string[] {
  const short = (path: string): string => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path);
  return loadOrder.flatMap(({ shownPath, edges }) =>
    edges.map(({ name, found, how, error }) => {
      const target =
        found === null ? `! ${error}` : `=> ${short(found.shownPath)} (${how?.rule} ${short(how?.from ?? '')})`;
      return `${short(shownPath)} ${short(name)} ${target}`;
    }),
  );
}
