import { requestMethod } from './method.ts';

/** A native tool as it was looked for on the machine of the server. */
export interface ToolStatus {
  readonly id: string;
  /** What needs it, in a few words: "disassembly". */
  readonly purpose: string;
  /** Null where it is missing. */
  readonly path: string | null;
  readonly version: string | null;
  /** Every place that was looked at, in order: the setting, then each folder of PATH. */
  readonly searched: readonly string[];
  /** The setting that names it. */
  readonly setting: string;
  /** How to get it on this machine ("apt-get install binutils"), or on others where the distribution is not known. */
  readonly remedy: string;
}

/** The loader of the server's machine, which a tree is verified with, and which a loader trace listens to. */
export interface LoaderStatus {
  readonly path: string;
  readonly kind: 'glibc' | 'musl' | 'unknown';
  readonly version: string | null;
  /** It has LD_DEBUG, without which there is no loader trace. */
  readonly traces: boolean;
}

export interface DoctorReport {
  readonly tools: readonly ToolStatus[];
  /** Null where it cannot be told. */
  readonly loader: LoaderStatus | null;
  readonly trusted: boolean;
}

/** Client → server: which native tools are here, which features they switch on, how to get the missing ones. No errors. */
export const doctor = requestMethod<Record<string, never>, DoctorReport>('binaryDetective/tools/doctor');
