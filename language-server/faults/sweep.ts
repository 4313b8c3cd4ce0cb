import { availableParallelism } from 'node:os';
import type { NativeDoor } from '../native/door.ts';
import type { FaultProgress, FaultRun, FaultSweep, FaultSweepParams } from '../protocol/faults.ts';
import { buildProgram } from './build.ts';
import { type CleanReference, runClean } from './clean-run.ts';
import { controlRun } from './control-run.ts';
import { isInShard } from './farm/shard.ts';
import { groupRuns, type JudgedRun, reproduceCommand } from './groups.ts';
import { type Injection, injectionsOf, isSwept, nothingFails } from './injection.ts';
import { identityOf, openJournal } from './journal.ts';
import { type KnownGroup, markKnown, readKnownGroups } from './known-groups.ts';
import { type Plan, planPoints } from './plan.ts';
import { pythonExtension } from './python-extension.ts';
import { createRunner, deadlineOf } from './runner.ts';
import { admitSanitizer } from './sanitized.ts';
import { withScope } from './scope.ts';
import { createScratch, type Scratch } from './scratch.ts';
import { shimLibrary } from './shim.ts';
import { type ShimVariant, variantFor } from './shim-variant.ts';
import { createSnapshots } from './snapshot/snapshots.ts';
import { withSourceLines } from './source-lines.ts';
import { notesOf } from './sweep-notes.ts';
import { type PointsContext, runPoints } from './sweep-points.ts';
import { createSymbolizer } from './symbolize.ts';
import { findTarget, type Target } from './target.ts';
import { cleanErrorPattern, countVerdicts } from './verdict.ts';

export interface SweepEnvironment {
  readonly door: NativeDoor;
  /** Folder with the shim's C sources. */
  readonly shimFolder: string;
  /** Where compiled shims are kept. */
  readonly cacheFolder: string;
  /** For each run; 0: by the time of the clean run. */
  readonly deadlineSeconds: number;
  readonly maxPoints: number;
  readonly onProgress: (progress: FaultProgress) => void;
  readonly signal?: AbortSignal;
}

export type SweepParams = Omit<FaultSweepParams, 'partialResultToken'>;

/** For the clean run, of which nothing tells how long it takes. */
const cleanDeadlineMs = 120_000;
const defaultHangsPerStack = 2;
/** The stacks of more would be more text than an answer can hold. */
const mostRunsWithStacks = 10_000;
/** Fewer are run by themselves in the time that the setting up of snapshots takes. */
const fewestForSnapshots = 4;

/**
 * Counts a program's allocations, then runs it with some of them failing, as the mode says. After a cancel it
 * resolves with what was done, or, where the clean run was not through, rejects with an AbortError.
 * Errors: untrusted, toolMissing, toolFailed, toolTimedOut, invalidParams, notFound, notSupported, unreadable.
 */
export async function sweepFaults(params: SweepParams, environment: SweepEnvironment): Promise<FaultSweep> {
  const { program, mode = { kind: 'fromNth' }, shard } = params;
  const signal = environment.signal ?? new AbortController().signal;
  // What is not understood is said before anything runs.
  injectionsOf(mode, []);
  if (program.cleanError?.stderr !== undefined) cleanErrorPattern(program.cleanError.stderr);
  const known = params.baseline === undefined ? [] : await readKnownGroups(params.baseline);

  await buildProgram(program, environment, signal);
  const target = await scopedTarget(params, environment.door, signal);
  const variant = await variantFor(target.path);
  const shim = await shimLibrary(environment, variant);
  const journal =
    params.journal === undefined ? undefined : await openJournal(params.journal, await identityOf(target, mode, shard));
  const scratch = await createScratch(environment.door);
  try {
    const prepared = await prepare(params, environment, { target, shim, variant, scratch, signal });
    const { countsEnvironment = false } = prepared.reference.clean;
    const commandOf = (fails: string): readonly string[] => reproduceCommand(target, shim, fails, countsEnvironment);
    const outcome = await runPoints(prepared.injections, prepared.points, journal);
    return {
      command: program.command,
      ...(await conclude(outcome.judged, { commandOf, known })),
      clean: prepared.reference.clean,
      plan: {
        ...{ mode: mode.kind, points: prepared.injections.length, firsts: isSwept(mode) ? prepared.plan.firsts : 0 },
        snapshot: prepared.points.snapshots?.report() ?? { used: 0, refused: null },
      },
      skipped: outcome.skipped,
      notes: [
        ...notesOf({ target, ...prepared, ...prepared.reference, journalIntact: journal?.intact() ?? true }),
        ...outcome.notes,
      ],
      stopped: outcome.stopped,
      ...(shard !== undefined && { shard }),
    };
  } finally {
    await scratch.remove();
    await journal?.close();
  }
}

export async function scopedTarget(
  { program, scope }: SweepParams,
  door: NativeDoor,
  signal: AbortSignal,
): Promise<Target> {
  const target = await admitSanitizer(findTarget(program, scope?.follow));
  const { extensionModule } = program;
  if (extensionModule === undefined) return await withScope(target, scope, { door, signal });
  const extension = await pythonExtension(target, extensionModule, scope, { door, signal });
  return await withScope(extension.target, extension.scope, { door, signal });
}

interface Given {
  readonly target: Target;
  readonly shim: string;
  readonly variant: ShimVariant;
  readonly scratch: Scratch;
  readonly signal: AbortSignal;
}

interface Prepared {
  readonly reference: CleanReference;
  readonly plan: Plan;
  readonly injections: readonly Injection[];
  /** Allocations that the plan has no room for. */
  readonly leftOut: number;
  readonly points: PointsContext;
}

/** The clean run, the control run, and the plan. */
async function prepare(params: SweepParams, environment: SweepEnvironment, given: Given): Promise<Prepared> {
  const { program, mode = { kind: 'fromNth' }, points: which = 'all', only, shard } = params;
  const { door, maxPoints, onProgress } = environment;
  const { signal, shim, target } = given;
  const deadlineSeconds = program.deadlineSeconds ?? environment.deadlineSeconds;
  const armed = { door, ...given, leaks: params.leaks ?? false };
  const cleanLimitMs = deadlineSeconds > 0 ? deadlineSeconds * 1000 : cleanDeadlineMs;
  const wanted = isSwept(mode) && only === undefined ? 'stacks' : 'counts';
  const reference = await runClean({ ...armed, fails: nothingFails, deadlineMs: cleanLimitMs }, wanted);
  const { clean } = reference;
  await controlRun({ ...armed, deadlineMs: cleanLimitMs });
  const whole =
    only === undefined
      ? planPoints(clean.allocations, maxPoints, reference.firstOfEachStack, which)
      : { points: [only], firsts: 0 };
  const plan = shard === undefined ? whole : planOfShard(whole, n => isInShard(n, shard));
  const injections = injectionsOf(mode, plan.points, only).filter(
    ({ n }) => shard === undefined || isInShard(n, shard),
  );
  onProgress({ kind: 'clean', clean, points: injections.length });
  const deadline = deadlineOf(deadlineSeconds, clean.durationMs);
  const width = reference.interferes ? 1 : (params.jobs ?? availableParallelism());
  const hangsPerStack = isSwept(mode) ? (params.hangsPerStack ?? defaultHangsPerStack) : 0;
  const snapshots =
    params.snapshot === 'off' ||
    !isSwept(mode) ||
    (params.snapshot !== 'only' && injections.length < fewestForSnapshots)
      ? undefined
      : createSnapshots({
          ...{
            program: armed,
            variant: given.variant,
            mode: mode.kind,
            reference,
            hangsPerStack,
            slots: width,
            deadlineMs: deadline.deadlineMs,
          },
        });
  return {
    reference,
    plan,
    injections,
    leftOut: isSwept(mode) && only === undefined && which === 'all' ? clean.allocations - whole.points.length : 0,
    points: {
      runner: createRunner(armed, deadline, { snapshots, only: params.snapshot === 'only' }),
      snapshots,
      reference,
      symbolizer: createSymbolizer(door),
      mode: mode.kind,
      shim,
      width,
      hangsPerStack,
      budgetSeconds: params.budgetSeconds ?? Number.POSITIVE_INFINITY,
      target,
      onProgress,
      signal,
    },
  };
}

function planOfShard({ points, firsts }: Plan, isMine: (n: number) => boolean): Plan {
  return { points: points.filter(isMine), firsts: points.slice(0, firsts).filter(isMine).length };
}

interface Conclusion {
  readonly commandOf: (fails: string) => readonly string[];
  readonly known: readonly KnownGroup[];
}

async function conclude(
  judged: readonly JudgedRun[],
  { commandOf, known }: Conclusion,
): Promise<Pick<FaultSweep, 'verdicts' | 'runs' | 'groups'>> {
  const runs = judged.map(({ run }) => withoutStacks(run, judged.length)).sort((a, b) => a.n - b.n);
  const groups = markKnown(await withSourceLines(groupRuns(judged, commandOf)), known);
  return { verdicts: countVerdicts(runs), runs, groups };
}

function withoutStacks(run: FaultRun, runs: number): FaultRun {
  return runs <= mostRunsWithStacks ? run : { ...run, injectedStack: [], crashStack: [] };
}
