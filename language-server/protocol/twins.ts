import type { ByteText, FileParams } from './elf.ts';
import { requestMethod } from './method.ts';

export interface TwinsParams extends FileParams {
  /** `file:` URIs of the folders to look through, with all that is below them. */
  readonly folders: readonly string[];
  /** Token under which {@link TwinsProgress} values are streamed as `$/progress`, as LSP does for partial results. */
  readonly partialResultToken?: string | number;
}

/**
 * `same-file`: another name of it (a hard link). `same-contents`: the same bytes (SHA-256). `same-build-id`: made by the same
 * link, but not the same bytes any more: stripped, signed, or split from its debug information.
 */
export type TwinLikeness = 'same-file' | 'same-contents' | 'same-build-id';

export interface Twin {
  readonly path: ByteText;
  readonly uri: string;
  readonly likeness: TwinLikeness;
  readonly sizeBytes: number;
  /** Shows the likeness; quoted for POSIX sh. */
  readonly command: string;
}

export interface TwinsProgress {
  /** Files so far. */
  readonly looked: number;
  /** Those that were found since the last progress. */
  readonly twins: readonly Twin[];
}

export interface Twins {
  readonly path: ByteText;
  readonly buildId: string | null;
  /** Null: no other file has its size, so that nothing had to be hashed. */
  readonly sha256: string | null;
  readonly twins: readonly Twin[];
  /** Files that were looked at. */
  readonly looked: number;
  /** Files and folders that could not be read. */
  readonly unreadable: number;
  /** Why not all were looked at, in words; null: all were. */
  readonly incomplete: string | null;
}

/**
 * Client → server: the files below some folders that are the same as this one. Symbolic links are not followed. Streams
 * {@link TwinsProgress}. Cancellable.
 * Errors: as `elf/overview`; of the folders none, what cannot be read is counted.
 */
export const elfTwins = requestMethod<TwinsParams, Twins>('binaryDetective/elf/twins');
