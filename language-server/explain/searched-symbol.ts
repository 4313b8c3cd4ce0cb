import type { ByteText } from '../protocol/elf.ts';
import type { SimilarSymbols } from './similar-symbols.ts';
import type { Exporter } from './symbol-search.ts';

/** What a text says of a symbol that was not found. */
export interface UndefinedSymbol {
  readonly symbol: ByteText;
  readonly version: ByteText | null;
  /** Who asks for it. */
  readonly object: ByteText;
  readonly program: ByteText | null;
  readonly requester: ByteText | null;
  readonly loader: 'glibc' | 'musl';
  /** The whole text, for what a traceback tells. */
  readonly context: string;
}

/** What was found out about it. */
export interface SymbolSearch {
  readonly told: UndefinedSymbol;
  readonly objectPath: ByteText | null;
  readonly programPath: ByteText | null;
  /** The version that the object asks for. */
  readonly version: ByteText | null;
  readonly asksStill: boolean;
  /** Objects that are searched for it, in the loader's order. */
  readonly scope: readonly ScopeFile[];
  readonly inScope: readonly Exporter[];
  readonly elsewhere: readonly Exporter[];
  /** The library that its version is asked of. */
  readonly asked: ScopeFile | null;
  readonly hiddenIn: ByteText | null;
  /** Libraries that are needed and not found: the symbol may be in one of those. */
  readonly missing: readonly ByteText[];
  readonly similar: SimilarSymbols;
  /** The file that has the similar ones. */
  readonly similarIn: ScopeFile | null;
}

export interface ScopeFile {
  readonly path: ByteText;
  readonly name: ByteText;
  readonly how: string | null;
}
