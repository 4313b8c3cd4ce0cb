import type { HowFound } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import { createLinkMap, type Edge, howLoaded, type LinkMap } from '../loader/link-map.ts';
import type { Located, ResolutionRequest, ResolvedProgram } from '../loader/resolved-program.ts';
import { mainMap } from '../loader/root-file.ts';
import { type MuslSearch, type MuslSearchResult, searchMuslLibrary } from './search.ts';
import { muslSystemPath } from './system-path.ts';

/** One resolution by musl's rules in progress. */
interface MuslResolution extends MuslSearch {
  /** musl's list: the program first, then as they are mapped; the loader itself where it is first needed. */
  readonly list: LinkMap[];
  /** The loader, which is libc too; null where its file is not there. */
  readonly self: LinkMap | null;
  /** `shortname`: the name by which an object that a search found is found again. */
  readonly byShortName: Map<ByteText, LinkMap>;
  readonly byIdentity: Map<string, LinkMap>;
}

/** Resolves with the rules of musl's `ldso/dynlink.c`: no cache, no hwcaps, no versions, no SONAMEs, RPATH as RUNPATH. */
export async function resolveWithMusl(request: ResolutionRequest): Promise<ResolvedProgram> {
  const { environment, files, root, loaderPath, pause } = request;
  const main = mainMap(root, files);
  const resolution: MuslResolution = {
    request,
    system: muslSystemPath(loaderPath, request.facts?.muslName, files),
    libraryPath: environment.secure === true ? '' : (environment.libraryPath ?? ''),
    limits: { candidates: 1_000_000, recorded: 100_000 },
    list: [main],
    self: selfMap(request),
    byShortName: new Map(),
    byIdentity: new Map(),
  };
  await loadPreloads(resolution, main);
  // The list grows while it is walked: breadth first, as `load_deps` has it.
  for (const map of resolution.list) {
    for (const { kind, name } of map.object.dependencies) {
      await pause();
      if (kind === 'needed') map.edges.push(await loadLibrary(resolution, map, kind, name));
    }
  }
  const { list } = resolution;
  return {
    main,
    loadOrder: list,
    scope: list,
    versionProblems: [],
    hwcaps: [],
    locate: (_, name) => locateLibrary(resolution, main, name),
    search: async (requester, name) => {
      const { found } = await searchMuslLibrary(resolution, requester, name);
      if (found === null) return { path: null, identity: null };
      return { path: files.shown(found.path), identity: found.file.identity };
    },
    findings: limitFindings(resolution),
  };
}

function selfMap({ files, read, loaderPath }: ResolutionRequest): LinkMap | null {
  const status = files.status(loaderPath);
  const file = status.kind === 'file' ? read(status) : null;
  if (status.kind !== 'file' || file?.kind !== 'elf' || file.object === null) return null;
  const place = { name: loaderPath, shownPath: files.shown(loaderPath), origin: null, loader: null };
  const { header, object } = file;
  return createLinkMap('interpreter', { header, object, file: status }, place);
}

/** Names are separated by white space or colons; nothing is said of one that cannot be loaded (musl `load_preload`). */
async function loadPreloads(resolution: MuslResolution, main: LinkMap): Promise<void> {
  const { environment } = resolution.request;
  if (environment.secure === true) return;
  for (const name of (environment.preload ?? '').split(/[\s:]+/u)) {
    if (name === '') continue;
    const edge = await loadLibrary(resolution, null, 'preload', name);
    main.edges.push({ ...edge, how: edge.found === null ? null : { rule: 'preload', from: 'LD_PRELOAD' } });
  }
}

/** musl `load_library`. `requester` is null for a preload, for which no RPATH is searched. */
async function loadLibrary(
  resolution: MuslResolution,
  requester: LinkMap | null,
  kind: Edge['kind'],
  name: ByteText,
): Promise<Edge> {
  const nothing = { kind, name, expandedName: name, found: null, path: null, how: null, tried: [], refused: false };
  if (name === '') return { ...nothing, error: 'Invalid argument' };
  if (isLoaderItself(name, resolution.request.loaderPath)) return loaderEdge(resolution, nothing);
  const known = name.includes('/') ? undefined : resolution.byShortName.get(name);
  if (known !== undefined) return { ...nothing, found: known, how: howLoaded(known), error: null };
  const result = await searchMuslLibrary(resolution, requester, name);
  const edge = { ...nothing, tried: result.tried };
  if (result.found === null) return { ...edge, error: result.error, refused: result.refused };
  const { found, how } = result;
  const map = resolution.byIdentity.get(found.file.identity) ?? addLibrary(resolution, requester, found);
  // A name with a slash gives no short name; a later search that finds the same file does.
  if (!name.includes('/')) {
    const shortName = map.name.slice(map.name.lastIndexOf('/') + 1);
    if (!resolution.byShortName.has(shortName)) resolution.byShortName.set(shortName, map);
  }
  return { ...edge, found: map, path: resolution.request.files.shown(found.path), how, error: null };
}

/** What dlopen(3) would come to, without loading it: musl searches for the program, whoever calls. */
async function locateLibrary(resolution: MuslResolution, main: LinkMap, name: ByteText): Promise<Located> {
  const nothing = { found: null, path: null, how: null, tried: [], error: null };
  const { self, request } = resolution;
  const known = isLoaderItself(name, request.loaderPath) ? self : resolution.byShortName.get(name);
  if (known) return { ...nothing, found: known, path: known.shownPath, how: howLoaded(known) };
  const result = await searchMuslLibrary(resolution, main, name);
  if (result.found === null) return { ...nothing, tried: result.tried, error: result.error };
  const found = resolution.byIdentity.get(result.found.file.identity) ?? null;
  return { ...nothing, found, path: request.files.shown(result.found.path), how: result.how, tried: result.tried };
}

type Found = NonNullable<Extract<MuslSearchResult, { found: object }>['found']>;

function addLibrary(resolution: MuslResolution, requester: LinkMap | null, found: Found): LinkMap {
  const { files } = resolution.request;
  const map = createLinkMap('library', found, {
    name: found.path,
    shownPath: files.shown(found.path),
    origin: originOf(found.path),
    loader: requester,
  });
  resolution.list.push(map);
  resolution.byIdentity.set(found.file.identity, map);
  return map;
}

/** The path up to its last slash, '' for what lies in `/`; a relative path stays one. */
function originOf(path: ByteText): ByteText {
  const end = path.lastIndexOf('/');
  return end < 0 ? '.' : path.slice(0, end);
}

/** musl is all of libc: these names, whatever follows their first dot, are never looked for. */
const ownNames = /^lib(?:c|pthread|rt|m|dl|util|xnet)\./u;

function isLoaderItself(name: ByteText, loaderPath: ByteText): boolean {
  return ownNames.test(name) || name === loaderPath;
}

function loaderEdge(resolution: MuslResolution, nothing: Omit<Edge, 'error'>): Edge {
  const { self, list, request } = resolution;
  if (self === null) return { ...nothing, error: `musl's loader is not there: ${request.loaderPath}` };
  if (!list.includes(self)) list.push(self);
  const how: HowFound = { rule: 'interpreter', from: request.loaderPath };
  return { ...nothing, found: self, how, error: null };
}

function limitFindings({ limits }: MuslResolution): readonly Finding[] {
  if (limits.candidates > 0) return [];
  const message = 'The search was given up: too many candidates. What stands behind is shown as not looked for.';
  return [{ code: 'dependencies/search-limit', severity: 'warning', message }];
}
