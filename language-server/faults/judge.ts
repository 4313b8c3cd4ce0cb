import type { FaultMode, StackFrame } from '../protocol/faults.ts';
import type { ObservedRun } from './armed-run.ts';
import type { JudgedRun } from './groups.ts';
import { assignmentsOf, type Injection } from './injection.ts';
import { messageOf } from './message.ts';
import { reportStack } from './sanitizer-report.ts';
import type { Symbolizer } from './symbolize.ts';
import { type Baseline, fatalSignal, verdictOf } from './verdict.ts';

export interface JudgeContext {
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
  { mode, symbolizer, shim, signal: stop }: JudgeContext,
): Promise<JudgedRun> {
  const verdict = verdictOf(run, baseline);
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
  const message = messageOf({ run, baseline, verdict, mode, signal, injectedStack, crashStack, lastFailureStack });
  const { exitCode, durationMs } = run;
  const fails = assignmentsOf(variables).join(' ');
  const stack = injectedHash === 0n ? {} : { stack: `0x${injectedHash.toString(16)}` };
  return {
    run: { n, fails, ...stack, verdict, exitCode, signal, durationMs, injectedStack, crashStack, message },
    failed,
    lastFailureStack,
  };
}
