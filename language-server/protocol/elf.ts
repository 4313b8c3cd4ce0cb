import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

/**
 * Names taken from files are byte strings. They travel as text in which each byte that is not UTF-8 is a lone surrogate
 * U+DC80…U+DCFF (PEP 383 "surrogateescape"), so that they can be turned back into the same bytes.
 */
export type ByteText = string;

export interface FileParams {
  /** `file:` URI of the file to look at. Percent-encoded bytes need not be UTF-8. */
  readonly uri: string;
}

/**
 * Which state of the file an answer speaks of: device, inode, size and mtime in one opaque text. Two answers with the same
 * text are about the same bytes; a client that pages drops what it has when the text changes.
 */
export type FileVersion = string;

/** One line of "what is this", from the header, the dynamic section and the notes. */
export interface ElfIdentity {
  /** `shared-library`, `executable` (also PIE), `relocatable`, `core`, `kernel-module`, `debug-file` or `other`. */
  readonly kind: ElfKind;
  /** Address size in bits. */
  readonly class: 32 | 64;
  readonly byteOrder: 'little' | 'big';
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
   * Place of the column that holds a symbol's name as {@link DisassembleParams.symbol} takes it; absent where the rows are no
   * symbols.
   */
  readonly symbolColumn?: number;
  readonly rowCount: number;
  /** The shell command that prints the same table. */
  readonly command: string;
}

export interface ElfOverview {
  readonly path: ByteText;
  readonly version: FileVersion;
  readonly sizeBytes: number;
  readonly identity: ElfIdentity;
  /** Label and value pairs shown in the overview, each with the command that shows the same. */
  readonly facts: readonly OverviewFact[];
  readonly tables: readonly TableSummary[];
  readonly findings: readonly Finding[];
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
  /** Words that must all occur in a row, case-insensitively, in any column. Empty: every row. */
  readonly filter: string;
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
}

export interface ElfRow {
  /** Place in the unfiltered table, from 0: a stable identity for selection. */
  readonly index: number;
  /** One text a column, in the order of {@link TableSummary.columns}. */
  readonly cells: readonly ByteText[];
}

/**
 * Client → server: one page of one table.
 * Errors: as {@link elfOverview}; invalidParams for an unknown table.
 */
export const elfRows = requestMethod<ElfRowsParams, ElfRows>('binaryDetective/elf/rows');

export interface DisassembleParams extends FileParams {
  /** Symbol whose code to show, as it stands in the symbol table (mangled); absent: the section `.text`, capped. */
  readonly symbol?: ByteText;
}

export interface Disassembly {
  readonly text: string;
  /** Set where the output was cut, with the reason in words; the text says so at its end too. */
  readonly truncated: string | null;
  /** The command that was run, quoted for POSIX sh. */
  readonly command: string;
}

/**
 * Client → server: machine code as text, from `objdump -d --disassemble=SYMBOL`. Cancellable.
 * Errors: as {@link elfOverview}; toolMissing, toolFailed, toolTimedOut.
 */
export const disassemble = requestMethod<DisassembleParams, Disassembly>('binaryDetective/elf/disassemble');

/** A protection and whether the file has it, with what shows it: a tag, a segment, a symbol. */
export interface HardeningVerdict {
  /**
   * `yes` and `no`; for RELRO `full`, `partial` and `none`; `notApplicable` where the question makes no sense for this kind of
   * file; `unknown` where the file does not tell.
   */
  readonly verdict: 'yes' | 'no' | 'full' | 'partial' | 'none' | 'notApplicable' | 'unknown';
  readonly evidence: string;
}

export interface Hardening {
  readonly relro: HardeningVerdict;
  readonly bindNow: HardeningVerdict;
  readonly canary: HardeningVerdict;
  readonly nx: HardeningVerdict;
  readonly pie: HardeningVerdict;
  readonly fortify: HardeningVerdict;
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

/** One file as `inspect` of the command line reports it (`binary-detective/inspect@1`). */
export interface Inspection extends ElfIdentity {
  readonly path: ByteText;
  readonly hardening: Hardening;
  readonly versionNeeds: readonly VersionNeedSymbols[];
  readonly floors: Readonly<Record<string, VersionFloor>>;
  readonly findings: readonly Finding[];
}
