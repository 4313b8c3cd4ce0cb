import type { ByteText, FileParams } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

export interface TreeParams extends FileParams {
  /** What if: `LD_LIBRARY_PATH` for the resolution; absent: the setting `binaryDetective.dependencies.libraryPath`. */
  readonly libraryPath?: string;
  /** What if: resolve below this folder instead of `/`. */
  readonly sysroot?: string;
}

/** Identifies an object within one tree; the path of the file where there is one. */
export type ObjectId = string;

/** The rule by which the loader finds an object, in the order in which it tries them. */
export type SearchRule =
  | 'already-loaded'
  | 'path'
  | 'rpath'
  | 'library-path'
  | 'runpath'
  | 'cache'
  | 'default'
  | 'preload'
  | 'interpreter'
  | 'root';

export interface HowFound {
  readonly rule: SearchRule;
  /** The object whose RPATH or RUNPATH it was, or that loaded it first; for the cache its file; else what was set. */
  readonly from: ByteText;
  /** The entry of the search path as it is written (before `$ORIGIN` is expanded). */
  readonly entry?: ByteText;
  /** Place of that entry in its list, from 1. */
  readonly entryNumber?: number;
}

export interface TriedCandidate {
  readonly path: ByteText;
  /** Why it was not taken: "no such file", "wrong ELF class: ELFCLASS32", "invalid ELF header". */
  readonly outcome: string;
}

export interface Need {
  readonly name: ByteText;
  /** Absent for a DT_NEEDED entry; else what asks for it instead. The loader goes on without these. */
  readonly kind?: 'auxiliary' | 'filter' | 'preload';
  /** Null: the loader would not find it. */
  readonly object: ObjectId | null;
  readonly how: HowFound | null;
  readonly tried: readonly TriedCandidate[];
}

export interface TreeObject {
  readonly path: ByteText;
  readonly soname: ByteText | null;
  readonly machine: string;
  readonly needs: readonly Need[];
  /** Distinct misses and errors at or below this object, cycles counted once. */
  readonly problemsBelow: number;
}

export interface TreeProblem extends Finding {
  readonly object: ObjectId;
  /** The NEEDED name that the problem is about. */
  readonly edge?: ByteText;
}

/**
 * The tree as the loader would resolve it, flat: edges name objects by id, so that a diamond or a cycle is one object, and a
 * view opens children lazily without asking again.
 */
export interface DependencyTree {
  readonly root: ObjectId;
  readonly loader: { readonly kind: 'glibc' | 'musl' | 'unknown'; readonly version: string | null };
  /** What the loader would map, in its order, root first. */
  readonly loadOrder: readonly ObjectId[];
  readonly objects: Readonly<Record<ObjectId, TreeObject>>;
  readonly problems: readonly TreeProblem[];
  /** The shell command that shows the loader's own answer. It runs the loader; we do not. */
  readonly command: string;
}

/**
 * Client → server: the dependency tree, computed from the loader's rules without running anything. Cancellable.
 * Errors: as `binaryDetective/elf/overview`.
 */
export const dependencyTree = requestMethod<TreeParams, DependencyTree>('binaryDetective/dependencies/tree');
