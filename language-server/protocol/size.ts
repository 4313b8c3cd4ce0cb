import type { ByteText, FileParams, FileVersion } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

/**
 * What the bytes are divided by. `symbol`: sections, and the symbols in them. By debug information (DWARF): `source`, the file
 * that each byte of code was written in (headers with inlined code too), and the file that declares a variable; `unit`, the file
 * that was compiled, with all that came into it.
 */
export type SizeGrouping = 'symbol' | 'source' | 'unit';

export interface SizeParams extends FileParams {
  /** Absent: `symbol`. */
  readonly by?: SizeGrouping;
  /** At most this many parts below each part, the rest as one part `[others]`; the server caps it at 10,000. Absent: 50. */
  readonly limit?: number;
  /** Only this section, by its number: the root of the answer is it. */
  readonly section?: number;
  /**
   * By `source` and `unit`, only this source file, as {@link SizePart.path} has it: the root of the answer is it, divided by the
   * symbols that its bytes are in (of a header, the functions that it was inlined into).
   */
  readonly source?: ByteText;
}

/**
 * What a part is: `headers` of the file and its tables; a `section`; a `symbol` in it; what a section has between symbols
 * (`gap`); bytes of a loadable `segment` that are in no section; bytes that nothing speaks of (`unmapped`); `others` below the
 * limit. By debug information, a `folder`; a `source` file in it; what of a section is of a file that is not known
 * (`unattributed`).
 */
export type SizePartKind =
  | 'file'
  | 'headers'
  | 'section'
  | 'symbol'
  | 'gap'
  | 'segment'
  | 'unmapped'
  | 'others'
  | 'folder'
  | 'source'
  | 'unattributed';

/** The sizes of a part are the sums of those of its children, exactly, where it has any. Largest child first. */
export interface SizePart {
  /**
   * Of sections and symbols the name as it stands in the file; of folders and source files the path from the part above; of all
   * else a name in brackets.
   */
  readonly name: ByteText;
  readonly kind: SizePartKind;
  /** Bytes of the file. */
  readonly fileBytes: number;
  /** Bytes of memory once it is loaded; of an object file, what its sections will need. */
  readonly memoryBytes: number;
  /** Number of the section, of a section and of what of it is `unattributed`. */
  readonly section?: number;
  /** Of folders and source files: the whole path, as the debug information has it. Relative ones were so for the compiler. */
  readonly path?: ByteText;
  /** How many parts `[others]` stands for. */
  readonly count?: number;
  readonly children: readonly SizePart[];
}

/** Where the sources are from, or why there are none. */
export type SizeSources =
  | {
      readonly kind: 'known';
      /** The separate file with the debug information; null: it is in the file itself. */
      readonly debugFile: ByteText | null;
    }
  | {
      readonly kind: 'noDebugInformation';
      /** A sentence for a person. */
      readonly message: string;
      /** How to get debug information: a shell command, or the option to compile with. */
      readonly remedy: string;
      /** Paths of separate debug files that were looked for. */
      readonly searched: readonly ByteText[];
    };

export interface SizeReport {
  readonly path: ByteText;
  readonly version: FileVersion;
  /** Its sizes are those of the file, and of all its loadable segments. */
  readonly root: SizePart;
  readonly by: SizeGrouping;
  /** Present by `source` and `unit`. Without debug information the parts are sections, undivided. */
  readonly sources?: SizeSources;
  /** Where the symbols are from; null: there are none. */
  readonly symbolTable: '.symtab' | '.dynsym' | null;
  /** By `symbol`, the separate debug file that has the table; absent: it is in the file itself. */
  readonly symbolFile?: ByteText;
  readonly findings: readonly Finding[];
  /** Shell commands that show the same. */
  readonly commands: readonly string[];
}

/**
 * Client → server: what takes the room in a file, section by section and symbol by symbol, or by source file. Each byte belongs
 * to one part. Reads all symbols; by source file all debug information, which can take seconds. Cancellable.
 * Errors: as `elf/overview`; invalidParams for a section or a source file that is not there.
 */
export const elfSize = requestMethod<SizeParams, SizeReport>('binaryDetective/elf/size');
