import { type ArmedProgram, type ObservedRun, runArmed } from './armed-run.ts';
import type { Injection } from './injection.ts';
import type { Snapshots } from './snapshot/snapshots.ts';

/** Measured: less than this calls slow runs hangs, more lets one hang eat the time of a whole sweep. */
const deadlineFactor = 20;
const shortestDeadlineMs = 1000;
const secondTryFactor = 3;

export interface Runner {
  readonly deadlineMs: number;
  /** Null where it was cancelled. Errors: as {@link runArmed}. */
  run(injection: Injection, signal: AbortSignal): Promise<ObservedRun | null>;
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
 * @param snapshots Where there are any, the first try is one of them.
 */
export function createRunner(
  armed: ArmedProgram,
  { deadlineMs, isGuess }: Deadline,
  snapshots: Snapshots | undefined,
): Runner {
  const confirmed = new Set<string>();
  return {
    deadlineMs,
    async run({ n, variables: fails }, signal) {
      const copied = await snapshots?.run(n, signal);
      const run = copied ?? (await runArmed({ ...armed, fails, deadlineMs, signal }));
      if (run === null || !run.timedOut || !isGuess) return run;
      const asked = run.record.injected.find(({ module }) => module !== armed.shim);
      const place = `${asked?.module}+${asked?.offset}`;
      if (confirmed.has(place)) return run;
      const again = await runArmed({ ...armed, fails, deadlineMs: deadlineMs * secondTryFactor, signal });
      if (again?.timedOut === true) confirmed.add(place);
      return again;
    },
  };
}
