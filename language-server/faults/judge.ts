import type { FaultLeak, FaultMode, FaultVerdict, StackFrame } from '../protocol/faults.ts';
import type { ObservedRun } from './armed-run.ts';
import type { JudgedRun } from './groups.ts';
import { assignmentsOf, type Injection } from './injection.ts';
import { type Lost, type LostBlocks, lostBeyond } from './leak-report.ts';
import { messageOf } from './message.ts';
import { reportStack } from './sanitizer-report.ts';
import type { Symbolizer } from './symbolize.ts';
import { type Baseline, fatalSignal, verdictOf } from './verdict.ts';

/** Of each kind; a run that loses more is told by these. */
const mostLeaks = 20;

export interface JudgeContext {
  /** Gives equal texts as one: many runs are told in the same words. */
  readonly share: (text: string) => string;
  readonly mode: FaultMode['kind'];
  readonly symbolizer: Symbolizer;
  readonly shim: string;
  readonly signal: AbortSignal;
}

/** What a run was, in words and places of the source. */
export async function judge(
  { n, variables }: Injection,
  run: ObservedRun,
  baseline: Baseline,
  { mode, symbolizer, shim, share, signal: stop }: JudgeContext,
): Promise<JudgedRun> {
  const lost = lostBeyond(run.leaks, baseline.leftovers ?? null);
  const verdict = withLeaks(verdictOf(run, baseline), lost);
  const signal = fatalSignal(run, baseline);
  const frames = (stack: ObservedRun['record']['injected']): Promise<readonly StackFrame[]> =>
    symbolizer.frames(
      stack.filter(({ module }) => module !== shim),
      stop,
    );
  const injectedStack = await frames(run.record.injected);
  const { crash, failed, injectedHash } = run.record;
  const reported = verdict === 'sanitizer' ? reportStack(run.stderr) : [];
  const crashStack = reported.length > 0 ? reported : signal === null ? [] : await frames(crash?.stack ?? []);
  const lastFailureStack = signal === null ? [] : await frames(crash?.lastFailure ?? []);
  const leaks = verdict === 'leak' ? await describe(lost, frames) : [];
  const message = messageOf({
    leaks,
    run,
    baseline,
    verdict,
    mode,
    signal,
    injectedStack,
    crashStack,
    lastFailureStack,
  });
  const { exitCode, durationMs } = run;
  const fails = assignmentsOf(variables).join(' ');
  const stack = injectedHash === 0n ? {} : { stack: share(`0x${injectedHash.toString(16)}`) };
  return {
    run: {
      n,
      fails,
      ...stack,
      verdict,
      exitCode,
      signal,
      durationMs,
      injectedStack,
      crashStack,
      message: share(message),
      ...(leaks.length > 0 && { leaks }),
    },
    failed,
    lastFailureStack,
  };
}

/** A program that coped with the failure, but for what it left behind. */
function withLeaks(verdict: FaultVerdict, { blocks, files }: Lost): FaultVerdict {
  const coped = verdict === 'unaffected' || verdict === 'cleanError';
  return coped && blocks.length + files.length > 0 ? 'leak' : verdict;
}

async function describe(
  { blocks, files }: Lost,
  frames: (stack: LostBlocks['places']) => Promise<readonly StackFrame[]>,
): Promise<readonly FaultLeak[]> {
  const inMemory = await Promise.all(
    blocks.slice(0, mostLeaks).map(async ({ count, bytes, places }) => ({
      ...{ kind: 'memory' as const, blocks: count, bytes, stack: await frames(places) },
    })),
  );
  const names = [...new Set(files)].slice(0, mostLeaks);
  const open = names.map(file => ({
    ...{ kind: 'file' as const, file, count: files.filter(other => other === file).length },
  }));
  return [...inMemory, ...open];
}
