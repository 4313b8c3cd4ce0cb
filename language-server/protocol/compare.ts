import type { ByteText, FileVersion, Hardening, HardeningVerdict } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

export interface CompareParams {
  /** `file:` URI of the older build. */
  readonly before: string;
  /** `file:` URI of the newer build. */
  readonly after: string;
  /** At most this many rows in each list; the server caps it at 10,000. Absent: 1,000. */
  readonly limit?: number;
}

export interface ComparedFile {
  readonly path: ByteText;
  readonly version: FileVersion;
  readonly sizeBytes: number;
  /** One sentence, as in the overview. */
  readonly summary: string;
}

/** The first rows of a list, and how many there are in all. */
export interface BoundedList<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** One value of the file that is not the same: null where there is none. */
export interface ValueChange {
  /** `kind`, `class`, `byteOrder`, `machine`, `type`, `osAbi`, `soname`, `interpreter`, `rpath`, `runpath`, `buildId`, `entry`. */
  readonly property: string;
  readonly before: ByteText | null;
  readonly after: ByteText | null;
}

export interface NameChanges {
  readonly added: BoundedList<ByteText>;
  readonly removed: BoundedList<ByteText>;
}

/** A symbol that others can link to, or that is asked of others. */
export interface ComparedSymbol {
  readonly name: ByteText;
  /** `@@LIB_2` (what new programs get), `@LIB_1` (for old ones), or nothing. */
  readonly version: ByteText;
  /** `FUNC`, `OBJECT`, … */
  readonly type: string;
  readonly binding: string;
  readonly sizeBytes: number;
}

export interface SymbolChanges {
  readonly added: BoundedList<ComparedSymbol>;
  readonly removed: BoundedList<ComparedSymbol>;
  /** Of the same name and version, but of another type, binding or (objects only) size. */
  readonly changed: BoundedList<{ readonly before: ComparedSymbol; readonly after: ComparedSymbol }>;
}

export interface HardeningChange {
  readonly protection: keyof Hardening;
  readonly before: HardeningVerdict;
  readonly after: HardeningVerdict;
  /** `changed`: neither is better, or it cannot be known. */
  readonly change: 'lost' | 'gained' | 'changed';
}

/** Sizes of what has one name, in bytes; null: it is not there. Largest difference first. */
export interface SizeChange {
  readonly name: ByteText;
  readonly before: number | null;
  readonly after: number | null;
  readonly delta: number;
}

export interface FloorChange {
  readonly family: string;
  /** Newest needed version; null: none of the family. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface ElfComparison {
  readonly before: ComparedFile;
  readonly after: ComparedFile;
  /** Byte for byte. */
  readonly identical: boolean;
  readonly values: readonly ValueChange[];
  readonly needed: NameChanges;
  readonly exports: SymbolChanges;
  readonly imports: SymbolChanges;
  /** Versions that the file defines, and `provider version` that it needs. */
  readonly definedVersions: NameChanges;
  readonly neededVersions: NameChanges;
  readonly floors: readonly FloorChange[];
  readonly hardening: readonly HardeningChange[];
  readonly sections: BoundedList<SizeChange>;
  readonly symbols: BoundedList<SizeChange>;
  /** Where the sizes of symbols are from: the full table where both files have it. */
  readonly symbolTable: '.symtab' | '.dynsym';
  /** What may break those who use the file: `compare/removed-export`, `compare/lost-hardening`, … */
  readonly findings: readonly Finding[];
  /** Shell commands that show the same. */
  readonly commands: readonly string[];
}

/**
 * Client → server: what changed between two builds. Reads all symbols of both. Cancellable.
 * Errors: as `elf/overview`, for either file; invalidParams for a limit out of range.
 */
export const elfCompare = requestMethod<CompareParams, ElfComparison>('binaryDetective/elf/compare');
