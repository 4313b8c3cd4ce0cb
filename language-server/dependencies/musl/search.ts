import { objectType } from '../../elf/reader/file-header.ts';
import { encodeBytes } from '../../native/byte-text.ts';
import type { HowFound } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { describeErrno, type Errno } from '../files/errno.ts';
import type { RegularFile } from '../files/loader-files.ts';
import type { Candidate, LinkMap } from '../loader/link-map.ts';
import type { ResolutionRequest } from '../loader/resolved-program.ts';
import type { LoaderHeader, LoaderObject } from '../objects/loader-object.ts';
import type { MuslSystemPath } from './system-path.ts';

/** What a search by musl's rules looks at. */
export interface MuslSearch {
  readonly request: ResolutionRequest;
  readonly system: MuslSystemPath;
  readonly libraryPath: ByteText;
  /** What is left of the work that one resolution may do and report. */
  readonly limits: { candidates: number; recorded: number };
}

export type MuslSearchResult =
  | {
      readonly tried: readonly Candidate[];
      readonly found: {
        readonly path: ByteText;
        readonly file: RegularFile;
        readonly header: LoaderHeader;
        readonly object: LoaderObject;
      };
      readonly how: HowFound;
    }
  | { readonly tried: readonly Candidate[]; readonly found: null; readonly error: string; readonly refused: boolean };

/** `NAME_MAX`, and the size of the buffer that paths of candidates are built in: longer ones are not tried. */
const maximumNameBytes = 255;
const maximumPathBytes = 2 * maximumNameBytes + 1;

/** Opening failed so: the next folder is tried. Any other error ends the whole search. */
const ordinary: ReadonlySet<Errno> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG']);

type Opened =
  | { readonly kind: 'file'; readonly path: ByteText; readonly file: RegularFile }
  /** It can be opened, which ends the search, but not mapped. */
  | { readonly kind: 'unfit'; readonly path: ByteText; readonly error: string }
  | { readonly kind: 'error'; readonly errno: Errno };

interface Place {
  readonly how: HowFound;
  readonly path: ByteText;
}

/** Looks for a file as musl does: LD_LIBRARY_PATH, RPATH or RUNPATH of the requester and of all that led to it, its system path. */
export async function searchMuslLibrary(
  search: MuslSearch,
  requester: LinkMap | null,
  name: ByteText,
): Promise<MuslSearchResult> {
  const tried: Candidate[] = [];
  let errno: Errno = 'ENOENT';
  for (const { how, candidate } of candidatesOf(search, requester, name)) {
    await search.request.pause();
    if (search.limits.candidates <= 0) {
      return { tried, found: null, error: 'not looked for: too many candidates were tried before it', refused: true };
    }
    search.limits.candidates -= 1;
    const opened = open(search, candidate);
    if (opened.kind === 'error') {
      ({ errno } = opened);
      record(search, tried, candidate, describeErrno(errno));
      if (ordinary.has(errno)) continue;
      break;
    }
    const mapped = opened.kind === 'file' ? mapFile(search, opened.file) : opened.error;
    if (typeof mapped !== 'string') {
      return { tried, found: { path: candidate, ...mapped }, how };
    }
    record(search, tried, candidate, mapped);
    return { tried, found: null, error: mapped, refused: true };
  }
  return { tried, found: null, error: describeErrno(errno), refused: false };
}

function* candidatesOf(
  search: MuslSearch,
  requester: LinkMap | null,
  name: ByteText,
): Generator<{ readonly how: HowFound; readonly candidate: ByteText }> {
  if (name.includes('/')) {
    yield { how: { rule: 'path', from: requester?.shownPath ?? 'LD_PRELOAD' }, candidate: name };
    return;
  }
  if (encodeBytes(name).length > maximumNameBytes) return;
  for (const { how, path } of placesOf(search, requester)) {
    let entryNumber = 0;
    for (const entry of path.split(/[:\n]/u)) {
      entryNumber += 1;
      const candidate = `${entry}/${name}`;
      // Empty elements are skipped, not taken for the working directory.
      if (entry === '' || encodeBytes(candidate).length > maximumPathBytes) continue;
      yield { how: { ...how, entry, entryNumber }, candidate };
    }
  }
}

function* placesOf({ request, system, libraryPath }: MuslSearch, requester: LinkMap | null): Generator<Place> {
  const isSecure = request.environment.secure === true;
  if (libraryPath !== '') yield { how: { rule: 'library-path', from: 'LD_LIBRARY_PATH' }, path: libraryPath };
  for (let owner = requester; owner !== null; owner = owner.loader) {
    const { runpath, rpath } = owner.object;
    const written = runpath ?? rpath ?? '';
    const path = expandOrigin(written, isSecure && isUnsafeOrigin(owner) ? null : owner.origin);
    const rule = runpath === null ? 'rpath' : 'runpath';
    if (path !== '') yield { how: { rule, from: owner.shownPath }, path };
  }
  yield { how: { rule: 'default', from: system.from }, path: system.path };
}

/** A program with more rights than its caller cannot know where it is, and nothing counts from a relative folder (`fixup_rpath`). */
function isUnsafeOrigin({ kind, origin }: LinkMap): boolean {
  return kind === 'program' || origin === null || !(origin === '' || origin.startsWith('/'));
}

/** With any other `$` than those of `$ORIGIN` and `${ORIGIN}` the whole path is as good as none (musl `fixup_rpath`). */
function expandOrigin(path: ByteText, origin: ByteText | null): ByteText {
  if (!path.includes('$')) return path;
  if (origin === null || /\$(?!ORIGIN|\{ORIGIN\})/u.test(path)) return '';
  const folder = origin === '/' ? '' : origin;
  return path.replace(/\$ORIGIN|\$\{ORIGIN\}/gu, () => folder);
}

function open({ request }: MuslSearch, path: ByteText): Opened {
  const status = request.files.status(path);
  switch (status.kind) {
    case 'error':
      return status;
    case 'directory':
      return { kind: 'unfit', path, error: describeErrno('EISDIR') };
    case 'special':
      if (status.what === 'socket') return { kind: 'error', errno: 'ENXIO' };
      return { kind: 'unfit', path, error: `a ${status.what}: the loader would read from it` };
    case 'file':
      return { kind: 'file', path, file: status };
  }
}

const notExecutable = 'Exec format error';

/** musl asks for little (`map_library`): neither class nor machine are looked at, though another class reads as nonsense. */
function mapFile(
  { request }: MuslSearch,
  status: RegularFile,
): { readonly file: RegularFile; readonly header: LoaderHeader; readonly object: LoaderObject } | string {
  const file = request.read(status);
  if (file.kind === 'unreadable') return describeErrno(file.errno);
  if (file.kind === 'other' || file.object === null) return notExecutable;
  const { header, object } = file;
  if (header.class !== request.root.header.class || header.byteOrder !== request.root.header.byteOrder)
    return notExecutable;
  if (header.type !== objectType.shared && header.type !== objectType.executable) return notExecutable;
  return object.dynamicSection === 'there' ? { file: status, header, object } : notExecutable;
}

function record({ request, limits }: MuslSearch, tried: Candidate[], path: ByteText, outcome: string): void {
  limits.recorded -= 1;
  if (limits.recorded >= 0) tried.push({ path: request.files.shown(path), outcome, inAbsentSubfolder: false });
}
