import type { ByteText } from '../../protocol/elf.ts';
import { hasTokens } from '../loader/dynamic-string-tokens.ts';
import { createLinkMap, type Edge, howLoaded, type LinkMap } from '../loader/link-map.ts';
import type { Located } from '../loader/resolved-program.ts';
import type { DependencyEntry } from '../objects/loader-object.ts';
import { expandTokens, searchLibrary } from './search.ts';
import type { Resolution } from './state.ts';

/** An entry of glibc's breadth-first list. */
interface ListEntry {
  readonly map: LinkMap;
  done: boolean;
}

interface Loaded {
  /** In the order of the loader's list of objects, the program first. */
  readonly loadOrder: readonly LinkMap[];
  /** In breadth-first order, in which symbols are looked for (`l_searchlist`). */
  readonly scope: readonly LinkMap[];
}

/**
 * Loads everything that the main program needs, directly or not, breadth first (glibc `_dl_map_object_deps` of
 * elf/dl-deps.c, in the mode of `LD_TRACE_LOADED_OBJECTS`, which goes on after a miss).
 */
export async function loadDependencies(resolution: Resolution, preloads: readonly LinkMap[]): Promise<Loaded> {
  const list: ListEntry[] = [resolution.main, ...preloads].map(map => ({ map, done: false }));
  const listed = new Set(list.map(({ map }) => map));
  for (let index = 0; index < list.length; ) {
    const entry = list[index];
    if (entry === undefined || entry.done) {
      index += 1;
      continue;
    }
    entry.done = true;
    // Filtees are put before the filter, which moves on: so the same place is looked at again.
    await resolveEntries(resolution, list, listed, index);
  }
  return { loadOrder: placeInterpreter(resolution, list), scope: list.map(({ map }) => map) };
}

/** Resolves what one object asks for and appends it to the list, filtees before the object itself. */
async function resolveEntries(
  resolution: Resolution,
  list: ListEntry[],
  listed: Set<LinkMap>,
  start: number,
): Promise<void> {
  const requester = list[start]?.map;
  if (requester === undefined) return;
  // An object that was moved to before its filter is worked through again, with the same outcome.
  const earlier = requester.edges.filter(({ kind }) => kind !== 'preload');
  let place = start;
  for (const [index, dependency] of requester.object.dependencies.entries()) {
    await resolution.pause();
    const edge = earlier[index] ?? (await resolveEdge(resolution, requester, dependency));
    if (earlier[index] === undefined) requester.edges.push(edge);
    if (edge.found === null) continue;
    if (dependency.kind !== 'needed') place = listFiltee(resolution, list, listed, place, edge.found);
    else if (!listed.has(edge.found)) {
      listed.add(edge.found);
      list.push({ map: edge.found, done: false });
    }
  }
}

/** Puts a filtee before the filter at `place`, unless it already is further up. Where the filter is then. */
function listFiltee(
  resolution: Resolution,
  list: ListEntry[],
  listed: Set<LinkMap>,
  place: number,
  filtee: LinkMap,
): number {
  const filter = list[place]?.map;
  if (listed.has(filtee)) {
    const later = list.findIndex((entry, index) => index > place && entry.map === filtee);
    if (later < 0 || resolution.limits.moves <= 0) return place;
    resolution.limits.moves -= 1;
    list.splice(later, 1);
  }
  listed.add(filtee);
  list.splice(place, 0, { map: filtee, done: false });
  const { chain } = resolution;
  chain.splice(chain.indexOf(filtee), 1);
  chain.splice(filter === undefined ? chain.length : chain.indexOf(filter), 0, filtee);
  return place + 1;
}

async function resolveEdge(
  resolution: Resolution,
  requester: LinkMap,
  { kind, name: written }: DependencyEntry,
): Promise<Edge> {
  if (!hasTokens(written)) return await mapObject(resolution, requester, kind, written, written);
  const nothing = {
    kind,
    name: written,
    expandedName: written,
    found: null,
    path: null,
    how: null,
    tried: [],
    refused: true,
  };
  if (resolution.environment.secure === true) {
    return { ...nothing, error: 'DST not allowed in SUID/SGID programs' };
  }
  const name = expandTokens(resolution, requester, written);
  if (name === null) return { ...nothing, error: 'empty dynamic string token substitution' };
  return await mapObject(resolution, requester, kind, written, name);
}

/**
 * Finds the object of a name: one that is loaded and has the name, else by search, where a file that is loaded already gets
 * the name (glibc `_dl_map_object`, `_dl_map_object_from_fd`).
 *
 * @param name the name with its tokens expanded; `written` as it is in the file.
 */
export async function mapObject(
  resolution: Resolution,
  requester: LinkMap,
  kind: Edge['kind'],
  written: ByteText,
  name: ByteText,
): Promise<Edge> {
  const nothing = {
    kind,
    name: written,
    expandedName: name,
    found: null,
    path: null,
    how: null,
    tried: [],
    error: null,
    refused: false,
  };
  const known = resolution.byName.get(name);
  if (known !== undefined) {
    // The name may be the SONAME of an object that was asked for by another name; from now on it is a name of it.
    if (!known.names.includes(name)) known.names.push(name);
    return { ...nothing, found: known, how: howLoaded(known) };
  }
  const onlySetUserId = kind === 'preload' && resolution.environment.secure === true;
  const { outcome, tried } = await searchLibrary(resolution, requester, name, onlySetUserId);
  const edge = { ...nothing, tried };
  if (outcome.kind !== 'found') return { ...edge, error: outcome.error, refused: outcome.kind === 'refused' };
  const { path, verdict, how } = outcome;
  const same = resolution.byIdentity.get(verdict.file.identity);
  if (same !== undefined) {
    addName(resolution, same, name);
    return { ...edge, found: same, path: resolution.files.shown(path), how };
  }
  const { mappingError } = verdict.object;
  if (mappingError !== null) {
    const refusal = { path: resolution.files.shown(path), outcome: mappingError, inAbsentSubfolder: false };
    return { ...edge, tried: [...tried, refusal], error: mappingError, refused: true };
  }
  const map = createLinkMap('library', verdict, {
    name: path,
    shownPath: resolution.files.shown(path),
    origin: resolution.files.origin(path),
    loader: requester,
  });
  resolution.chain.push(map);
  resolution.byIdentity.set(verdict.file.identity, map);
  addName(resolution, map, name);
  if (!resolution.byName.has(path)) resolution.byName.set(path, map);
  registerSoname(resolution, map);
  return { ...edge, found: map, path: map.shownPath, how };
}

/** What dlopen(3) of this name, called by `requester`, would come to, without loading it. */
export async function locateObject(resolution: Resolution, requester: LinkMap, written: ByteText): Promise<Located> {
  const nothing = { found: null, path: null, how: null, tried: [], error: null };
  const name = written.includes('/') ? expandTokens(resolution, requester, written) : written;
  if (name === null) return { ...nothing, error: 'empty dynamic string token substitution' };
  const known = resolution.byName.get(name);
  if (known !== undefined) return { ...nothing, found: known, path: known.shownPath, how: howLoaded(known) };
  const { outcome, tried } = await searchLibrary(resolution, requester, name, false);
  if (outcome.kind !== 'found') return { ...nothing, tried, error: outcome.error };
  const { path, verdict, how } = outcome;
  const found = resolution.byIdentity.get(verdict.file.identity) ?? null;
  const error = found === null ? verdict.object.mappingError : null;
  const shown = resolution.files.shown(path);
  if (error === null) return { ...nothing, found, path: shown, how, tried };
  return { ...nothing, tried: [...tried, { path: shown, outcome: error, inAbsentSubfolder: false }], error };
}

export function addName(resolution: Resolution, map: LinkMap, name: ByteText): void {
  if (!map.names.includes(name)) map.names.push(name);
  if (!resolution.byName.has(name)) resolution.byName.set(name, map);
}

/** A SONAME finds the object too, after the names that were there before. */
export function registerSoname(resolution: Resolution, map: LinkMap): void {
  const { soname } = map.object;
  if (soname !== null && !resolution.byName.has(soname)) resolution.byName.set(soname, map);
}

/**
 * The interpreter was mapped first of all, but the loader lists it, if anything needs it, behind the object that stands
 * before it in breadth-first order (glibc elf/rtld.c, `dl_main`).
 */
function placeInterpreter(resolution: Resolution, list: readonly ListEntry[]): readonly LinkMap[] {
  const { main } = resolution;
  // A filtee of the main program itself stands before it; the list that a person sees begins with the program.
  const chain = [main, ...resolution.chain.filter(map => map !== main && map.kind !== 'interpreter')];
  const position = list.findIndex(({ map }) => map.kind === 'interpreter');
  const before = list[position - 1]?.map;
  const interpreter = list[position]?.map;
  if (interpreter !== undefined && before !== undefined) chain.splice(chain.indexOf(before) + 1, 0, interpreter);
  return chain;
}
