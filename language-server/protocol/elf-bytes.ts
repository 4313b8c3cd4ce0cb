import type { FileParams, FileVersion } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

export interface ElfBytesParams extends FileParams {
  /** In the file, in bytes. */
  readonly offset: number;
  /** In bytes; the server caps it at 4,096. */
  readonly length: number;
}

export interface ElfBytes {
  readonly version: FileVersion;
  /** Size of the file. */
  readonly sizeBytes: number;
  readonly offset: number;
  /** Base64. Fewer bytes than asked for at the end of the file, none behind it. */
  readonly bytes: string;
  /**
   * What lies on these bytes, whole or in part: by offset, the larger first where two begin together. Structures may overlap:
   * a symbol lies in a section, which lies in a segment.
   */
  readonly structures: readonly ByteStructure[];
  /** The shell command that prints the same bytes. */
  readonly command: string;
  readonly findings: readonly Finding[];
}

/** A new kind is a word here and a finder in language-server/elf/bytes/. */
export type ByteStructureKind =
  | 'file-header'
  | 'program-header'
  | 'section-header'
  | 'segment'
  | 'section'
  | 'dynamic-entry'
  | 'symbol'
  | 'relocation'
  | 'note'
  | 'string'
  | 'version'
  | 'hash-table'
  /** Bytes that a symbol names, not its entry in the table: a function, an object. */
  | 'code'
  | 'data'
  | 'word';

/** A place in the file that has a name, with what its bytes say. */
export interface ByteStructure extends ByteField {
  readonly kind: ByteStructureKind;
  /** Those on the bytes asked for, by offset. */
  readonly fields: readonly ByteField[];
}

export interface ByteField {
  /** `program header 2`, `.text`, `st_value`. */
  readonly name: string;
  /** Offset in the file, which may lie before the bytes asked for. */
  readonly start: number;
  /** In bytes. */
  readonly length: number;
  /** What it says, for a person: `0x401000`, `62 (Advanced Micro Devices X86-64)`, `DT_NEEDED libc.so.6`. */
  readonly value: string;
}

/**
 * Client → server: some bytes of the file, and the structures and fields that they belong to. Costs what these bytes cost, not
 * what the file has.
 * Errors: as the overview; invalidParams.
 */
export const elfBytes = requestMethod<ElfBytesParams, ElfBytes>('binaryDetective/elf/bytes');

export interface ElfRowRangeParams extends FileParams {
  /**
   * `sections`, `segments`, `dynamic`, `dynamic-symbols`, `symbols`, `notes`, `relocations`, `versions` or `initializers`. The
   * rows of `strings` tell their place themselves.
   */
  readonly table: string;
  /** The `index` of an ElfRow: its place in the whole table. */
  readonly index: number;
}

export interface ElfRowRange {
  readonly version: FileVersion;
  /** Where the row itself is written: the section header, the symbol, … */
  readonly entry: FileRange;
  /** What it speaks of, where that occupies bytes of the file: a section's or segment's contents, the bytes of a symbol. */
  readonly contents: FileRange | null;
}

/** Bytes of the file. */
export interface FileRange {
  readonly offset: number;
  /** In bytes; what lies within the file. */
  readonly length: number;
}

/**
 * Client → server: where in the file a row of a table is, for "show its bytes".
 * Errors: as the overview; invalidParams for a table whose rows have no bytes of their own, and for a row that it does not have.
 */
export const elfRowRange = requestMethod<ElfRowRangeParams, ElfRowRange>('binaryDetective/elf/rowRange');
