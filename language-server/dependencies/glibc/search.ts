import type { HowFound, SearchRule } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { describeErrno, type Errno } from '../files/errno.ts';
import { substituteTokens, substituteTokensSecurely } from '../loader/dynamic-string-tokens.ts';
import type { Candidate, LinkMap } from '../loader/link-map.ts';
import { decomposePath, type SearchEntry, type SearchFolder } from '../loader/search-path.ts';
import { type Verdict, verifyCandidate } from '../objects/verify-candidate.ts';
import { lookUpInCache } from './cache-lookup.ts';
import type { Resolution } from './state.ts';

/** How a search for a name ended, with every candidate that was not taken. */
export interface SearchResult {
  readonly tried: readonly Candidate[];
  readonly outcome:
    | { readonly kind: 'found'; readonly path: ByteText; readonly verdict: Taken; readonly how: HowFound }
    | { readonly kind: 'missing'; readonly error: string }
    | { readonly kind: 'refused'; readonly path: ByteText; readonly error: string };
}

type Taken = Extract<Verdict, { kind: 'taken' }>;
type Passed = Extract<Verdict, { kind: 'passed' }>;

/** A search as it goes on. */
interface Search {
  readonly resolution: Resolution;
  readonly name: ByteText;
  readonly tried: Candidate[];
  /** Of a preload in secure mode only files with the setuid bit are taken. */
  readonly onlySetUserId: boolean;
  /** errno as the last system call left it. */
  errno: Errno;
  wrongClass: string | null;
}

type Hit =
  | { readonly kind: 'found'; readonly path: ByteText; readonly verdict: Taken; readonly entry: SearchEntry | null }
  | { readonly kind: 'refused'; readonly path: ByteText; readonly error: string };

/** Looks for a file as glibc does for a name that no loaded object has (`_dl_map_new_object` of elf/dl-load.c). */
export async function searchLibrary(
  resolution: Resolution,
  requester: LinkMap,
  name: ByteText,
  onlySetUserId: boolean,
): Promise<SearchResult> {
  const isPath = name.includes('/');
  // What is named by its path was not searched for, and is taken as it is.
  const only = onlySetUserId && !isPath;
  const search: Search = { resolution, name, tried: [], onlySetUserId: only, errno: 'ENOENT', wrongClass: null };
  const ended = isPath ? openNamed(search, requester) : await searchEverywhere(search, requester);
  if (ended === null) {
    const error = search.wrongClass ?? `cannot open shared object file: ${describeErrno(search.errno)}`;
    return { tried: search.tried, outcome: { kind: 'missing', error } };
  }
  const { hit, how } = ended;
  if (hit.kind === 'refused') return { tried: search.tried, outcome: hit };
  const entry = hit.entry === null ? {} : { entry: hit.entry.written, entryNumber: hit.entry.number };
  return { tried: search.tried, outcome: { ...hit, how: { ...how, ...entry } } };
}

interface Ended {
  readonly hit: Hit;
  readonly how: HowFound;
}

/** A name with a slash is a path; tokens in it are the requester's. */
function openNamed(search: Search, requester: LinkMap): Ended | null {
  const hit = tryCandidate(search, search.name);
  return hit === null ? null : { hit, how: { rule: 'path', from: requester.shownPath } };
}

async function searchEverywhere(search: Search, requester: LinkMap): Promise<Ended | null> {
  for (const place of placesOf(search, requester)) {
    const hit = await openPath(search, place.entries());
    if (hit !== null) return { hit, how: { rule: place.rule, from: place.from } };
  }
  return null;
}

interface Place {
  readonly rule: SearchRule;
  readonly from: ByteText;
  readonly entries: () => readonly SearchEntry[] | CachedCandidate;
}

/** ld.so.cache does not name a folder to look in but one file. */
interface CachedCandidate {
  readonly cached: ByteText | null;
}

/** Where glibc looks, in order. */
function* placesOf(search: Search, requester: LinkMap): Generator<Place> {
  const { resolution } = search;
  const { main } = resolution;
  if (requester.object.runpath === null) {
    let sawMain = false;
    for (let owner: LinkMap | null = requester; owner !== null; owner = owner.loader) {
      sawMain ||= owner === main;
      yield rpathOf(resolution, owner);
    }
    if (!sawMain) yield rpathOf(resolution, main);
  }
  yield { rule: 'library-path', from: 'LD_LIBRARY_PATH', entries: () => resolution.libraryPath };
  yield { rule: 'runpath', from: requester.shownPath, entries: () => runpathOf(resolution, requester) };
  if (!search.onlySetUserId) {
    yield {
      rule: 'cache',
      from: resolution.loader.cachePath,
      entries: () => ({ cached: cachedCandidate(search, requester) }),
    };
  }
  if (!requester.object.noDefaultFolders) {
    yield { rule: 'default', from: resolution.loaderPath, entries: () => resolution.systemPath };
  }
}

function rpathOf(resolution: Resolution, owner: LinkMap): Place {
  const entries = (): readonly SearchEntry[] => {
    owner.rpath ??= foldersOf(resolution, owner, owner.object.rpath);
    return owner.rpath;
  };
  return { rule: 'rpath', from: owner.shownPath, entries };
}

function runpathOf(resolution: Resolution, owner: LinkMap): readonly SearchEntry[] {
  owner.runpath ??= foldersOf(resolution, owner, owner.object.runpath);
  return owner.runpath;
}

/** An empty RPATH or RUNPATH is as good as none; an empty element of a longer one is the working directory. */
function foldersOf(resolution: Resolution, owner: LinkMap, path: ByteText | null): readonly SearchEntry[] {
  if (path === null || path === '') return [];
  return decomposePath(path, /:/u, resolution.folders, element => expandTokens(resolution, owner, element));
}

/** `$ORIGIN`, `$LIB` and `$PLATFORM` as they are in this object; null where one has no value or is not allowed. */
export function expandTokens(resolution: Resolution, owner: LinkMap, text: ByteText): ByteText | null {
  if (!text.includes('$')) return text;
  const { loader, platform, environment } = resolution;
  const values = { origin: owner.origin, lib: loader.lib, platform };
  if (environment.secure !== true) return substituteTokens(text, values);
  return substituteTokensSecurely(text, values, owner.kind === 'program', loader.systemFolders);
}

/** With DF_1_NODEFLIB a cache entry below a system folder is not used (by prefix, as glibc compares them). */
function cachedCandidate(search: Search, requester: LinkMap): ByteText | null {
  const { cache, cacheRequest, loader } = search.resolution;
  const path = cache === null ? null : lookUpInCache(cache, search.name, cacheRequest);
  if (path === null || !requester.object.noDefaultFolders) return path;
  if (!loader.systemFolders.some(folder => path.startsWith(folder))) return path;
  record(search, path, 'in a system folder, which DF_1_NODEFLIB of the requester rules out');
  return null;
}

/** Tries the name in each folder and its subfolders (glibc `open_path`). Null: not here, look in the next place. */
async function openPath(search: Search, entries: readonly SearchEntry[] | CachedCandidate): Promise<Hit | null> {
  if ('cached' in entries) return entries.cached === null ? null : tryCandidate(search, entries.cached);
  const { capabilities, loader, pause } = search.resolution;
  for (const entry of entries) {
    await pause();
    let here = false;
    for (const [index, subfolder] of capabilities.subfolders.entries()) {
      if (!mayExist(entry.folder, index)) continue;
      const hit = tryInFolder(search, entry, index, subfolder);
      if (hit !== null) return hit;
      here ||= mayExist(entry.folder, index);
    }
    if (here && endsList(search.errno, loader.minorVersion)) return null;
  }
  return null;
}

function tryInFolder(search: Search, entry: SearchEntry, index: number, subfolder: string): Hit | null {
  const path = entry.folder.name + subfolder + search.name;
  const absent = absentFolder(search, entry.folder, index, subfolder);
  if (absent !== null) {
    pass(search, path, { kind: 'passed', errno: absent, outcome: describeErrno(absent) }, subfolder !== '');
    return null;
  }
  const hit = tryCandidate(search, path);
  return hit?.kind === 'found' ? { ...hit, entry } : hit;
}

/** Asked anew after each candidate, since trying one teaches about its folder. */
function mayExist(folder: SearchFolder, index: number): boolean {
  return folder.status[index] !== 'missing';
}

/**
 * Why a folder cannot hold the candidate, learnt without a system call per candidate: what does not exist has no subfolders.
 * glibc asks only after it failed to open a file there, which comes to the same.
 */
function absentFolder(search: Search, folder: SearchFolder, index: number, subfolder: string): Errno | null {
  const { files } = search.resolution;
  if (folder.status[index] === 'existing' && folder.name.startsWith('/')) return null;
  const base = files.folderStatus(folder.name === '' ? '.' : folder.name);
  const status = base === 'folder' && subfolder !== '' ? files.folderStatus(folder.name + subfolder) : base;
  if (folder.status[index] === 'unknown') folder.status[index] = status === 'folder' ? 'existing' : 'missing';
  return status === 'folder' ? null : status;
}

/** Errors other than "not there" end the search of the list at hand; ENOTDIR joined them in glibc 2.39. */
function endsList(errno: Errno, minorVersion: number | null): boolean {
  if (errno === 'ENOTDIR') return minorVersion !== null && minorVersion < 39;
  return errno !== 'ENOENT' && errno !== 'EACCES';
}

function tryCandidate(search: Search, path: ByteText): Hit | null {
  const { resolution } = search;
  if (resolution.limits.candidates <= 0) {
    return { kind: 'refused', path, error: 'not looked for: too many candidates were tried before it' };
  }
  resolution.limits.candidates -= 1;
  const verdict = verifyCandidate(path, resolution.files, resolution.read, resolution.target);
  switch (verdict.kind) {
    case 'taken':
      if (search.onlySetUserId && !verdict.file.setUserId) {
        pass(search, path, { kind: 'passed', errno: 'ENOENT', outcome: 'not a setuid file' });
        return null;
      }
      return { kind: 'found', path, verdict, entry: null };
    case 'refused':
      record(search, path, verdict.outcome);
      return { kind: 'refused', path, error: verdict.outcome };
    case 'passed':
      pass(search, path, verdict);
      return null;
  }
}

function pass(search: Search, path: ByteText, verdict: Passed, inAbsentSubfolder = false): void {
  search.errno = verdict.errno;
  search.wrongClass = verdict.wrongClass ?? search.wrongClass;
  record(search, path, verdict.outcome, inAbsentSubfolder);
}

function record(search: Search, path: ByteText, outcome: string, inAbsentSubfolder = false): void {
  const { limits, files } = search.resolution;
  limits.recorded -= 1;
  if (limits.recorded >= 0) search.tried.push({ path: files.shown(path), outcome, inAbsentSubfolder });
}
