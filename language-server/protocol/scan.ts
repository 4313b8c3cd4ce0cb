import type { TreeProblem, WhatIf } from './dependencies.ts';
import type { ByteText } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

/** Where to look for ELF files. */
export interface ScanPlace {
  /** `file:` URIs of the folders to look through, with all that is below them, or of files. */
  readonly folders: readonly string[];
  /** Globs of files and folders to leave out; absent: the setting `binaryDetective.scan.exclude`. */
  readonly exclude?: readonly string[];
}

export interface ScanParams extends ScanPlace, WhatIf {
  /** Token under which {@link ScanProgress} values are streamed as `$/progress`, as LSP does for partial results. */
  readonly partialResultToken?: string | number;
}

/** What an ELF file names as needed (DT_NEEDED, DT_FILTER, DT_AUXILIARY), and the path of what its loader would load for it; null: nothing. */
export interface ScannedNeed {
  readonly name: ByteText;
  readonly object: ByteText | null;
}

/**
 * `resolved`: its loader would load something for it, or fail to. Else why it does not: linked statically, input of the link
 * editor, a core dump, separate debug information, nothing that can be read behind the ELF magic.
 */
export type ScannedState = 'resolved' | 'static' | 'relocatable' | 'core' | 'debug-file' | 'damaged';

/** One ELF file of a scan: what its dependency tree comes to. */
export interface ScannedFile {
  readonly path: ByteText;
  readonly uri: string;
  readonly state: ScannedState;
  readonly machine: string;
  readonly soname: ByteText | null;
  /** Its own needs, in the order of the file. */
  readonly needs: readonly ScannedNeed[];
  /** What is wrong in its whole tree, as `dependencies/tree` has it; without the reason for {@link state}. */
  readonly problems: readonly TreeProblem[];
}

/** A file that a finding about several files is about. */
export interface LibraryCopy {
  readonly path: ByteText;
  readonly uri: string;
  readonly sizeBytes: number;
  readonly buildId: string | null;
  /** Null where it could not be read. */
  readonly sha256: string | null;
}

/** What is wrong between files rather than in one. */
export interface ScanFinding extends Finding {
  /** By path; the finding is about each of them. */
  readonly copies: readonly LibraryCopy[];
}

/** What was not looked at, and why. */
export interface ScanError {
  readonly path: ByteText;
  readonly message: string;
}

export interface ScanProgress {
  /** Regular files so far. */
  readonly looked: number;
  /** ELF files among them. */
  readonly elf: number;
  /** Those with problems that were found since the last progress. */
  readonly files: readonly ScannedFile[];
}

export interface Scan {
  readonly looked: number;
  readonly elf: number;
  /** Those with problems. */
  readonly files: readonly ScannedFile[];
  readonly findings: readonly ScanFinding[];
  readonly errors: readonly ScanError[];
  /** Why not all that was found is told, in words; null: all is. */
  readonly incomplete: string | null;
}

/** What the server answers: severities as `binaryDetective.elf.severity` has them, without what it switches off. */
export interface ScanAnswer extends Scan {
  /** Where each code in the answer is explained. */
  readonly links: Readonly<Record<string, string>>;
}

/**
 * Client → server: every ELF file below some folders, resolved as its loader would, with what is missing and what is there
 * more than once. Runs nothing. Symbolic links are not followed. Streams {@link ScanProgress}. Cancellable.
 * Errors: `invalidParams` for a folder that is no file URI or a glob that cannot be understood; what cannot be read is in the
 * answer.
 */
export const scan = requestMethod<ScanParams, ScanAnswer>('binaryDetective/scan/scan');

export interface WhoNeedsParams extends ScanPlace, WhatIf {
  /** `file:` URI of the library. */
  readonly uri?: string;
  /** Instead of a file: what stands in NEEDED, such as `libz.so.1`. */
  readonly name?: ByteText;
  /** Token under which {@link WhoNeedsProgress} values are streamed as `$/progress`. */
  readonly partialResultToken?: string | number;
}

/**
 * `resolved`: its loader would load this very file. `elsewhere`: it asks for the library by its SONAME or file name, and the
 * loader finds another file. `missing`: it asks for it, and the loader finds nothing.
 */
export type HowNeeded = 'resolved' | 'elsewhere' | 'missing';

/** A file that needs the library itself, not by way of another. */
export interface Dependent {
  readonly path: ByteText;
  readonly uri: string;
  readonly soname: ByteText | null;
  readonly machine: string;
  /** As it stands in NEEDED. */
  readonly name: ByteText;
  readonly how: HowNeeded;
  /** Path of what the loader loads for it. */
  readonly object: ByteText | null;
  /** Shows the NEEDED entry; quoted for POSIX sh. */
  readonly command: string;
}

export interface WhoNeedsProgress {
  readonly looked: number;
  readonly elf: number;
}

export interface WhoNeeds {
  /** Null where it was asked by name. */
  readonly path: ByteText | null;
  readonly soname: ByteText | null;
  /** The names by which it counts as asked for, where the loader finds it elsewhere or not at all. */
  readonly names: readonly ByteText[];
  /** Those that get this very file first, then by path. */
  readonly dependents: readonly Dependent[];
  readonly looked: number;
  readonly elf: number;
  /** Files and folders that could not be read. */
  readonly unreadable: number;
  /** Why not all are told, in words; null: all are. */
  readonly incomplete: string | null;
}

/**
 * Client → server: which ELF files below some folders need a library, by the NEEDED entries of each as its loader would resolve
 * them for the file by itself. Runs nothing. The first question about folders reads what is in them; later ones look only at
 * what has changed. Streams {@link WhoNeedsProgress}. Cancellable.
 * Errors: `invalidParams` without `uri` and `name`; as `elf/overview` for the library.
 */
export const whoNeeds = requestMethod<WhoNeedsParams, WhoNeeds>('binaryDetective/scan/whoNeeds');
