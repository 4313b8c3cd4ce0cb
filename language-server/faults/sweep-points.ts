import { UserError } from '../protocol/errors.ts';
import {
  type FaultMode,
  type FaultProgress,
  type FaultSweep,
  isBugVerdict,
  type SkippedPoints,
} from '../protocol/faults.ts';
import type { CleanReference } from './clean-run.ts';
import { stableKey } from './group-key.ts';
import type { JudgedRun } from './groups.ts';
import { createHangLimit } from './hang-limit.ts';
import type { Injection } from './injection.ts';
import type { Journal } from './journal.ts';
import { judge } from './judge.ts';
import { runPool } from './pool.ts';
import type { Runner } from './runner.ts';
import { confirmBugs } from './snapshot/confirm.ts';
import type { Snapshots } from './snapshot/snapshots.ts';
import type { Symbolizer } from './symbolize.ts';
import { goneFolder, type Target } from './target.ts';
import { verdictOf } from './verdict.ts';

export interface PointsContext {
  readonly runner: Runner;
  /** What the runner takes its runs from where it can. */
  readonly snapshots: Snapshots | undefined;
  readonly reference: CleanReference;
  readonly symbolizer: Symbolizer;
  readonly mode: FaultMode['kind'];
  readonly target: Target;
  readonly shim: string;
  /** Runs at once. */
  readonly width: number;
  /** 0: no limit. */
  readonly hangsPerStack: number;
  /** Infinity: none. */
  readonly budgetSeconds: number;
  readonly onProgress: (progress: FaultProgress) => void;
  readonly signal: AbortSignal;
}

export interface PointsOutcome extends Pick<FaultSweep, 'skipped' | 'notes' | 'stopped'> {
  readonly judged: readonly JudgedRun[];
}

/**
 * Runs the program at each point and judges what it does; points that a journal has are not run again. What was found is kept
 * when it is cancelled, when its time is up, and when something fails in the middle. Errors: those of the first run.
 */
export async function runPoints(
  injections: readonly Injection[],
  context: PointsContext,
  journal: Journal | undefined,
): Promise<PointsOutcome> {
  const { runner, reference, onProgress, signal, width, budgetSeconds } = context;
  const wanted = new Set(injections.map(({ n }) => n));
  const judged: JudgedRun[] = (journal?.results ?? []).filter(({ run }) => wanted.has(run.n));
  const done = new Set(judged.map(({ run }) => run.n));
  for (const one of judged) onProgress(toldOf(one));
  const hangs = createHangLimit(context.hangsPerStack, reference.stackOf);
  for (const { run } of judged) if (run.verdict === 'hang') hangs.hung(run.n);
  const lastMs = performance.now() + budgetSeconds * 1000;
  const late: number[] = [];

  const judgeRun = createJudge(context);
  const uncopied: number[] = [];
  const work = async (injection: Injection, stop: AbortSignal): Promise<void> => {
    const { n } = injection;
    if (done.has(n) || !hangs.admits(n)) return;
    if (performance.now() > lastMs) {
      late.push(n);
      return;
    }
    onProgress({ kind: 'started', n });
    const one = await judgeRun(injection, runner.run, stop);
    if (one === null && !stop.aborted) uncopied.push(n);
    if (one === null) return;
    if (one.run.verdict === 'hang') hangs.hung(n);
    judged.push(one);
    onProgress(toldOf(one));
    await journal?.add(one);
  };
  const notes: string[] = [];
  const corrected: number[] = [];
  let failed = false;
  context.snapshots?.expect(injections.map(({ n }) => n).filter(n => !done.has(n)));
  try {
    await runPool(injections, width, signal, work);
    for (const one of await confirmCopies(judged, injections, context, judgeRun)) {
      judged[judged.findIndex(({ run }) => run.n === one.run.n)] = one;
      corrected.push(one.run.n);
      onProgress(toldOf(one));
      await journal?.add(one);
    }
  } catch (error) {
    if (!(error instanceof UserError) || judged.length === 0) throw goneFolder(context.target) ?? error;
    notes.push((goneFolder(context.target) ?? error).message);
    failed = true;
  } finally {
    await context.snapshots?.close();
  }
  const stopped = signal.aborted ? 'cancelled' : failed ? 'failed' : late.length > 0 ? 'budget' : null;
  const skipped = [...hangs.skipped(), ...overBudget(late, budgetSeconds), ...withoutCopy(uncopied)];
  return { judged, skipped, notes: [...notes, ...correctedNotes(corrected)], stopped };
}

type JudgeRun = (injection: Injection, run: Runner['run'], stop: AbortSignal) => Promise<JudgedRun | null>;

/** Null where it was cancelled, or there is no run of this kind. */
function createJudge({ reference, mode, symbolizer, shim }: PointsContext): JudgeRun {
  const texts = new Map<string, string>();
  const share = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  return async (injection, run, stop) => {
    const observed = await run(injection, stop);
    if (observed === null) return null;
    if (verdictOf(observed, reference.baseline()) === 'wrongOutput') await reference.recheck(stop);
    const one = await judge(injection, observed, reference.baseline(), { mode, symbolizer, shim, share, signal: stop });
    if (stop.aborted) return null;
    const askedAtUs = reference.timeOf(injection.n);
    return askedAtUs === undefined ? one : { ...one, run: { ...one.run, askedAtUs } };
  };
}

/** The runs that ended otherwise than their copies, where there were any. */
async function confirmCopies(
  judged: readonly JudgedRun[],
  injections: readonly Injection[],
  { snapshots, runner, width, signal }: PointsContext,
  judgeRun: JudgeRun,
): Promise<readonly JudgedRun[]> {
  if (snapshots === undefined || signal.aborted) return [];
  const byNumber = new Map(injections.map(injection => [injection.n, injection]));
  const alone = async (n: number, stop: AbortSignal): Promise<JudgedRun | null> => {
    const injection = byNumber.get(n);
    return injection === undefined ? null : await judgeRun(injection, runner.alone, stop);
  };
  return await confirmBugs(judged, { isCopy: snapshots.has, alone, width, signal });
}

function correctedNotes(ns: readonly number[]): readonly string[] {
  if (ns.length === 0) return [];
  const shown = ns.toSorted((a, b) => a - b).join(', ');
  return [`n = ${shown} ended otherwise when the program was run by itself, and are told as they did then.`];
}

function withoutCopy(ns: readonly number[]): readonly SkippedPoints[] {
  if (ns.length === 0) return [];
  const message = `${ns.length} were not run: they need runs of their own, and only snapshots were asked for.`;
  return [{ reason: 'snapshot', ns: ns.toSorted((a, b) => a - b), message }];
}

function toldOf(one: JudgedRun): FaultProgress {
  return { kind: 'run', run: one.run, bug: isBugVerdict(one.run.verdict) ? stableKey(one) : null };
}

function overBudget(late: readonly number[], budgetSeconds: number): readonly SkippedPoints[] {
  if (late.length === 0) return [];
  const ns = late.toSorted((a, b) => a - b);
  const message = `${ns.length} more were not run: the ${budgetSeconds} s that the sweep was given are over.`;
  return [{ reason: 'budget', ns, message }];
}
