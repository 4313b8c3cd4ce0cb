import { requestMethod } from './method.ts';

/** A program to break: an argument array, never a shell string. */
export interface FaultProgram {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run once before the clean run ("make", "app"); a failure ends the sweep with its output. */
  readonly build?: readonly string[];
}

export interface FaultSweepParams {
  readonly program: FaultProgram;
  /** Only this point, for running a single test again; absent: every point of the clean run. */
  readonly only?: number;
  /** Token under which {@link FaultProgress} values are streamed as `$/progress`, as LSP does for partial results. */
  readonly partialResultToken?: string | number;
}

/**
 * What happened to the program when every `malloc` after the n-th failed.
 * `unaffected`: same exit and same output as the clean run. `cleanError`: non-zero exit and something on standard error.
 * `silentError`: non-zero exit without a word. `wrongOutput`: exit as in the clean run, but other output.
 * `crash`: died by a signal other than SIGABRT. `abort`: SIGABRT. `hang`: past its deadline. `notReached`: it allocated less
 * than n times.
 */
export type FaultVerdict =
  | 'unaffected'
  | 'cleanError'
  | 'silentError'
  | 'wrongOutput'
  | 'crash'
  | 'abort'
  | 'hang'
  | 'leak'
  | 'sanitizer'
  | 'notReached';

export interface StackFrame {
  readonly module: string;
  /** Offset in the module, `0x…`. */
  readonly offset: string;
  readonly function: string | null;
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  readonly inlined: boolean;
}

export interface CleanRun {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly allocations: number;
  /** Distinct allocation call stacks; null where they were not recorded. */
  readonly stacks: number | null;
  /** Whether a second clean run made the same number of allocations. */
  readonly stable: boolean;
  readonly durationMs: number;
}

export interface FaultRun {
  /** `MALLOC_MAX_CALLED`: this many allocations succeed, all later ones fail. */
  readonly n: number;
  readonly verdict: FaultVerdict;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
  /** Where the first failed allocation was asked for, innermost frame first. Empty where it could not be recorded. */
  readonly injectedStack: readonly StackFrame[];
  /** Where the program died, innermost frame first. Empty where it did not. */
  readonly crashStack: readonly StackFrame[];
  /** One sentence for a person. */
  readonly message: string;
}

export interface FaultGroup {
  readonly verdict: FaultVerdict;
  readonly signal: string | null;
  readonly smallestN: number;
  readonly ns: readonly number[];
  readonly injectedStack: readonly StackFrame[];
  readonly crashStack: readonly StackFrame[];
  readonly message: string;
  /** Environment and command, as an argument array for `env`, that does the same outside the editor. */
  readonly reproduce: readonly string[];
}

export interface FaultSweep {
  readonly command: readonly string[];
  readonly clean: CleanRun;
  readonly plan: { readonly mode: 'fromNth'; readonly points: number };
  readonly verdicts: Readonly<Record<FaultVerdict, number>>;
  readonly runs: readonly FaultRun[];
  readonly groups: readonly FaultGroup[];
}

export type FaultProgress =
  | { readonly kind: 'building'; readonly command: readonly string[] }
  | { readonly kind: 'clean'; readonly clean: CleanRun; readonly points: number }
  | { readonly kind: 'started'; readonly n: number }
  | { readonly kind: 'run'; readonly run: FaultRun };

/**
 * Client → server: count the program's allocations, then run it once for each with all later ones failing. Streams
 * {@link FaultProgress}. Cancellable: the running program and its children are killed, and the answer holds what was done.
 * Errors: untrusted, toolMissing (no C compiler), toolFailed (build or shim), invalidParams.
 */
export const faultSweep = requestMethod<FaultSweepParams, FaultSweep>('binaryDetective/faults/sweep');
