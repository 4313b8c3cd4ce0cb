import type { FaultGroup, FaultRun, FaultVerdict, StackFrame } from '../protocol/faults.ts';
import { preloadList } from './armed-run.ts';
import { isSystemFrame } from './frames.ts';
import type { Target } from './target.ts';

/** Verdicts that are no bug of the program's. */
const fine: ReadonlySet<FaultVerdict> = new Set(['unaffected', 'cleanError', 'notReached']);
/** Frames of the program's own code that tell one bug from another where nothing crashed. */
const callersThatCount = 3;

/** Each bug once: runs of one verdict that died in one place, or, where none died, in which one call chain was refused. */
export function groupRuns(runs: readonly FaultRun[], target: Target, shim: string): readonly FaultGroup[] {
  const groups = new Map<string, [FaultRun, ...FaultRun[]]>();
  for (const run of runs) {
    if (fine.has(run.verdict)) continue;
    const key = keyOf(run);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()].map(members => {
    const first = members.reduce((smallest, run) => (run.n < smallest.n ? run : smallest));
    const { verdict, signal, injectedStack, crashStack, message } = first;
    const ns = members.map(run => run.n).sort((a, b) => a - b);
    const reproduce = reproduceCommand(target, shim, first.n);
    return { verdict, signal, smallestN: first.n, ns, injectedStack, crashStack, message, reproduce };
  });
}

function keyOf({ verdict, signal, crashStack, injectedStack }: FaultRun): string {
  const died = crashStack.length > 0;
  // A crash says where the bug is; the allocation that led to it is told apart by its own call only.
  const frames = died
    ? [...downToOwn(crashStack, 1), '←', ...downToOwn(injectedStack, 1)]
    : downToOwn(injectedStack, callersThatCount);
  return JSON.stringify([verdict, signal, ...frames]);
}

/** The innermost frames, down to the n-th of the program's own code. */
function downToOwn(stack: readonly StackFrame[], own: number): readonly string[] {
  let seen = 0;
  const frames: string[] = [];
  for (const frame of stack) {
    // Inlined frames share an address with the function that they are in.
    if (!frame.inlined) frames.push(`${frame.module}+${frame.offset}`);
    if (!frame.inlined && !isSystemFrame(frame)) seen += 1;
    if (seen >= own) break;
  }
  return frames;
}

const assigningScript =
  'LD_PRELOAD=$1 MALLOC_MAX_CALLED=$2 MALLOC_FAULTS_CHILDREN=0; ' +
  'export LD_PRELOAD MALLOC_MAX_CALLED MALLOC_FAULTS_CHILDREN; shift 2; exec "$@"';

/** A command line that does the same outside the editor. */
export function reproduceCommand(target: Target, shim: string, n: number): readonly string[] {
  const { command, args, env, cwd } = target;
  const preload = preloadList(shim, env);
  const own = Object.entries(env)
    .filter(([name]) => name !== 'LD_PRELOAD')
    .map(([name, value]) => `${name}=${value}`);
  const start = ['env', ...(cwd === process.cwd() ? [] : ['-C', cwd]), ...own];
  // env(1) takes a program whose name has a "=" for one more variable.
  if (command.includes('=')) {
    return [...start, 'sh', '-c', assigningScript, 'sh', preload, String(n), command, ...args];
  }
  const variables = [`MALLOC_MAX_CALLED=${n}`, 'MALLOC_FAULTS_CHILDREN=0', `LD_PRELOAD=${preload}`];
  return [...start, ...variables, command, ...args];
}
