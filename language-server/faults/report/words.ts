import { displayText } from '../../protocol/display-text.ts';
import type { FaultGroup, FaultSweep, FaultVerdict, StackFrame } from '../../protocol/faults.ts';

export const verdictWords: Readonly<Record<FaultVerdict, string>> = {
  unaffected: 'unaffected',
  cleanError: 'clean error',
  silentError: 'silent error',
  wrongOutput: 'wrong output',
  crash: 'crash',
  abort: 'abort',
  hang: 'hang',
  leak: 'leak',
  sanitizer: 'sanitizer report',
  notReached: 'not reached',
};

/** "crash (SIGSEGV)" */
export function groupTitle({ verdict, signal }: Pick<FaultGroup, 'verdict' | 'signal'>): string {
  return `${verdictWords[verdict]}${signal === null ? '' : ` (${signal})`}`;
}

/** "main  /src/app.c:12", "??  /usr/bin/app+0x1234" */
export function frameText({ module, offset, function: name, file, line }: StackFrame): string {
  const place = file === null ? `${module}+${offset}` : `${file}${line === null ? '' : `:${line}`}`;
  return displayText(`${name ?? '??'}  ${place}`);
}

/** `0-3, 7` */
export function ranges(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/** "214 allocations from 31 call stacks in 12 ms" */
export function cleanText({ clean }: FaultSweep): string {
  const stacks = clean.stacks === null ? '' : ` from ${clean.stacks} call stacks`;
  return `${clean.allocations} allocations${stacks} in ${Math.round(clean.durationMs)} ms`;
}

/** "20 of 31 runs (nth): 3 crash, 17 clean error" */
export function runsText({ plan, runs, verdicts }: FaultSweep): string {
  const counts = Object.entries(verdicts).filter(([, number]) => number > 0);
  const told = counts.map(([verdict, number]) => `${number} ${verdictWords[verdict as FaultVerdict]}`).join(', ');
  const mode = plan.mode === 'fromNth' ? '' : ` (${plan.mode})`;
  return `${runs.length} of ${plan.points} runs${mode}${told === '' ? '' : `: ${told}`}`;
}

/** "470 of them as snapshots of one run; the others each by itself: it writes files, from n = 480 on." Empty: none. */
export function snapshotText({ plan: { snapshot }, runs }: FaultSweep): string {
  if (snapshot === undefined || (snapshot.used === 0 && snapshot.refused === null)) return '';
  const { used, refused } = snapshot;
  if (refused === null) return used === runs.length ? 'all as snapshots of one run' : `${used} as snapshots of one run`;
  return used === 0
    ? `each by itself: ${refused}`
    : `${used} as snapshots of one run, the others each by itself: ${refused}`;
}
