import type { ByteText, FileParams } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

/** What if: all that decides beside the files. What is absent is as it is on this machine. */
export interface WhatIf {
  /** `LD_LIBRARY_PATH`; '' is none; absent: the setting `binaryDetective.dependencies.libraryPath`, else that of the server. */
  readonly libraryPath?: string;
  /** `LD_PRELOAD`; '' is none. */
  readonly preload?: string;
  /** The working directory, from which relative names and empty elements of search paths count. Absolute. */
  readonly cwd?: string;
  /** Best `glibc-hwcaps` level that the processor has ("x86-64-v3"); "none": it has no level. */
  readonly hwcaps?: string;
  /** Version of glibc whose rules hold ("2.31"): up to 2.36 `tls` and platform folders, from 2.33 on `glibc-hwcaps`. */
  readonly glibcVersion?: string;
  /** The program has more rights than its caller (setuid, setgid, file capabilities): the loader is on its guard. */
  readonly setuid?: boolean;
  /** Resolve below this folder instead of `/`. */
  readonly sysroot?: string;
}

export interface TreeParams extends FileParams, WhatIf {
  /** Whether what is loaded by dlopen(3) is looked for too ({@link TreeObject.softEdges}); absent: it is. */
  readonly softEdges?: boolean;
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

/** A file that a GNU ld script leads the link editor to. */
export interface LinkerInput {
  /** The script that names it. */
  readonly script: ByteText;
  /** As it is written: a path, a name, or `-lNAME`. */
  readonly name: ByteText;
  /** Null: it is not there. */
  readonly path: ByteText | null;
  readonly what: 'library' | 'archive' | 'script' | 'missing';
  readonly asNeeded: boolean;
}

/** Text under the name of a library, which the link editor reads and the loader refuses. */
export interface LinkerScript {
  readonly path: ByteText;
  /** Its inputs, then those of the scripts among them. */
  readonly inputs: readonly LinkerInput[];
}

export interface Need {
  readonly name: ByteText;
  /** Absent for a DT_NEEDED entry; else what asks for it instead. The loader goes on without these. */
  readonly kind?: 'auxiliary' | 'filter' | 'preload';
  /** Null: the loader would not find it. */
  readonly object: ObjectId | null;
  readonly how: HowFound | null;
  readonly tried: readonly TriedCandidate[];
  /** Set where the search ended at a script of the link editor. */
  readonly linkerScript?: LinkerScript;
}

/**
 * What an object may load later, or is loaded by, without a NEEDED entry. It is not in the load order for it.
 * - `interpreter`: PT_INTERP of the root.
 * - `dlopen-note`: the file says that it loads this by dlopen(3) (`.note.dlopen`, UAPI "ELF dlopen metadata").
 * - `dlopen-hint`: a guess: the file imports dlopen, and holds a string that looks like the name of a library.
 */
export interface SoftEdge {
  readonly kind: 'interpreter' | 'dlopen-note' | 'dlopen-hint';
  readonly name: ByteText;
  /** The object of this tree that it would be; null: it is not loaded with the root, or is not found. */
  readonly object: ObjectId | null;
  /** The file that would be loaded; null: none is found. */
  readonly path: ByteText | null;
  readonly how: HowFound | null;
  readonly tried: readonly TriedCandidate[];
  /** Of a `dlopen-note`: what for. */
  readonly feature?: ByteText;
  readonly description?: ByteText;
  /** Of a `dlopen-note`: how much the file wants it. */
  readonly priority?: 'required' | 'recommended' | 'suggested';
  /** Of a `dlopen-note`: names of which one is enough, this one among them, the best first. */
  readonly alternatives?: readonly ByteText[];
}

export interface TreeObject {
  readonly path: ByteText;
  /** Device and inode: what tells files apart that go by several paths. */
  readonly identity?: string;
  readonly soname: ByteText | null;
  readonly machine: string;
  readonly needs: readonly Need[];
  /** Absent where they were not asked for. */
  readonly softEdges?: readonly SoftEdge[];
  /** Distinct misses and errors at or below this object, cycles counted once. */
  readonly problemsBelow: number;
}

export interface TreeProblem extends Finding {
  readonly object: ObjectId;
  /** The NEEDED name that the problem is about. */
  readonly edge?: ByteText;
}

/** What a tree was resolved with, whoever said so: the question, the settings, the environment of the server, this machine. */
export interface TreeConditions {
  readonly cwd: ByteText;
  readonly libraryPath: ByteText | null;
  readonly preload: ByteText | null;
  /** `glibc-hwcaps` folders that are looked into, best first. */
  readonly hwcaps: readonly string[];
  readonly setuid: boolean;
  readonly sysroot: ByteText | null;
  /** The loader whose rules hold. */
  readonly loaderPath: ByteText;
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
  readonly conditions: TreeConditions;
  /** The shell command that shows the loader's own answer. It runs the loader; we do not. */
  readonly command: string;
}

/**
 * Client → server: the dependency tree, computed from the loader's rules without running anything. Cancellable.
 * Errors: as `binaryDetective/elf/overview`.
 */
export const dependencyTree = requestMethod<TreeParams, DependencyTree>('binaryDetective/dependencies/tree');
