import { type FaultGroup, type FaultRun, isBugVerdict, type StackFrame } from '../protocol/faults.ts';
import { armingScript, preloadList } from './armed-run.ts';
import { exactKey, stableKey } from './group-key.ts';
import type { Target } from './target.ts';

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
    if (!isBugVerdict(one.run.verdict)) continue;
    const key = exactKey(one);
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
  const shown = sorted.find(({ failed }) => failed === 1) ?? sorted[0] ?? members[0];
  const { n, verdict, signal, injectedStack, crashStack, message, leaks } = shown.run;
  return {
    ...{ id: exactKey(shown), key: stableKey(shown), known: false, verdict, signal, smallestN: smallest.n, ns },
    ...{ shown: { n, failed: shown.failed }, injectedStack, crashStack, message },
    ...(leaks !== undefined && { leaks }),
    reproduce: reproduceCommand(target, shim, smallest.fails),
  };
}

/** A command line that does the same outside the editor. */
export function reproduceCommand(target: Target, shim: string, fails: string): readonly string[] {
  const { command, args, env, cwd, scope } = target;
  const own = Object.entries(env)
    .filter(([name]) => name !== 'LD_PRELOAD')
    .map(([name, value]) => `${name}=${value}`);
  const input = target.stdin === undefined ? [] : ['sh', '-c', 'exec "$@" <"$0"', target.stdin];
  const start = [...input, 'env', ...(cwd === process.cwd() ? [] : ['-C', cwd]), ...own];
  // env(1) takes a program whose name has a "=" for one more variable.
  const children = { MALLOC_FAULTS_CHILDREN: '0', ...scope };
  const given = Object.entries(children).map(([name, value]) => `${name}=${value}`);
  const variables = [fails, ...given, `LD_PRELOAD=${preloadList(shim, env)}`];
  if (command.includes('=')) return [...start, 'sh', '-c', armingScript, 'sh', ...variables, '--', command, ...args];
  return [...start, ...variables, command, ...args];
}
