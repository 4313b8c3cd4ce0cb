import type { ObjectId, TreeParams, TreeProblem } from './dependencies.ts';
import type { ByteText } from './elf.ts';
import { requestMethod } from './method.ts';

export interface LoaderSymbolsParams extends TreeParams {
  /** At most this many rows of each list; default 1,000. The totals are exact all the same. */
  readonly limit?: number;
}

/** What a reference is for, by its relocation and the type of its symbol. */
export type ReferenceKind = 'function' | 'data' | 'thread-local' | 'copy';

/** A reference for which the loader finds no definition, as `ldd -r` says it. Weak ones are none: they become null. */
export interface UndefinedSymbol {
  readonly name: ByteText;
  /** The version that is asked for, and the NEEDED name that it is asked of; null: any. */
  readonly version: ByteText | null;
  readonly versionFile: ByteText | null;
  /** Who refers to it. */
  readonly object: ObjectId;
  readonly kind: ReferenceKind;
  /**
   * `lazy`: a function, whose call ends the program when it comes to it (unless bound at the start). `start`: the program does
   * not start.
   */
  readonly fails: 'lazy' | 'start';
  /** In the loader's words: "undefined symbol: f, version V1". */
  readonly message: string;
}

/** A library that the root needs although none of its references is bound to it, as `ldd -u` says it. */
export interface UnusedNeed {
  readonly name: ByteText;
  readonly object: ObjectId;
}

/** A variable that was copied into the program with another size than it has (R_*_COPY). */
export interface CopyMismatch {
  readonly name: ByteText;
  readonly object: ObjectId;
  readonly sizeBytes: number;
  readonly provider: ObjectId;
  readonly providerSizeBytes: number;
}

export interface LoaderSymbols {
  readonly undefined: readonly UndefinedSymbol[];
  readonly undefinedTotal: number;
  readonly unused: readonly UnusedNeed[];
  readonly copyMismatches: readonly CopyMismatch[];
  /** Distinct references that were looked up, of how many objects. */
  readonly references: number;
  readonly objects: number;
  /** What of this belongs under Problems, undefined symbols by object. */
  readonly problems: readonly TreeProblem[];
  /** The shell commands that show the loader's own answer. They run the loader; we do not. */
  readonly commands: readonly string[];
}

/** A definition of a symbol. */
export interface SymbolDefinition {
  readonly object: ObjectId;
  readonly version: ByteText | null;
  /** Whether the version is the one that references without a version get (`@@`); true where there are no versions. */
  readonly isDefault: boolean;
  /** "FUNC", "OBJECT", "TLS", "IFUNC", "NOTYPE", "COMMON". */
  readonly type: string;
  readonly binding: 'global' | 'weak' | 'unique';
  readonly visibility: 'default' | 'protected' | 'hidden' | 'internal';
  /** `0x…` */
  readonly value: string;
  readonly sizeBytes: number;
}

export interface SymbolProviderParams extends TreeParams {
  /** `name`, `name@VERSION` or `name@@VERSION`; the mangled name. */
  readonly symbol: string;
  /** Whose reference it is: DT_SYMBOLIC and the version that it asks for count; absent: the root's. */
  readonly from?: ObjectId;
}

/** One definition on the way through the scope, and what becomes of it. */
export interface ProviderCandidate extends SymbolDefinition {
  /**
   * `chosen`: the first that fits. `later`: it fits, but stands behind the chosen one. Else why it does not fit: `version`:
   * another one is asked for. `hidden-version`: not the default, and none is asked for. `local`: its visibility keeps it in
   * its object.
   */
  readonly outcome: 'chosen' | 'later' | 'version' | 'hidden-version' | 'local';
}

export interface SymbolProvider {
  readonly name: ByteText;
  readonly version: ByteText | null;
  readonly from: ObjectId;
  /** Null: nothing defines it as it is asked for. */
  readonly provider: ObjectId | null;
  /** Every definition of the name, in the order in which the loader looks. */
  readonly candidates: readonly ProviderCandidate[];
  /** The objects whose relocations refer to it, and where each reference goes; 1,000 at most. */
  readonly references: readonly SymbolReference[];
  readonly referencesTotal: number;
  readonly command: string;
}

export interface SymbolReference {
  readonly object: ObjectId;
  readonly version: ByteText | null;
  readonly kind: ReferenceKind;
  readonly isWeak: boolean;
  readonly provider: ObjectId | null;
}

export type InterpositionReason = 'strong' | 'weak' | 'copy' | 'linker';

/** A definition that is never bound to, since an earlier object defines the same. */
export interface InterposedSymbol {
  readonly name: ByteText;
  readonly version: ByteText | null;
  readonly winner: SymbolDefinition;
  readonly shadowed: readonly SymbolDefinition[];
  /**
   * Why two are there. `copy`: the program has a copy of the variable (R_*_COPY), as it should be. `weak`: one of them is weak
   * or unique, as inline functions and templates of C++ are in each object. `linker`: link editors make it for each object
   * (`_end`), or parts of the C library share it (GLIBC_PRIVATE). `strong`: two that are meant to be the only one.
   */
  readonly reason: InterpositionReason;
  /** Of the shadowed objects those whose own references go to the winner; others (DT_SYMBOLIC, protected, none) keep theirs. */
  readonly rebound: readonly ObjectId[];
}

export interface InterposedSymbolsParams extends TreeParams {
  /** At most this many rows, strong ones first; default 1,000. */
  readonly limit?: number;
}

export interface InterposedSymbols {
  readonly symbols: readonly InterposedSymbol[];
  readonly total: Readonly<Record<InterpositionReason, number>>;
  readonly command: string;
}

/**
 * Client → server: undefined symbols, unused needs and mismatched copies of a file's tree, by the loader's own look-ups in hash
 * tables. Cancellable.
 * Errors: as `binaryDetective/dependencies/tree`.
 */
export const loaderSymbols = requestMethod<LoaderSymbolsParams, LoaderSymbols>('binaryDetective/dependencies/symbols');

/**
 * Client → server: which object of the tree provides a symbol, and why the others do not. Cancellable.
 * Errors: as `binaryDetective/dependencies/tree`; invalidParams for an object that is not in the tree.
 */
export const symbolProvider = requestMethod<SymbolProviderParams, SymbolProvider>(
  'binaryDetective/dependencies/provider',
);

/**
 * Client → server: symbols that more than one object of the tree defines, so that the first one interposes the others.
 * Cancellable.
 * Errors: as `binaryDetective/dependencies/tree`.
 */
export const interposedSymbols = requestMethod<InterposedSymbolsParams, InterposedSymbols>(
  'binaryDetective/dependencies/interposed',
);
