import { availableParallelism } from 'node:os';
import type { NativeDoor } from '../native/door.ts';
import type {
  FaultMode,
  FaultProgress,
  FaultRun,
  FaultSweep,
  FaultSweepParams,
  FaultVerdict,
} from '../protocol/faults.ts';
import { type ArmedRunOptions, type ObservedRun, runArmed } from './armed-run.ts';
import { buildProgram } from './build.ts';
import { runClean } from './clean-run.ts';
import { groupRuns, type JudgedRun } from './groups.ts';
import {
  assignmentsOf,
  type Injection,
  type InjectionVariables,
  injectionsOf,
  isSwept,
  nothingFails,
} from './injection.ts';
import { messageOf } from './message.ts';
import { planPoints } from './plan.ts';
import { runPool } from './pool.ts';
import { shimLibrary } from './shim.ts';
import { createSymbolizer, type Symbolizer } from './symbolize.ts';
import { findTarget } from './target.ts';
import { type Baseline, fatalSignal, verdictOf } from './verdict.ts';

export interface SweepEnvironment {
  readonly door: NativeDoor;
  /** Folder with the shim's C sources. */
  readonly shimFolder: string;
  /** Where compiled shims are kept. */
  readonly cacheFolder: string;
  /** For each run; 0: ten times the clean run, at least two seconds. */
  readonly deadlineSeconds: number;
  readonly maxPoints: number;
  readonly onProgress: (progress: FaultProgress) => void;
  readonly signal?: AbortSignal;
}

/** For the clean run, of which nothing tells how long it takes. */
const cleanDeadlineMs = 120_000;
const deadlineFactor = 10;
const shortestDeadlineMs = 2000;
const secondTryFactor = 3;

/**
 * Counts a program's allocations, then runs it with some of them failing, as the mode says. After a cancel it
 * resolves with what was done, or, where the clean run was not through, rejects with an AbortError.
 * Errors: untrusted, toolMissing, toolFailed, toolTimedOut, invalidParams, notFound, notSupported.
 */
export async function sweepFaults(
  { program, mode = { kind: 'fromNth' }, points: which = 'all', only }: Omit<FaultSweepParams, 'partialResultToken'>,
  environment: SweepEnvironment,
): Promise<FaultSweep> {
  const signal = environment.signal ?? new AbortController().signal;
  // What is not understood is said before anything runs.
  injectionsOf(mode, []);
  const shim = await shimLibrary(environment);
  await buildProgram(program, environment, signal);
  const target = findTarget(program);

  const { door } = environment;
  const deadlineSeconds = program.deadlineSeconds ?? environment.deadlineSeconds;
  const armed = { door, target, shim, signal };
  const cleanLimitMs = deadlineSeconds > 0 ? deadlineSeconds * 1000 : cleanDeadlineMs;
  const wanted = isSwept(mode) && only === undefined ? 'stacks' : 'counts';
  const reference = await runClean({ ...armed, fails: nothingFails, deadlineMs: cleanLimitMs }, wanted);
  const { clean, firstOfEachStack } = reference;
  const planned =
    only === undefined
      ? planPoints(clean.allocations, environment.maxPoints, firstOfEachStack, which)
      : { points: [only], firsts: 0 };
  const injections = injectionsOf(mode, planned.points, only);
  environment.onProgress({ kind: 'clean', clean, points: injections.length });

  const runWith = createRunner(armed, deadlineSeconds, clean.durationMs);
  const symbolizer = createSymbolizer(door);
  const judged: JudgedRun[] = [];
  const width = reference.interferes ? 1 : availableParallelism();
  await runPool(injections, width, signal, async (injection, stop) => {
    environment.onProgress({ kind: 'started', n: injection.n });
    const observed = await runWith(injection.variables, stop);
    if (observed === null) return;
    if (verdictOf(observed, reference.baseline()) === 'wrongOutput') await reference.recheck(stop);
    const one = await judge(injection, observed, reference.baseline(), {
      ...{ mode: mode.kind, symbolizer, shim, signal: stop },
    });
    if (stop.aborted) return;
    judged.push(one);
    environment.onProgress({ kind: 'run', run: one.run });
  });
  const runs = judged.map(({ run }) => run).sort((a, b) => a.n - b.n);
  return {
    command: program.command,
    clean,
    plan: { mode: mode.kind, points: injections.length, firsts: isSwept(mode) ? planned.firsts : 0 },
    verdicts: countVerdicts(runs),
    runs,
    groups: groupRuns(judged, target, shim),
  };
}

/**
 * Runs the program with failures. Where the deadline is our guess, a run that passes it has another try with more time, once for
 * each place that asked for memory: it may be the machine that is slow, and not the program that hangs.
 */
function createRunner(
  armed: Pick<ArmedRunOptions, 'door' | 'target' | 'shim'>,
  deadlineSeconds: number,
  cleanMs: number,
): (fails: InjectionVariables, signal: AbortSignal) => Promise<ObservedRun | null> {
  const guessedMs = Math.max(shortestDeadlineMs, deadlineFactor * cleanMs);
  const deadlineMs = deadlineSeconds > 0 ? deadlineSeconds * 1000 : guessedMs;
  const confirmed = new Set<string>();
  return async (fails, signal) => {
    const run = await runArmed({ ...armed, fails, deadlineMs, signal });
    if (run === null || !run.timedOut || deadlineSeconds > 0) return run;
    const asked = run.record.injected.find(({ module }) => module !== armed.shim);
    const place = `${asked?.module}+${asked?.offset}`;
    if (confirmed.has(place)) return run;
    const again = await runArmed({ ...armed, fails, deadlineMs: deadlineMs * secondTryFactor, signal });
    if (again?.timedOut === true) confirmed.add(place);
    return again;
  };
}

interface JudgeContext {
  readonly mode: FaultMode['kind'];
  readonly symbolizer: Symbolizer;
  readonly shim: string;
  readonly signal: AbortSignal;
}

async function judge(
  { n, variables }: Injection,
  run: ObservedRun,
  baseline: Baseline,
  context: JudgeContext,
): Promise<JudgedRun> {
  const { mode, symbolizer, shim, signal: stop } = context;
  const verdict = verdictOf(run, baseline);
  const signal = fatalSignal(run, baseline);
  const frames = async (stack: ObservedRun['record']['injected']) =>
    await symbolizer.frames(
      stack.filter(({ module }) => module !== shim),
      stop,
    );
  const injectedStack = await frames(run.record.injected);
  const { crash, failed } = run.record;
  const crashStack = signal === null ? [] : await frames(crash?.stack ?? []);
  const lastFailureStack = signal === null ? [] : await frames(crash?.lastFailure ?? []);
  const message = messageOf({ run, baseline, verdict, mode, signal, injectedStack, crashStack, lastFailureStack });
  const { exitCode, durationMs } = run;
  return {
    run: {
      n,
      fails: assignmentsOf(variables).join(' '),
      verdict,
      exitCode,
      signal,
      durationMs,
      injectedStack,
      crashStack,
      message,
    },
    failed,
    lastFailureStack,
  };
}

function countVerdicts(runs: readonly FaultRun[]): Readonly<Record<FaultVerdict, number>> {
  const counts: Record<FaultVerdict, number> = {
    unaffected: 0,
    cleanError: 0,
    silentError: 0,
    wrongOutput: 0,
    crash: 0,
    abort: 0,
    hang: 0,
    leak: 0,
    sanitizer: 0,
    notReached: 0,
  };
  for (const { verdict } of runs) counts[verdict] += 1;
  return counts;
}
