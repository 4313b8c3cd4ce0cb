import { requestMethod } from './method.ts';

/** A program to break: an argument array, never a shell string. */
export interface FaultProgram {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run once before the clean run ("make", "app"); a failure ends the sweep with its output. */
  readonly build?: readonly string[];
  /** Path of a file that each run reads as its standard input; absent: standard input is empty. A relative one is from `cwd`. */
  readonly stdin?: string;
  /** For each run; absent: the setting, or where that is 0, by the time of the clean run. */
  readonly deadlineSeconds?: number;
  /** What counts as a clean error; absent: any non-zero exit with something on standard error. */
  readonly cleanError?: CleanErrorRule;
  /** Each run works in a copy of `cwd` of its own, for programs that change or delete what they read. */
  readonly privateFolder?: boolean;
  /**
   * The command runs Python: only what this extension module (its name, or its file; relative to `cwd`) asks for, itself or by
   * Python's own functions, is made to fail.
   */
  readonly extensionModule?: string;
}

/** A run that exits other than 0 and meets all that is given here has failed cleanly; one that does not, silently. */
export interface CleanErrorRule {
  /** Exit statuses that mean failure here. Where they are all that is given, nothing need be said. */
  readonly exitCodes?: readonly number[];
  /** A text that standard output or standard error must contain ("out of memory"). */
  readonly output?: string;
  /** A regular expression (JavaScript's, flags `m` and `u`) that what it says on standard error must match. */
  readonly stderr?: string;
}

/**
 * What fails. `fromNth` and `nth` are sweeps, with a run for each allocation: in `fromNth` all later ones fail too, in `nth`
 * none. The others are runs in which several fail: `list` (`"5,8-20,30-"`: numbers of allocations, the first is 0), `every`
 * (the step-th, and each step-th after it), `size` (`"64-4096"`, in bytes, both included), and `probability` (from 0 to 1; one
 * run for each seed from `seed` on, `seeds` of them, 10 where absent; the same seed draws the same allocations). `budget` fails
 * what would bring the memory in use above so many bytes, `total` what comes after so many bytes have been asked for.
 */
export type FaultMode =
  | { readonly kind: 'fromNth' }
  | { readonly kind: 'nth' }
  | { readonly kind: 'list'; readonly numbers: string }
  | { readonly kind: 'every'; readonly step: number }
  | { readonly kind: 'size'; readonly bytes: string }
  | { readonly kind: 'budget'; readonly bytes: number }
  | { readonly kind: 'total'; readonly bytes: number }
  | { readonly kind: 'probability'; readonly probability: number; readonly seed: number; readonly seeds?: number };

/**
 * Which allocations count: what is out of scope always succeeds, and has no number. Where several kinds of things are
 * included (libraries, functions, stacks), an allocation has to be in one of each kind; what is excluded is out in any case.
 */
export interface FaultScope {
  /**
   * Names, paths or globs (`*`, `?`) of ELF files: the caller's. Where libc or the C++ library allocates on somebody's behalf
   * (strdup, operator new), that somebody is the caller too.
   */
  readonly includeLibraries?: readonly string[];
  readonly excludeLibraries?: readonly string[];
  /** Libraries are looked for in so many innermost frames, from 1 to 64, instead: "on behalf of this extension module". */
  readonly frames?: number;
  /** Functions anywhere on the stack: `parse`, `ns::Parser::parse`, `libx.so:parse`. */
  readonly includeFunctions?: readonly string[];
  readonly excludeFunctions?: readonly string[];
  /** Numbers of call stacks, `0x…`, as {@link FaultRun.stack} has them. */
  readonly includeStacks?: readonly string[];
  readonly excludeStacks?: readonly string[];
  /** `main`: not what comes before it; `program`: only windows that the program opens (malloc-faults.h). Absent: `first`. */
  readonly start?: 'first' | 'main' | 'program';
  /** Whether the programs that it becomes, and its children, count with it, in one sequence. */
  readonly follow?: boolean;
}

/** Which allocations a sweep takes: the first of each distinct call stack, or all, those first. */
export type FaultPoints = 'stacks' | 'all';

export interface FaultSweepParams {
  readonly program: FaultProgram;
  /** Absent: `fromNth`. */
  readonly mode?: FaultMode;
  /** Absent: all allocations count. */
  readonly scope?: FaultScope;
  /** Absent: `all`. */
  readonly points?: FaultPoints;
  /** Only the run with this {@link FaultRun.n}, for running a single test again; absent: every one. */
  readonly only?: number;
  /** After so long no further run is started; those that were not are in {@link FaultSweep.skipped}. */
  readonly budgetSeconds?: number;
  /** So many hangs from one call stack, and its other allocations are not run; 0: all are. Absent: 2. */
  readonly hangsPerStack?: number;
  /** So many runs at once; absent: one a processor. */
  readonly jobs?: number;
  /** Also look for blocks and files that are left after a failure, and that the clean run frees: verdict `leak`. */
  readonly leaks?: boolean;
  /**
   * `auto` (absent): runs are copies of one run of the program where that gives the same verdicts; `off`: each is by itself;
   * `only`: what is no copy is skipped.
   */
  readonly snapshot?: 'auto' | 'off' | 'only';
  /** Only this part of the points; `mergeSweeps` joins the parts. */
  readonly shard?: FaultShard;
  /** Path of a file with groups that are known already ({@link FaultGroup.known}). */
  readonly baseline?: string;
  /** Path of a file into which each result is written as it comes, and from which a stopped sweep goes on. */
  readonly journal?: string;
  /** Token under which {@link FaultProgress} values are streamed as `$/progress`, as LSP does for partial results. */
  readonly partialResultToken?: string | number;
}

/** The points whose number leaves the remainder `index - 1` when divided by `count`; `index` from 1. */
export interface FaultShard {
  readonly index: number;
  readonly count: number;
}

/**
 * What happened to the program when allocations failed.
 * `unaffected`: same exit and same output as the clean run. `cleanError`: non-zero exit and something on standard error.
 * `silentError`: non-zero exit without a word. `wrongOutput`: exit as in the clean run, but other output.
 * `crash`: died by a signal other than SIGABRT. `abort`: SIGABRT. `hang`: past its deadline. `notReached`: none failed, since
 * it made too few.
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

/** Whether the program misbehaves; to fail with a word on standard error is the right thing to do. */
export function isBugVerdict(verdict: FaultVerdict): boolean {
  return !['unaffected', 'cleanError', 'notReached'].includes(verdict);
}

export interface StackFrame {
  readonly module: string;
  /** Offset in the module, `0x…`. */
  readonly offset: string;
  readonly function: string | null;
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  readonly inlined: boolean;
  /** The text of that line, in groups, where the file can be read. */
  readonly source?: string;
}

export interface CleanRun {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly allocations: number;
  /** Distinct call stacks of allocations, by their innermost 12 frames; null where they were not recorded. */
  readonly stacks: number | null;
  /** Whether a second clean run made the same number of allocations. */
  readonly stable: boolean;
  /** Whether clean runs printed the same; where not, no other output is called wrong. */
  readonly sameOutput: boolean;
  /** Whether it makes more allocations with one environment variable more: then n means this environment, and no other. */
  readonly countsEnvironment?: boolean;
  readonly durationMs: number;
}

export interface FaultRun {
  /** So many allocations succeed before the first that fails; for `size`, the least size; for `probability`, the seed; for a budget, its bytes. */
  readonly n: number;
  /** The shim's variable that makes them fail: `MALLOC_MAX_CALLED=5`, `MALLOC_FAULTS_FAIL=5`. */
  readonly fails: string;
  /** The number of the call stack that was refused first, `0x…`, the same in every run ({@link FaultScope}). */
  readonly stack?: string;
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
  /** When the clean run asked for that allocation, in microseconds since its first; absent where it is not known. */
  readonly askedAtUs?: number;
  /** Of a `leak`: what was left at the end that the clean run frees and closes; at most 20 of each kind. */
  readonly leaks?: readonly FaultLeak[];
}

/** Blocks that one call stack asked for, innermost frame first; or an open file of this name, so many times. */
export type FaultLeak =
  | { readonly kind: 'memory'; readonly blocks: number; readonly bytes: number; readonly stack: readonly StackFrame[] }
  | { readonly kind: 'file'; readonly file: string; readonly count: number };

export interface FaultGroup {
  /** Tells it from the others of this build, by addresses of code; the parts of a sweep that is divided agree on it. */
  readonly id: string;
  /** Of the functions involved, and not of lines or addresses: the same bug has it in the next build too. */
  readonly key: string;
  /** Whether the baseline has it. */
  readonly known: boolean;
  readonly verdict: FaultVerdict;
  readonly signal: string | null;
  readonly smallestN: number;
  readonly ns: readonly number[];
  /** The run whose stacks and message these are: one in which a single allocation failed, where there is one. */
  readonly shown: { readonly n: number; readonly failed: number };
  readonly injectedStack: readonly StackFrame[];
  readonly crashStack: readonly StackFrame[];
  readonly message: string;
  /** Of a `leak`: what the shown run lost. */
  readonly leaks?: readonly FaultLeak[];
  /** Environment and command, as an argument array for `env`, that does the same outside the editor. */
  readonly reproduce: readonly string[];
}

export interface FaultSweep {
  readonly command: readonly string[];
  readonly clean: CleanRun;
  /** `points`: how many runs; `firsts`: so many of them, the first to be run, stand each for a distinct call stack. */
  readonly plan: {
    readonly mode: FaultMode['kind'];
    readonly points: number;
    readonly firsts: number;
    /** Absent in answers of older versions. */
    readonly snapshot?: FaultSnapshot;
  };
  readonly verdicts: Readonly<Record<FaultVerdict, number>>;
  /** Where they are more than 10,000, without their stacks, which were streamed; those of the groups are there. */
  readonly runs: readonly FaultRun[];
  readonly groups: readonly FaultGroup[];
  /** Points that were planned and not run. */
  readonly skipped: readonly SkippedPoints[];
  /** What a person has to know of the whole, a sentence each. */
  readonly notes: readonly string[];
  /** Why it ended before all was done; null: it did not. */
  readonly stopped: 'cancelled' | 'budget' | 'failed' | null;
  readonly shard?: FaultShard;
}

/** Runs that were copies (fork) of one run of the program, each from the allocation on that was made to fail. */
export interface FaultSnapshot {
  /** So many of the runs. */
  readonly used: number;
  /** Why the others were not: a clause about the program ("it writes files, from n = 25 on."); null: there were none, or it was not asked for. */
  readonly refused: string | null;
}

export interface SkippedPoints {
  readonly reason: 'hangs' | 'budget' | 'snapshot';
  readonly ns: readonly number[];
  /** One sentence for a person. */
  readonly message: string;
}

export type FaultProgress =
  | { readonly kind: 'building'; readonly command: readonly string[] }
  | { readonly kind: 'clean'; readonly clean: CleanRun; readonly points: number }
  | { readonly kind: 'started'; readonly n: number }
  // The later one of two with the same n is right.
  | {
      readonly kind: 'run';
      readonly run: FaultRun;
      /** The {@link FaultGroup.key} that the run has by itself; null: it is no bug. */
      readonly bug: string | null;
    };

/**
 * Client → server: count the program's allocations, then run it with some of them failing ({@link FaultMode}). Streams
 * {@link FaultProgress}. Cancellable: the running program and its children are killed, and the answer holds what was done.
 * Errors: untrusted, toolMissing (no C compiler), toolFailed (build or shim), invalidParams.
 */
export const faultSweep = requestMethod<FaultSweepParams, FaultSweep>('binaryDetective/faults/sweep');

export const faultExportFormats = ['json', 'sarif', 'junit', 'html'] as const;

/**
 * `json`: as the command line prints it (docs/cli.md). `sarif`: SARIF 2.1.0, a result for each group. `junit`: JUnit's XML, a
 * failed test for each group, a passed one for each place whose failures do no harm. `html`: one page that needs nothing else.
 */
export type FaultExportFormat = (typeof faultExportFormats)[number];

export interface FaultExportParams {
  readonly sweep: FaultSweep;
  readonly format: FaultExportFormat;
  /** Paths in SARIF are relative to this folder; absent: to the server's own. */
  readonly root?: string;
}

export interface FaultExport {
  readonly text: string;
}

/** Client → server: a finished sweep as the text of a file. Errors: invalidParams. */
export const faultExport = requestMethod<FaultExportParams, FaultExport>('binaryDetective/faults/export');
