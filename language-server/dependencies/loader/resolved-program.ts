import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { LoaderFiles } from '../files/loader-files.ts';
import type { MachineFacts } from '../objects/machines.ts';
import type { ReadLoaderFile } from '../objects/verify-candidate.ts';
import type { Pause } from '../pause.ts';
import type { LoaderEnvironment } from './environment.ts';
import type { Edge, LinkMap } from './link-map.ts';
import type { RootFile } from './root-file.ts';
import type { SystemLoader } from './system-loader.ts';

/** What a resolution starts from. */
export interface ResolutionRequest {
  readonly environment: LoaderEnvironment;
  readonly files: LoaderFiles;
  readonly read: ReadLoaderFile;
  readonly root: RootFile;
  readonly facts: MachineFacts | null;
  readonly loader: SystemLoader;
  readonly loaderPath: ByteText;
  readonly pause: Pause;
}

/** What a resolution comes to, before it is put into the words of the wire. */
export interface ResolvedProgram {
  readonly main: LinkMap;
  /** All that is mapped, in the loader's order, the program first. */
  readonly loadOrder: readonly LinkMap[];
  /** The same in the order in which symbols are looked for: filtees of the program stand before it. */
  readonly scope: readonly LinkMap[];
  readonly versionProblems: readonly VersionProblem[];
  /** Names of the `glibc-hwcaps` folders that were looked into, best first. */
  readonly hwcaps: readonly string[];
  /** What dlopen(3) would find for an object once all is loaded. It is not loaded for that. */
  readonly locate: Locate;
  /** What the own search of an object would find, whatever is loaded. */
  readonly search: Search;
  /** About the resolution as a whole: a damaged cache, a limit that was reached. */
  readonly findings: readonly Finding[];
}

/** A version that an object asks for and its provider does not have. */
export interface VersionProblem {
  readonly kind: 'missing' | 'weak' | 'unversioned' | 'no-provider';
  readonly requester: LinkMap;
  /** Null where nothing that is loaded has the name of the provider. */
  readonly provider: LinkMap | null;
  /** NEEDED name of the provider. */
  readonly file: ByteText;
  readonly version: ByteText;
}

export type Located = Pick<Edge, 'found' | 'path' | 'how' | 'tried' | 'error'>;

export type Locate = (requester: LinkMap, name: ByteText) => Promise<Located>;

/** Null: nothing. */
export interface Searched {
  readonly path: ByteText | null;
  /** Device and inode. */
  readonly identity: string | null;
}

export type Search = (requester: LinkMap, name: ByteText) => Promise<Searched>;

/** Of what no loader loads. */
export const locateNothing: Locate = async () => ({ found: null, path: null, how: null, tried: [], error: null });
export const searchNothing: Search = async () => ({ path: null, identity: null });
