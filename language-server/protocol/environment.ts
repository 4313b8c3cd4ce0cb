import type { ByteText } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

export interface EnvironmentParams {
  /** `file:` URI of a program or library whose tree is looked at; absent: the variables alone. */
  readonly uri?: string;
  /** What if: these variables, and no others, instead of those of the server's process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What if: host path of a folder that is taken for `/`. */
  readonly sysroot?: string;
}

export type VariableFamily = 'loader' | 'c-library' | 'python' | 'cuda' | 'build';

/** `used`: it changes something here; `unused`: it may, and does not here; `ignored`: nothing looks at it; `dangerous`. */
export type VariableEffect = 'used' | 'unused' | 'ignored' | 'dangerous';

/** One element of a list of folders or files. */
export interface PathEntry {
  /** Place in the list, from 1. */
  readonly number: number;
  /** As it stands there; empty: the working directory. */
  readonly written: ByteText;
  /** Absolute. */
  readonly path: ByteText;
  readonly state: 'found' | 'missing' | 'other-kind' | 'unreadable';
  /** What of the tree comes from it; with what would be taken without the variable, null where nothing would. */
  readonly objects: readonly { readonly path: ByteText; readonly insteadOf: ByteText | null }[];
  /** What is wrong with it: "the working directory, whatever that is", "anybody may write there". */
  readonly notes: readonly string[];
}

export interface VariableReport {
  readonly name: string;
  readonly value: ByteText;
  readonly family: VariableFamily;
  /** What it is for. */
  readonly meaning: string;
  readonly effect: VariableEffect;
  /** What it does here. */
  readonly effectText: string;
  readonly entries: readonly PathEntry[];
}

/** A part of CUDA that was found. */
export interface CudaPart {
  readonly kind: 'driver' | 'kernel-module' | 'compiler' | 'headers' | 'runtime' | 'stub' | 'cudnn' | 'cudnn-headers';
  readonly path: ByteText;
  /** "12.4", "550.54.14"; null: it does not say. */
  readonly version: string | null;
}

export interface WayWithoutCuda {
  /** What it is for: "CMake projects", "extensions of PyTorch". */
  readonly applies: string;
  readonly command: string;
}

export interface CudaReport {
  /** `none`: nothing of it is here; `half`: parts of it are missing or do not fit; `whole`: what is needed to build and run. */
  readonly state: 'none' | 'half' | 'whole';
  readonly summary: string;
  readonly parts: readonly CudaPart[];
  /** How to build and run without it. */
  readonly without: readonly WayWithoutCuda[];
}

export interface EnvironmentReport {
  /** Whose variables these are: those of the server's process (in a remote window: of the remote machine), or given ones. */
  readonly whose: 'server' | 'given';
  readonly file: ByteText | null;
  readonly loader: 'glibc' | 'musl' | 'unknown' | null;
  readonly variables: readonly VariableReport[];
  readonly cuda: CudaReport;
  readonly findings: readonly Finding[];
}

/**
 * Client → server: the environment variables that loaders, the C library, Python and CUDA look at, what each does to the tree of
 * a file, and what of CUDA is installed. Nothing is run. Cancellable. Errors: as `binaryDetective/elf/overview` for the file.
 */
export const environmentReport = requestMethod<EnvironmentParams, EnvironmentReport>(
  'binaryDetective/environment/report',
);
