import { availableParallelism } from 'node:os';
import type { NativeDoor } from '../native/door.ts';
import type { FaultProgress, FaultRun, FaultSweep, FaultSweepParams, FaultVerdict } from '../protocol/faults.ts';
import { type ArmedRunOptions, type ObservedRun, runArmed } from './armed-run.ts';
import { buildProgram } from './build.ts';
import { runClean } from './clean-run.ts';
import { groupRuns, type JudgedRun } from './groups.ts';
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
 * Counts a program's allocations, then runs it once for each with that one and all later ones failing. After a cancel it
 * resolves with what was done, or, where the clean run was not through, rejects with an AbortError.
 * Errors: untrusted, toolMissing, toolFailed, toolTimedOut, invalidParams, notFound, notSupported.
 */
export async function sweepFaults(
  { program, only }: Pick<FaultSweepParams, 'program' | 'only'>,
  environment: SweepEnvironment,
): Promise<FaultSweep> {
  const signal = environment.signal ?? new AbortController().signal;
  const shim = await shimLibrary(environment);
  await buildProgram(program, environment, signal);
  const target = findTarget(program);

  const { door, deadlineSeconds } = environment;
  const armed = { door, target, shim, signal };
  const cleanLimitMs = deadlineSeconds > 0 ? deadlineSeconds * 1000 : cleanDeadlineMs;
  const reference = await runClean({ ...armed, limit: null, deadlineMs: cleanLimitMs });
  const { clean } = reference;
  const points = only === undefined ? planPoints(clean.allocations, environment.maxPoints) : [only];
  environment.onProgress({ kind: 'clean', clean, points: points.length });

  const runAt = createRunner(armed, deadlineSeconds, clean.durationMs);
  const symbolizer = createSymbolizer(door);
  const judged: JudgedRun[] = [];
  const width = reference.interferes ? 1 : availableParallelism();
  await runPool(points, width, signal, async (n, stop) => {
    environment.onProgress({ kind: 'started', n });
    const observed = await runAt(n, stop);
    if (observed === null) return;
    if (verdictOf(observed, reference.baseline()) === 'wrongOutput') await reference.recheck(stop);
    const one = await judge(n, observed, reference.baseline(), { symbolizer, shim, signal: stop });
    if (stop.aborted) return;
    judged.push(one);
    environment.onProgress({ kind: 'run', run: one.run });
  });
  const runs = judged.map(({ run }) => run).sort((a, b) => a.n - b.n);
  return {
    command: program.command,
    clean,
    plan: { mode: 'fromNth', points: points.length },
    verdicts: countVerdicts(runs),
    runs,
    groups: groupRuns(judged, target, shim),
  };
}

/**
 * Runs the program at a point. Where the deadline is our guess, a run that passes it has another try with more time, once for
 * each place that asked for memory: it may be the machine that is slow, and not the program that hangs.
 */
function createRunner(
  armed: Pick<ArmedRunOptions, 'door' | 'target' | 'shim'>,
  deadlineSeconds: number,
  cleanMs: number,
): (n: number, signal: AbortSignal) => Promise<ObservedRun | null> {
  const guessedMs = Math.max(shortestDeadlineMs, deadlineFactor * cleanMs);
  const deadlineMs = deadlineSeconds > 0 ? deadlineSeconds * 1000 : guessedMs;
  const confirmed = new Set<string>();
  return async (n, signal) => {
    const run = await runArmed({ ...armed, limit: n, deadlineMs, signal });
    if (run === null || !run.timedOut || deadlineSeconds > 0) return run;
    const asked = run.record.injected.find(({ module }) => module !== armed.shim);
    const place = `${asked?.module}+${asked?.offset}`;
    if (confirmed.has(place)) return run;
    const again = await runArmed({ ...armed, limit: n, deadlineMs: deadlineMs * secondTryFactor, signal });
    if (again?.timedOut === true) confirmed.add(place);
    return again;
  };
}

interface JudgeContext {
  readonly symbolizer: Symbolizer;
  readonly shim: string;
  readonly signal: AbortSignal;
}

async function judge(n: number, run: ObservedRun, baseline: Baseline, context: JudgeContext): Promise<JudgedRun> {
  const { symbolizer, shim, signal: stop } = context;
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
  const message = messageOf({ run, baseline, verdict, signal, injectedStack, crashStack, lastFailureStack });
  const { exitCode, durationMs } = run;
  return {
    run: { n, verdict, exitCode, signal, durationMs, injectedStack, crashStack, message },
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
