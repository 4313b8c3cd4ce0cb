import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

/**
 * Names taken from files are byte strings. They travel as text in which each byte that is not UTF-8 is a lone surrogate
 * U+DC80…U+DCFF (PEP 383 "surrogateescape"), so that they can be turned back into the same bytes.
 */
export type ByteText = string;

export interface FileParams {
  /**
   * `file:` URI of the file to look at. Percent-encoded bytes need not be UTF-8. A member of an archive (ar) has its name and
   * the offset of its header behind it: `file:///usr/lib/libx.a#member=part.o@1234` (of several members with one name the
   * offset tells which; without it the first is meant). {@link ElfRow.opens} has such URIs.
   */
  readonly uri: string;
}

/**
 * Which state of the file an answer speaks of: device, inode, size and mtime in one opaque text. Two answers with the same
 * text are about the same bytes; a client that pages drops what it has when the text changes.
 */
export type FileVersion = string;

/** One line of "what is this", from the header, the dynamic section and the notes. */
export interface ElfIdentity {
  /**
   * `shared-library`, `executable` (also PIE), `relocatable`, `core`, `kernel-module`, `debug-file`, `archive` (of object files,
   * made by ar; its members are rows of the table `members`) or `other`.
   */
  readonly kind: ElfKind;
  /** Address size in bits; of an archive that of its members, null where they have none in common. */
  readonly class: 32 | 64 | null;
  /** Null as in `class`. */
  readonly byteOrder: 'little' | 'big' | null;
  /** As `readelf -h` names it: "Advanced Micro Devices X86-64". */
  readonly machine: string;
  /** `ET_DYN`, `ET_EXEC`, … or the number in hexadecimal. */
  readonly type: string;
  readonly osAbi: string;
  /** `0x…` */
  readonly entry: string;
  readonly soname: ByteText | null;
  readonly interpreter: ByteText | null;
  readonly needed: readonly ByteText[];
  readonly rpath: ByteText | null;
  readonly runpath: ByteText | null;
  /** Hexadecimal, as `readelf -n` prints it. */
  readonly buildId: string | null;
  /** One sentence: "shared library, x86-64, 64-bit little-endian, stripped". */
  readonly summary: string;
}

export type ElfKind =
  | 'shared-library'
  | 'executable'
  | 'relocatable'
  | 'core'
  | 'kernel-module'
  | 'debug-file'
  | 'archive'
  | 'other';

/** How a column's cells read: addresses and sizes align right, names left; `name` is what a filter looks at first. */
export type ColumnKind = 'name' | 'text' | 'address' | 'size' | 'number' | 'flags';

export interface TableColumn {
  readonly id: string;
  readonly title: string;
  readonly kind: ColumnKind;
}

/** One table of the file: sections, segments, dynamic section, dynamic symbols, … Rows are asked for by page. */
export interface TableSummary {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly TableColumn[];
  /**
   * Place of the column that holds a symbol's name as {@link DisassembledPart.symbol} takes it; absent where the rows are no
   * symbols.
   */
  readonly symbolColumn?: number;
  readonly rowCount: number;
  /**
   * The rows are found by a scan that an overview does not make: `rowCount` is 0 here, and {@link ElfRows.total} says how many
   * there are.
   */
  readonly isScanned?: true;
  /** Parts of the table that people ask for by name: imports, exports. In the order in which they are shown. */
  readonly views?: readonly TableView[];
  /** The shell command that prints the same table. */
  readonly command: string;
}

/** A part of a table: the rows that a filter leaves. What the person types goes behind it, with a space between. */
export interface TableView {
  readonly id: string;
  readonly title: string;
  /** As {@link ElfRowsParams.filter} takes it. */
  readonly filter: string;
}

export interface ElfOverview {
  readonly path: ByteText;
  readonly version: FileVersion;
  readonly sizeBytes: number;
  readonly identity: ElfIdentity;
  /** Label and value pairs shown in the overview, each with the command that shows the same. */
  readonly facts: readonly OverviewFact[];
  /** The largest parts of the file, the rest of them in one; together as large as the file. Absent: an archive. */
  readonly parts?: readonly OverviewPart[];
  readonly tables: readonly TableSummary[];
  readonly findings: readonly Finding[];
}

/** A section, or what is not in one; `elf/size` tells more. */
export interface OverviewPart {
  /** Name of the section; of all else a name in brackets. */
  readonly name: ByteText;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  /** How many parts `[others]` stands for. */
  readonly count?: number;
}

export interface OverviewFact {
  readonly label: string;
  /** Several values are shown one a line. */
  readonly values: readonly ByteText[];
  readonly command: string;
}

/**
 * Client → server: what is this file? Reads only what it shows (well under 1 MB for any file).
 * Errors: notFound, unreadable, notRegularFile, notElf, notSupported.
 */
export const elfOverview = requestMethod<FileParams, ElfOverview>('binaryDetective/elf/overview');

export interface ElfRowsParams extends FileParams {
  /** A {@link TableSummary.id}. */
  readonly table: string;
  /** First row of the page, counted among the rows that match the filter. */
  readonly start: number;
  /** At most this many rows; the server caps it at 1,000. */
  readonly count: number;
  /**
   * What rows must have, all of it, whatever the case. Empty: every row.
   * - `word`: occurs in any column
   * - `column:value`: the column is the value; the column by its id or title, numbers by their value (`size:4k`, `value:0x10`)
   * - `column~text`: the text occurs in the column
   * - `column:>4k`, `>=`, `<`, `<=`, `column:0x1000..0x2000`: numbers, with `k`, `M`, `G` (1024) and `0x`
   * - `-…`: rows that do not have it
   * - `"…"`: quotes around a word, a value or a text with spaces, colons or a leading `-`; `\"` and `\\` within
   */
  readonly filter: string;
  /** The order of the rows; absent: that of the file. */
  readonly sort?: RowSort;
  /** For the table `strings`: which ones. */
  readonly strings?: StringsRequest;
  /** Adds {@link ElfRow.demangled} to the rows of the page, by `c++filt`; without it names stay mangled, and a finding says so. */
  readonly demangle?: boolean;
}

export interface RowSort {
  /** A {@link TableColumn.id}. */
  readonly column: string;
  readonly descending: boolean;
}

/** Which texts count, as `strings` of binutils has it. */
export interface StringsRequest {
  /** Shortest length, in characters; default 4. */
  readonly minimumLength?: number;
  /** `ascii` (default): printable ASCII and tabs. `utf-8`: other characters too, where they are valid UTF-8. */
  readonly encoding?: 'ascii' | 'utf-8';
  /** Only the contents of the section of this name; absent: the whole file. */
  readonly section?: ByteText;
}

export interface ElfRows {
  readonly version: FileVersion;
  /** Rows of the whole table. */
  readonly total: number;
  /** Rows that match the filter. */
  readonly matching: number;
  readonly start: number;
  readonly rows: readonly ElfRow[];
  readonly findings: readonly Finding[];
  /** The shell command that prints the rows, where that of {@link TableSummary} does not, since other ones were asked for. */
  readonly command?: string;
  /** The filter cannot be understood: there are no rows, and `matching` is 0. */
  readonly filterError?: FilterError;
}

/** What is wrong with a filter, and where in it: UTF-16 units from its beginning, `end` behind the last one. */
export interface FilterError {
  /** A sentence for a person. */
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface ElfRow {
  /** Place in the unfiltered table, from 0: a stable identity for selection. */
  readonly index: number;
  /** One text a column, in the order of {@link TableSummary.columns}. */
  readonly cells: readonly ByteText[];
  /** What the cell of the column of kind `name` is demangled (C++, Rust, D); absent where that is the same. */
  readonly demangled?: ByteText;
  /** The file that the row stands for (a member of an archive), as {@link FileParams.uri} takes it; absent: none. */
  readonly opens?: string;
}

/**
 * Client → server: one page of one table.
 * Errors: as {@link elfOverview}; invalidParams for an unknown table, or a column to sort by that it does not have.
 */
export const elfRows = requestMethod<ElfRowsParams, ElfRows>('binaryDetective/elf/rows');

/** A protection and whether the file has it, with what shows it: a tag, a segment, a symbol. */
export interface HardeningVerdict {
  /**
   * `yes` and `no`; for RELRO `full`, `partial` and `none`; `notApplicable` where the question makes no sense for this kind of
   * file; `unknown` where the file does not tell.
   */
  readonly verdict: 'yes' | 'no' | 'full' | 'partial' | 'none' | 'notApplicable' | 'unknown';
  readonly evidence: string;
}

/** Which calls are checked against the size of their buffers (`_FORTIFY_SOURCE`), and which of those that could be are not. */
export interface FortifyVerdict extends HardeningVerdict {
  /** The checked functions that are used: `__memcpy_chk`. */
  readonly checked: readonly ByteText[];
  /** Functions that have a checked twin and are used plainly; the compiler leaves those whose buffer it does not know. */
  readonly unchecked: readonly ByteText[];
}

/** In all of them `yes` is the safe answer, except `sanitizers`, which tells that the file is made for testing. */
export interface Hardening {
  readonly relro: HardeningVerdict;
  readonly bindNow: HardeningVerdict;
  readonly canary: HardeningVerdict;
  readonly nx: HardeningVerdict;
  readonly pie: HardeningVerdict;
  readonly fortify: FortifyVerdict;
  /** Intel CET: indirect jumps lead to marked places only (IBT); return addresses are kept twice (SHSTK). */
  readonly ibt: HardeningVerdict;
  readonly shadowStack: HardeningVerdict;
  /** AArch64: indirect jumps lead to marked places only (BTI); return addresses are signed (PAC). */
  readonly bti: HardeningVerdict;
  readonly pac: HardeningVerdict;
  /** No entry of RPATH or RUNPATH that others could fill. */
  readonly safeRunPath: HardeningVerdict;
  /** No text relocations. */
  readonly readOnlyCode: HardeningVerdict;
  /** No segment that is both writable and executable. */
  readonly writeXorExecute: HardeningVerdict;
  /** Large stack frames are touched page by page (`-fstack-clash-protection`). */
  readonly stackClash: HardeningVerdict;
  /** Clang's control flow integrity (`-fsanitize=cfi`). */
  readonly cfi: HardeningVerdict;
  readonly sanitizers: HardeningVerdict;
}

/** A version that is needed, and the imported symbols that carry it. */
export interface VersionNeedSymbols {
  /** The NEEDED name that the version is asked of. */
  readonly provider: ByteText;
  readonly version: ByteText;
  readonly symbols: readonly ByteText[];
}

/** The newest version of one family (`GLIBC`, `GLIBCXX`) that is needed, and the symbols that force it. */
export interface VersionFloor {
  /** Without the family: "2.34". */
  readonly version: string;
  readonly symbols: readonly ByteText[];
}

/** A floor and what a release has of it. */
export interface PlatformReason {
  readonly family: string;
  readonly needs: string;
  /** Null: nothing of the kind. */
  readonly has: string | null;
}

/** The oldest release of one distribution, or the oldest profile of Python wheels, that can run a file. */
export interface PlatformVerdict {
  /** "Debian", "manylinux". */
  readonly family: string;
  /**
   * `runs`: from `oldest` on. `tooNew`: the file needs more than the newest release has. `otherMachine`, `otherLibc`: it is made
   * for another.
   */
  readonly kind: 'runs' | 'tooNew' | 'otherMachine' | 'otherLibc';
  /** `released` is a month, "2023-06". */
  readonly oldest: { readonly name: string; readonly released: string | null } | null;
  /** What the release before the oldest lacks (`runs`), or the newest (`tooNew`). Empty: even the oldest known runs it. */
  readonly reasons: readonly PlatformReason[];
  /** Libraries that are no part of the profile, so that a wheel must hold them; empty for distributions. */
  readonly bundle: readonly ByteText[];
}

/** A language that a file is written in, and what shows it. */
export interface LanguageEvidence {
  /** "C++", "Rust", "Go", "Fortran", "Cython", … */
  readonly language: string;
  /** `likely`: other files can have these signs too. */
  readonly certainty: 'certain' | 'likely';
  /** Names from the file, the strongest sign first. */
  readonly evidence: readonly {
    /** `defined`, `undefined` or any `symbol`, `section`, `needed` library, `comment` of a compiler, `string` of the data. */
    readonly place: string;
    readonly name: ByteText;
    readonly meaning: string;
    /** How many names were such; counted up to 16. */
    readonly count: number;
  }[];
}

/** A compiler or linker that left its name in `.comment`. */
export interface CompilerEvidence {
  readonly name: string;
  /** Empty where it does not say. */
  readonly version: string;
  readonly distributor: string;
  readonly role: 'compiler' | 'linker';
  readonly evidence: ByteText;
}

/** The program that loads a file as a part of itself. */
export type ExtensionEvidence =
  | {
      readonly kind: 'python';
      /** "CPython", "PyPy", "GraalPy", or "Python" where its name does not say. */
      readonly host: string;
      readonly module: ByteText;
      /** The tag in its name (PEP 3149): "cpython-311-x86_64-linux-gnu", "abi3"; null: none, which every Python tries. */
      readonly abiTag: string | null;
      /** "3.11"; null: it does not say, or any from the one on that it was built for (`abi3`). */
      readonly pythonVersion: string | null;
      readonly isStableAbi: boolean;
      readonly isFreeThreaded: boolean;
      /** False: `import` finds no function for the name that the file has. */
      readonly isImportable: boolean;
      /** The function that `import` calls. */
      readonly evidence: ByteText;
    }
  | {
      readonly kind: 'node' | 'java' | 'lua' | 'r' | 'ruby' | 'perl' | 'postgresql';
      readonly host: string;
      /** The symbol that the host looks for. */
      readonly evidence: ByteText;
    };

/** What a file was made from, with what, and for whom. */
export interface Origins {
  /** Certain ones first. */
  readonly languages: readonly LanguageEvidence[];
  readonly compilers: readonly CompilerEvidence[];
  /** Null: none that is known. */
  readonly extension: ExtensionEvidence | null;
  /** Where the debug information is that is not in the file; null: not told. */
  readonly debugFile: { readonly path: ByteText; readonly isHere: boolean } | null;
}

/** One file as `inspect` of the command line reports it (`binary-detective/inspect@1`). */
export interface Inspection extends ElfIdentity, Origins {
  readonly path: ByteText;
  readonly hardening: Hardening;
  readonly versionNeeds: readonly VersionNeedSymbols[];
  readonly floors: Readonly<Record<string, VersionFloor>>;
  readonly platforms: readonly PlatformVerdict[];
  readonly findings: readonly Finding[];
}
