import { type FaultGroup, type FaultRun, isBugVerdict, type StackFrame } from '../protocol/faults.ts';
import { armingScript, preloadList, runVariables } from './armed-run.ts';
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
 * @param commandOf What does the same as a run, by its {@link FaultRun.fails}.
 */
export function groupRuns(
  judged: readonly JudgedRun[],
  commandOf: (fails: string) => readonly string[],
): readonly FaultGroup[] {
  const groups = new Map<string, [JudgedRun, ...JudgedRun[]]>();
  for (const one of judged) {
    if (!isBugVerdict(one.run.verdict)) continue;
    const key = exactKey(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].map(members => groupOf(members, commandOf)).sort((a, b) => a.smallestN - b.smallestN);
}

function groupOf(
  members: readonly [JudgedRun, ...JudgedRun[]],
  commandOf: (fails: string) => readonly string[],
): FaultGroup {
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
    reproduce: commandOf(smallest.fails),
  };
}

/**
 * A command line that does the same outside the editor.
 * @param fails "MALLOC_FAULTS_FAIL=5"
 * @param sameVariables Whether it has to have as many environment variables as the run had.
 */
export function reproduceCommand(
  target: Target,
  shim: string,
  fails: string,
  sameVariables: boolean,
): readonly string[] {
  const { command, args, env, cwd, scope } = target;
  const given = sameVariables ? runVariables(env) : env;
  const [failing = ''] = fails.split('=');
  const own = assignments(given).filter(word => !word.startsWith('LD_PRELOAD=') && !word.startsWith(`${failing}=`));
  const input = target.stdin === undefined ? [] : ['sh', '-c', 'exec "$@" <"$0"', target.stdin];
  const start = [...input, 'env', ...(cwd === process.cwd() ? [] : ['-C', cwd]), ...own];
  const children = assignments({ MALLOC_FAULTS_CHILDREN: '0', ...scope });
  const variables = [fails, ...children, `LD_PRELOAD=${preloadList(shim, env)}`];
  // env(1) takes a program whose name has a "=" for one more variable.
  if (command.includes('=')) return [...start, 'sh', '-c', armingScript, 'sh', ...variables, '--', command, ...args];
  return [...start, ...variables, command, ...args];
}

function assignments(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
