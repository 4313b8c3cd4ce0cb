import { type ArmedRunOptions, type ObservedRun, runArmed } from './armed-run.ts';
import type { InjectionVariables } from './injection.ts';

/** Measured: less than this calls slow runs hangs, more lets one hang eat the time of a whole sweep. */
const deadlineFactor = 20;
const shortestDeadlineMs = 1000;
const secondTryFactor = 3;

export interface Runner {
  readonly deadlineMs: number;
  /** Null where it was cancelled. Errors: as {@link runArmed}. */
  run(fails: InjectionVariables, signal: AbortSignal): Promise<ObservedRun | null>;
}

/**
 * Runs the program with failures. Where the deadline is our guess, a run that passes it has another try with more time, once for
 * each place that asked for memory: it may be the machine that is slow, and not the program that hangs.
 * @param deadlineSeconds 0: by the time that the clean run took.
 */
export function createRunner(
  armed: Omit<ArmedRunOptions, 'fails' | 'deadlineMs' | 'signal'>,
  deadlineSeconds: number,
  cleanMs: number,
): Runner {
  const guessedMs = Math.ceil(Math.max(shortestDeadlineMs, deadlineFactor * cleanMs));
  const deadlineMs = deadlineSeconds > 0 ? deadlineSeconds * 1000 : guessedMs;
  const confirmed = new Set<string>();
  return {
    deadlineMs,
    async run(fails, signal) {
      const run = await runArmed({ ...armed, fails, deadlineMs, signal });
      if (run === null || !run.timedOut || deadlineSeconds > 0) return run;
      const asked = run.record.injected.find(({ module }) => module !== armed.shim);
      const place = `${asked?.module}+${asked?.offset}`;
      if (confirmed.has(place)) return run;
      const again = await runArmed({ ...armed, fails, deadlineMs: deadlineMs * secondTryFactor, signal });
      if (again?.timedOut === true) confirmed.add(place);
      return again;
    },
  };
}
