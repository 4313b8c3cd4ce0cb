import { type ArmedProgram, type ObservedRun, runArmed } from './armed-run.ts';
import type { Injection } from './injection.ts';
import type { Snapshots } from './snapshot/snapshots.ts';

/** Measured: less than this calls slow runs hangs, more lets one hang eat the time of a whole sweep. */
const deadlineFactor = 20;
const shortestDeadlineMs = 1000;
const secondTryFactor = 3;

export interface Runner {
  readonly deadlineMs: number;
  /** Null where it was cancelled, or there is no copy and only those are wanted. Errors: as {@link runArmed}. */
  run(injection: Injection, signal: AbortSignal): Promise<ObservedRun | null>;
  /** The same by itself, and never a copy. */
  alone(injection: Injection, signal: AbortSignal): Promise<ObservedRun | null>;
}

export interface RunsByCopy {
  readonly snapshots: Snapshots | undefined;
  /** Whether points of which there is no copy are not run. */
  readonly only: boolean;
}

export interface Deadline {
  readonly deadlineMs: number;
  /** Ours, and not the person's. */
  readonly isGuess: boolean;
}

/** @param deadlineSeconds 0: by the time that the clean run took. */
export function deadlineOf(deadlineSeconds: number, cleanMs: number): Deadline {
  if (deadlineSeconds > 0) return { deadlineMs: deadlineSeconds * 1000, isGuess: false };
  return { deadlineMs: Math.ceil(Math.max(shortestDeadlineMs, deadlineFactor * cleanMs)), isGuess: true };
}

/**
 * Runs the program with failures. Where the deadline is our guess, a run that passes it has another try with more time, once for
 * each place that asked for memory: it may be the machine that is slow, and not the program that hangs.
 * Where there are snapshots, the first try is one of them.
 */
export function createRunner(
  armed: ArmedProgram,
  { deadlineMs, isGuess }: Deadline,
  { snapshots, only }: RunsByCopy,
): Runner {
  const confirmed = new Set<string>();
  const once = ({ variables: fails }: Injection, signal: AbortSignal): Promise<ObservedRun | null> =>
    runArmed({ ...armed, fails, deadlineMs, signal });
  return {
    deadlineMs,
    alone: once,
    async run(injection, signal) {
      const copy = await snapshots?.run(injection.n, signal);
      const run = copy ?? (only ? null : await once(injection, signal));
      if (run === null || !run.timedOut || !isGuess) return run;
      const { variables: fails } = injection;
      const asked = run.record.injected.find(({ module }) => module !== armed.shim);
      const place = `${asked?.module}+${asked?.offset}`;
      if (confirmed.has(place)) return run;
      const again = await runArmed({ ...armed, fails, deadlineMs: deadlineMs * secondTryFactor, signal });
      if (again?.timedOut === true) confirmed.add(place);
      return again;
    },
  };
}
