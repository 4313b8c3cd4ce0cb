import { displayText } from '../protocol/display-text.ts';
import { UserError } from '../protocol/errors.ts';
import { type ArmedRunOptions, runArmed } from './armed-run.ts';
import { injectionsOf } from './injection.ts';

/** A program that hangs without memory has shown by then that it was without. */
const longestMs = 1000;

/**
 * Proves that a failure can be made to happen: one run in which all allocations fail. That the shim was loaded and counts is
 * seen in the clean run already; that it refuses is not. Errors: notSupported; those of {@link runArmed}.
 */
export async function controlRun(options: Omit<ArmedRunOptions, 'fails'>): Promise<void> {
  const [all] = injectionsOf({ kind: 'fromNth' }, [0]);
  if (all === undefined) return;
  const deadlineMs = Math.min(options.deadlineMs, longestMs);
  const run = await runArmed({ ...options, fails: all.variables, deadlineMs });
  // Too slow to have come to its first allocation: nothing is proved, and nothing is disproved.
  if (run === null || run.timedOut || run.record.failed > 0) return;
  throw new UserError(
    'notSupported',
    `In the control run, in which all allocations of ${displayText(options.target.command)} were to fail, none did, though the clean run made some: the fault shim is not in force. Does the program clear its environment, or make its allocations only in other processes?`,
  );
}
