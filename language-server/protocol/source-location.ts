import type { ByteText, FileParams, FileVersion } from './elf.ts';
import { requestMethod } from './method.ts';

export interface SourceLocationParams extends FileParams {
  /** Name as the column {@link TableSummary.symbolColumn} has it. Not needed beside an address, but then named in answers. */
  readonly symbol?: ByteText;
  /** `0x…`: the file's own address of code or data. Of several symbols of one name, it says which is meant. */
  readonly address?: string;
  /** In a relocatable file, number of the section in which the address is an offset; default: that of the symbol. */
  readonly section?: number;
}

/** A function, and the line of it that the place belongs to. */
export interface SourceFrame {
  /** Demangled; null where it has no name that is known. */
  readonly function: ByteText | null;
  /** Absolute, wherever that can be known; null where no line is known. */
  readonly file: ByteText | null;
  /** Whether there is such a file on this machine. */
  readonly exists: boolean;
  /** From 1; null where the compiler gives none. */
  readonly line: number | null;
  /** Whether its code was put into the function of the next frame. */
  readonly inlined: boolean;
}

export interface FoundSource {
  readonly kind: 'found';
  readonly version: FileVersion;
  /** `0x…` */
  readonly address: string;
  /** Innermost first: the inlined functions at the address, then the one whose machine code it is. At least one has a line. */
  readonly frames: readonly SourceFrame[];
  /** The frame to show: of a symbol the function itself, of an address the innermost with a line. */
  readonly primary: number;
  /** The separate file that the debug information is in; null: it is in the file itself. */
  readonly debugFile: ByteText | null;
  /** The shell command that tells the same. */
  readonly command: string;
}

/** There is no line, and that is no failure: most files that are shipped have none. */
export interface NoSource {
  /**
   * `noDebugInformation`: neither the file nor a separate debug file of it has any. `noLine`: there is some, but not for this
   * address.
   */
  readonly kind: 'noDebugInformation' | 'noLine';
  readonly version: FileVersion;
  readonly address: string;
  /** A sentence for a person. */
  readonly message: string;
  /** How to get debug information: a shell command, or the option to compile with. */
  readonly remedy: string;
  /** Paths of separate debug files that were looked for. */
  readonly searched: readonly ByteText[];
}

export type SourceLocation = FoundSource | NoSource;

/**
 * Client → server: where in the source code a symbol or an address is, from the debug information (DWARF) of the file, or of
 * its separate debug file: by build ID in /usr/lib/debug/.build-id, or as .gnu_debuglink names it. Never runs the file.
 * Errors: as the overview; toolMissing, toolFailed, toolTimedOut (addr2line); invalidParams for a symbol that the file does not
 * have or that is imported, and where there is neither symbol nor address.
 */
export const elfSourceLocation = requestMethod<SourceLocationParams, SourceLocation>(
  'binaryDetective/elf/sourceLocation',
);
