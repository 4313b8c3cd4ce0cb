import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { isSystemFrame } from '../protocol/fault-frames.ts';
import type { StackFrame } from '../protocol/faults.ts';
import type { JudgedRun } from './groups.ts';

/** Frames of the program's own code that tell one bug from another where nothing crashed. */
const callersThatCount = 3;

/** What tells a run's bug from others: code addresses, which also tell two bugs of one function apart. */
export function exactKey({ run, lastFailureStack }: JudgedRun): string {
  // A sanitizer's report may name a source line and no address.
  return hashOf(run, lastFailureStack, ({ module, offset, file, line }) =>
    module === '' ? `${file}:${line}` : `${module}+${offset}`,
  );
}

/** The same of functions, so that another build of the program gives the same bug the same key. */
export function stableKey({ run, lastFailureStack }: JudgedRun): string {
  return hashOf(run, lastFailureStack, functionName);
}

function hashOf(
  run: JudgedRun['run'],
  lastFailureStack: readonly StackFrame[],
  nameOf: (frame: StackFrame) => string,
): string {
  const text = JSON.stringify([run.verdict, run.signal, ...places(run, lastFailureStack).map(nameOf)]);
  return createHash('sha256').update(Buffer.from(text, 'utf8')).digest('hex').slice(0, 16);
}

function places(
  { crashStack, injectedStack, leaks = [] }: JudgedRun['run'],
  lastFailure: readonly StackFrame[],
): readonly StackFrame[] {
  // What is lost is the bug, and not which failure it is lost after. Files have no stack.
  const lost = leaks.flatMap(leak => (leak.kind === 'memory' ? ownFrames(leak.stack, 1) : []));
  if (lost.length > 0) return lost;
  if (crashStack.length === 0) return ownFrames(injectedStack, callersThatCount);
  return [...ownFrames(crashStack, 1), ...ownFrames(lastFailure.length > 0 ? lastFailure : injectedStack, 1)];
}

/** The innermost calls within the program's own code; of the system's, where there is no other. */
function ownFrames(stack: readonly StackFrame[], count: number): readonly StackFrame[] {
  // Inlined frames have the address of the function that they are in.
  const calls = stack.filter(frame => !frame.inlined);
  const own = calls.filter(frame => !isSystemFrame(frame));
  return (own.length > 0 ? own : calls).slice(0, count);
}

/** Compilers make several of one function, and number them as they come. Without a name, the place in the file is all there is. */
function functionName({ module, offset, function: name, file, line }: StackFrame): string {
  if (name !== null)
    return `${basename(module)}:${name.replace(/\.(?:constprop|isra|part|cold|lto_priv|llvm)\b.*$/u, '')}`;
  return module === '' && file !== null ? `${file}:${line}` : `${basename(module)}+${offset}`;
}
