import { UserError } from '../../protocol/errors.ts';
import { type ArmedProgram, armed, neutral } from '../armed-run.ts';
import { nothingFails } from '../injection.ts';
import { createMessageReader, type SnapshotMessage } from './messages.ts';

export interface PassOptions {
  readonly program: ArmedProgram;
  readonly mode: 'nth' | 'fromNth';
  /** Allocations at which to copy the program, ascending. */
  readonly numbers: readonly number[];
  /** A number for the call stack of an allocation; 0n: not known. */
  readonly stackOf: (n: number) => bigint;
  /** So many hangs from one call stack, and no more copies are made there; 0: no limit. */
  readonly hangsPerStack: number;
  /** Copies at once. */
  readonly slots: number;
  readonly copyDeadlineMs: number;
  /** For the program itself, without the time that it waits for its copies. */
  readonly programDeadlineMs: number;
  readonly signal: AbortSignal;
  readonly onMessage: (message: SnapshotMessage) => void;
}

/** As many as shim/snapshot.h has room for. */
const mostSlots = 16;
/** Of each stream, as in a run by itself. */
export const outputBytes = 4 << 20;

/**
 * Runs the program once, with a copy of it for each of the allocations, and tells what came of each as it comes. Resolves when
 * nothing of it runs any more; it may have ended, by a signal of somebody else's, without a last message. Errors: untrusted, toolFailed.
 */
export async function runPass(options: PassOptions): Promise<void> {
  const { program, signal, copyDeadlineMs } = options;
  const { door, target, scratch } = program;
  const folder = await scratch.folderFor(target);
  try {
    const { text, places } = neutral(target, folder);
    const read = createMessageReader(copyDeadlineMs);
    const { inputFile: _, ...run } = armed(
      program,
      {
        ...nothingFails,
        MALLOC_FAULTS_SNAPSHOT: target.stdin ?? '/dev/null',
        ...(program.leaks && { MALLOC_FAULTS_LEAKS: '1' }),
      },
      folder,
    );
    const outcome = await door.runProgram({
      ...run,
      input: Buffer.from(planText(options)),
      outputCapBytes: 0,
      onLine: line => {
        const message = read(line);
        if (message === undefined) return;
        if (message.kind === 'again' || message.kind === 'refused') {
          options.onMessage(message);
          return;
        }
        const { stdout, stderr, record } = message.run;
        const shown = { stdout: text(stdout), stderr: text(stderr), record: places(record) };
        options.onMessage({ ...message, run: { ...message.run, ...shown } });
      },
      deadlineMs: Number.POSITIVE_INFINITY,
      signal,
    });
    if (outcome.kind === 'untrusted') throw new UserError('untrusted', outcome.message);
    if (outcome.kind === 'spawnFailed' || outcome.kind === 'missing')
      throw new UserError('toolFailed', outcome.message);
  } finally {
    await folder.remove();
  }
}

/** What shim/snapshot.c reads: numbers, each with one for its call stack where hangs are counted by that. */
function planText({ mode, numbers, stackOf, ...options }: PassOptions): string {
  const stacks = new Map<bigint, number>();
  const planned = numbers.map(n => {
    const stack = stackOf(n);
    if (stack === 0n) return String(n);
    const known = stacks.get(stack) ?? stacks.size;
    stacks.set(stack, known);
    return `${n}:${known}`;
  });
  const slots = Math.min(mostSlots, Math.max(1, options.slots));
  const limits = [slots, Math.ceil(options.copyDeadlineMs), Math.ceil(options.programDeadlineMs), outputBytes];
  return [mode, ...limits, options.hangsPerStack, ...planned].join(' ');
}
