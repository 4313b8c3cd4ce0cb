import type { HowFound, TriedCandidate } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { RegularFile } from '../files/loader-files.ts';
import type { DependencyEntry, LoaderHeader, LoaderObject } from '../objects/loader-object.ts';
import type { SearchEntry } from './search-path.ts';

/** A loaded object: the loader's `struct link_map`, as far as it decides what is found. */
export interface LinkMap {
  readonly kind: 'program' | 'interpreter' | 'library';
  /** `l_name`: the path by which it was found, '' for the main program. */
  readonly name: ByteText;
  /** `l_libname`: further names under which it was asked for, the first one first. */
  readonly names: ByteText[];
  readonly object: LoaderObject;
  readonly machineName: string;
  readonly file: RegularFile;
  /** The path as a person can open it. */
  readonly shownPath: ByteText;
  /** What `$ORIGIN` is in it. */
  readonly origin: ByteText | null;
  /** `l_loader`: what first asked for it. */
  readonly loader: LinkMap | null;
  /** Its NEEDED entries and other edges, once they are resolved. */
  readonly edges: Edge[];
  /** Its RPATH and RUNPATH as folders, once they are asked for. */
  rpath: readonly SearchEntry[] | null;
  runpath: readonly SearchEntry[] | null;
}

/** A path that was tried and not taken. */
export interface Candidate extends TriedCandidate {
  /** It stands in a subfolder for capabilities of the processor that is not there, as hardly any is. */
  readonly inAbsentSubfolder: boolean;
}

/** One object asking for another. */
export interface Edge {
  readonly kind: DependencyEntry['kind'] | 'preload';
  /** As it stands in the file. */
  readonly name: ByteText;
  /** With its tokens expanded, as the loader has it in its messages. */
  readonly expandedName: ByteText;
  readonly found: LinkMap | null;
  /** The path that a search found it at; null where it was found by name, or not at all. */
  readonly path: ByteText | null;
  readonly how: HowFound | null;
  readonly tried: readonly Candidate[];
  /** Why nothing was loaded, in the loader's words; null where something was. */
  readonly error: string | null;
  /** The search was ended by a file that cannot be loaded, rather than by having nowhere left to look. */
  readonly refused: boolean;
}

/** What is known of an object before the loader has done anything with it. */
export interface ObjectFile {
  readonly header: LoaderHeader;
  readonly object: LoaderObject;
  readonly file: RegularFile;
}

export function createLinkMap(
  kind: LinkMap['kind'],
  { header, object, file }: ObjectFile,
  place: Pick<LinkMap, 'name' | 'shownPath' | 'origin' | 'loader'>,
): LinkMap {
  const { machineName } = header;
  return { kind, object, machineName, file, ...place, names: [], edges: [], rpath: null, runpath: null };
}

/** `/a/b` of `/a/b/c`, `/` of `/c`. */
export function folderOf(path: ByteText): ByteText {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** How an object that is there already is found again by name. */
export function howLoaded(known: LinkMap): HowFound {
  if (known.kind === 'interpreter') return { rule: 'interpreter', from: known.name };
  return { rule: 'already-loaded', from: known.loader?.shownPath ?? known.shownPath };
}
