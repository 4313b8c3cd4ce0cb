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

export interface DoctorReport {
  readonly tools: readonly ToolStatus[];
  readonly trusted: boolean;
}

/** Client → server: which native tools are here, which features they switch on, how to get the missing ones. No errors. */
export const doctor = requestMethod<Record<string, never>, DoctorReport>('binaryDetective/tools/doctor');
