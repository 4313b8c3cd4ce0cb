import { displayText } from '../protocol/display-text.ts';
import { UserError } from '../protocol/errors.ts';
import type { CleanRun } from '../protocol/faults.ts';
import { type ArmedRunOptions, type ObservedRun, runArmed } from './armed-run.ts';
import { leftoversOf } from './leak-report.ts';
import { obstacleOf } from './obstacle.ts';
import { firstOfEachStack, recordStacks } from './stacks.ts';
import { goneFolder } from './target.ts';
import { type Baseline, sameBytes } from './verdict.ts';

const spareVariable = 'BINARY_DETECTIVE_SPARE';

/** What the program does when nothing fails. */
export interface CleanReference {
  readonly clean: CleanRun;
  /** The first allocation of each call stack, in order; empty where no stacks were recorded. */
  readonly firstOfEachStack: readonly number[];
  /** Equal for allocations from the same call stack; 0n: not known. */
  stackOf(n: number): bigint;
  /** When an allocation was asked for, in microseconds since the first; undefined where that is not known. */
  timeOf(n: number): number | undefined;
  /** Whether runs at the same time did otherwise than one alone: over a file that all of them write, say. */
  readonly interferes: boolean;
  /** Whether it printed more than is kept. */
  readonly truncated: boolean;
  baseline(): Baseline;
  /**
   * Runs the program cleanly once more: a clock, a growing file or another process may have changed its output since. What
   * differs is not compared any more. To be called before another output is called wrong.
   */
  recheck(signal: AbortSignal): Promise<void>;
}

/**
 * Runs the program alone, then twice at once, in which nothing fails. What differs between them says nothing where it differs
 * later. Where stacks are wanted, one run more records them. Errors: untrusted, toolFailed, toolTimedOut, notSupported; AbortError after a cancel.
 */
export async function runClean(options: ArmedRunOptions, wanted: 'stacks' | 'counts'): Promise<CleanReference> {
  const first = await cleanRun(options);
  const together = await Promise.all([1, 2].map(() => runArmed(options)));
  const agree = together.every(run => run !== null && doesTheSame(first, run));
  const others = agree ? together.filter(run => run !== null) : [await cleanRun(options)];
  const interferes = !agree && others.every(run => doesTheSame(first, run));
  const { exitCode, stdout, stderr, record } = first;
  const { cleanError } = options.target;
  const usualSignal = record.crash?.signal ?? null;
  const leftovers = leftoversOf([first, ...others].map(({ leaks }) => leaks));
  let baseline: Baseline = {
    ...{ exitCode, stdout, stderr, sameStdout: true, sameStderr: true, usualSignal, cleanError, leftovers },
  };
  for (const run of others) baseline = compared(baseline, run);
  // Where they differ, the largest: a point too many is a run that says so.
  const allocations = Math.max(record.allocations, ...others.map(run => run.record.allocations));
  const recorded = wanted === 'stacks' ? await recordStacks(options, allocations) : null;
  const stacks = recorded?.stacks ?? null;
  const firstTime = recorded?.times[0] ?? 0n;
  const firsts = stacks === null ? [] : firstOfEachStack(stacks);
  return {
    clean: {
      exitCode,
      signal: null,
      allocations,
      stacks: stacks === null ? null : firsts.length,
      stable: others.every(run => run.record.allocations === record.allocations),
      sameOutput: baseline.sameStdout && baseline.sameStderr,
      countsEnvironment: await countsEnvironment(options, record.allocations),
      durationMs: Math.max(first.durationMs, ...others.map(run => run.durationMs)),
    },
    firstOfEachStack: firsts,
    stackOf: n => stacks?.[n] ?? 0n,
    timeOf: n => {
      const time = recorded?.times[n] ?? 0n;
      return time === 0n || firstTime === 0n ? undefined : Number(time - firstTime) / 1000;
    },
    interferes,
    truncated: first.truncated,
    baseline: () => baseline,
    async recheck(signal) {
      const again = await runArmed({ ...options, signal });
      if (again !== null && !again.timedOut) baseline = compared(baseline, again);
    },
  };
}

/** Programs that take over their environment (make, gawk, shells) make allocations for each of its variables. */
async function countsEnvironment(options: ArmedRunOptions, allocations: number): Promise<boolean> {
  const { target } = options;
  const env = { ...target.env, [spareVariable]: '' };
  const run = await runArmed({ ...options, target: { ...target, env } });
  return run !== null && !run.timedOut && run.record.allocations !== allocations;
}

function doesTheSame(first: ObservedRun, again: ObservedRun): boolean {
  return (
    first.exitCode === again.exitCode &&
    first.signal === again.signal &&
    sameBytes(first.stdout, again.stdout) &&
    sameBytes(first.stderr, again.stderr) &&
    first.record.allocations === again.record.allocations
  );
}

function compared(baseline: Baseline, again: ObservedRun): Baseline {
  return {
    ...baseline,
    sameStdout: baseline.sameStdout && sameBytes(baseline.stdout, again.stdout),
    sameStderr: baseline.sameStderr && sameBytes(baseline.stderr, again.stderr),
  };
}

async function cleanRun(options: ArmedRunOptions): Promise<ObservedRun> {
  const run = await runArmed(options);
  if (run === null) throw new DOMException('The sweep was cancelled.', 'AbortError');
  const name = displayText(options.target.command);
  if (run.timedOut) {
    throw new UserError(
      'toolTimedOut',
      `${name} did not end by itself within ${options.deadlineMs / 1000} seconds, with no allocation failing. Give it arguments with which it ends, or set binaryDetective.faults.deadlineSeconds.`,
    );
  }
  const gone = goneFolder(options.target);
  if (gone !== undefined) throw gone;
  refuseUnloadable(run, name);
  const obstacle = await obstacleOf(options.target, run);
  if (obstacle !== undefined) throw obstacle;
  if (run.signal !== null) {
    throw new UserError(
      'toolFailed',
      `${name} died of ${run.signal} by itself, with no allocation failing: that has to be mended first.`,
    );
  }
  return run;
}

/** What ld.so and musl's loader say, and end with 127, before the program has its turn. Errors: notFound. */
function refuseUnloadable({ exitCode, stderr, record }: ObservedRun, name: string): void {
  const words = Buffer.from(stderr).toString('utf8');
  const [, library] =
    /error while loading shared libraries: ([^:]+): cannot open|Error loading shared library ([^:]+):/u.exec(words) ??
    [];
  if (exitCode !== 127 || record.allocations > 0 || library === undefined) return;
  throw new UserError(
    'notFound',
    `${name} cannot be started: the loader does not find ${displayText(library)}, which it needs. Install it, or name its folder in LD_LIBRARY_PATH ("env"); \`binary-detective tree\` shows where the loader looks.`,
  );
}
