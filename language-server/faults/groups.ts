import type { FaultGroup, FaultRun, FaultVerdict, StackFrame } from '../protocol/faults.ts';
import { armingScript, preloadList } from './armed-run.ts';
import { isSystemFrame } from './frames.ts';
import type { Target } from './target.ts';

/** Verdicts that are no bug of the program's. */
const fine: ReadonlySet<FaultVerdict> = new Set(['unaffected', 'cleanError', 'notReached']);
/** Frames of the program's own code that tell one bug from another where nothing crashed. */
const callersThatCount = 3;

/** A run, and what tells its bug from others beside what is in it. */
export interface JudgedRun {
  readonly run: FaultRun;
  /** Allocations that failed. */
  readonly failed: number;
  /** Of the allocation that failed last before it died; empty where it did not. */
  readonly lastFailureStack: readonly StackFrame[];
}

/**
 * Each bug once: runs that died in one place of the program's own code after one allocation had failed; or, where none died,
 * in which one call chain of its own code was refused.
 */
export function groupRuns(judged: readonly JudgedRun[], target: Target, shim: string): readonly FaultGroup[] {
  const groups = new Map<string, [JudgedRun, ...JudgedRun[]]>();
  for (const one of judged) {
    if (fine.has(one.run.verdict)) continue;
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].map(members => groupOf(members, target, shim)).sort((a, b) => a.smallestN - b.smallestN);
}

function groupOf(members: readonly [JudgedRun, ...JudgedRun[]], target: Target, shim: string): FaultGroup {
  const sorted = members.toSorted((a, b) => a.run.n - b.run.n);
  const ns = sorted.map(({ run }) => run.n);
  const smallest = (sorted[0] ?? members[0]).run;
  // Where only one allocation failed, the stacks tell the bug's story and no other.
  const { run } = sorted.find(({ failed }) => failed === 1) ?? sorted[0] ?? members[0];
  const { verdict, signal, injectedStack, crashStack, message } = run;
  const reproduce = reproduceCommand(target, shim, smallest.fails);
  return { verdict, signal, smallestN: smallest.n, ns, injectedStack, crashStack, message, reproduce };
}

function keyOf({ run, lastFailureStack }: JudgedRun): string {
  const { verdict, signal, crashStack, injectedStack } = run;
  const frames =
    crashStack.length > 0
      ? [...ownPlaces(crashStack, 1), ...ownPlaces(lastFailureStack, 1)]
      : ownPlaces(injectedStack, callersThatCount);
  return JSON.stringify([verdict, signal, ...frames]);
}

/** The innermost calls within the program's own code; of the system's, where there is no other. */
function ownPlaces(stack: readonly StackFrame[], count: number): readonly string[] {
  // Inlined frames have the address of the function that they are in.
  const calls = stack.filter(frame => !frame.inlined);
  const own = calls.filter(frame => !isSystemFrame(frame));
  return (own.length > 0 ? own : calls).slice(0, count).map(({ module, offset }) => `${module}+${offset}`);
}

/** A command line that does the same outside the editor. */
export function reproduceCommand(target: Target, shim: string, fails: string): readonly string[] {
  const { command, args, env, cwd } = target;
  const own = Object.entries(env)
    .filter(([name]) => name !== 'LD_PRELOAD')
    .map(([name, value]) => `${name}=${value}`);
  const input = target.stdin === undefined ? [] : ['sh', '-c', 'exec "$@" <"$0"', target.stdin];
  const start = [...input, 'env', ...(cwd === process.cwd() ? [] : ['-C', cwd]), ...own];
  // env(1) takes a program whose name has a "=" for one more variable.
  const variables = [fails, 'MALLOC_FAULTS_CHILDREN=0', `LD_PRELOAD=${preloadList(shim, env)}`];
  if (command.includes('=')) return [...start, 'sh', '-c', armingScript, 'sh', ...variables, '--', command, ...args];
  return [...start, ...variables, command, ...args];
}
