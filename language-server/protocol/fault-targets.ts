import type { FaultMode, FaultPoints, FaultProgram, FaultScope } from './faults.ts';
import { requestMethod } from './method.ts';

export interface FaultTargetsParams {
  /** Absolute path of a workspace folder: what stands in its settings is relative to it. */
  readonly folder: string;
  /** All folders of the workspace by their names, for `${workspaceFolder:name}`. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Value of `binaryDetective.faults.targets`, as a person has typed it. */
  readonly targets?: unknown;
  /** Value of `binaryDetective.faults.programs`, which came before. */
  readonly programs?: unknown;
  /** The `configurations` of launch.json. */
  readonly launch?: unknown;
  /** Values of settings that are named as `${config:NAME}`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Whether to look for tests of CTest and Meson in build folders below `folder`. */
  readonly tests?: boolean;
}

/** Where a target was found. */
export type FaultTargetSource = 'settings' | 'launch' | 'ctest' | 'meson';

/** A program that faults can be run on. */
export interface FaultTarget {
  /** The same as long as its name and source are. */
  readonly id: string;
  readonly name: string;
  readonly source: FaultTargetSource;
  readonly program: FaultProgram;
  /** Absent: as the person chooses. */
  readonly mode?: FaultMode;
  readonly points?: FaultPoints;
  readonly scope?: FaultScope;
  /** Where the test is declared. */
  readonly declared?: { readonly path: string; readonly line: number };
}

export interface FaultTargets {
  readonly targets: readonly FaultTarget[];
  /** One sentence for each entry that is no target, and why. */
  readonly problems: readonly string[];
}

/**
 * Client → server: the programs of a workspace folder that faults can be run on. Runs `ctest --show-only` in build folders that
 * have its files. Errors: untrusted, invalidParams.
 */
export const faultTargets = requestMethod<FaultTargetsParams, FaultTargets>('binaryDetective/faults/targets');
