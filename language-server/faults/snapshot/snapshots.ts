import type { FaultMode, FaultSnapshot } from '../../protocol/faults.ts';
import type { ArmedProgram, ObservedRun } from '../armed-run.ts';
import type { CleanReference } from '../clean-run.ts';
import type { ShimVariant } from '../shim-variant.ts';
import { sameBytes } from '../verdict.ts';
import type { SnapshotMessage } from './messages.ts';
import { type PassOptions, runPass } from './pass.ts';

export interface SnapshotOptions {
  readonly program: ArmedProgram;
  readonly variant: ShimVariant;
  readonly mode: FaultMode['kind'];
  readonly reference: CleanReference;
  readonly hangsPerStack: number;
  readonly slots: number;
  readonly deadlineMs: number;
}

/** Runs of a program in which an allocation fails, by copies of one run of it. */
export interface Snapshots {
  /** The points that will be asked for, in that order. To be called once, and first. */
  expect(points: readonly number[]): void;
  /** Null where there is none of this point: it has to be run by itself. Errors: as `runPass`. */
  run(n: number, signal: AbortSignal): Promise<ObservedRun | null>;
  /** Whether the run of this point was a copy. */
  has(n: number): boolean;
  /** How many runs there were, and why there were no others. */
  report(): FaultSnapshot;
  /** Ends what still runs. */
  close(): Promise<void>;
}

/** So many results may wait to be asked for. */
const mostInPass = 1000;

interface Waiting {
  readonly result: Promise<ObservedRun | null>;
  readonly settle: (run: ObservedRun | null) => void;
}

interface Pass {
  readonly points: readonly number[];
  started?: Promise<void>;
}

export function createSnapshots(options: SnapshotOptions): Snapshots {
  const closed = new AbortController();
  const passOf = new Map<number, Pass>();
  const waiting = new Map<number, Waiting>();
  const under = new Set<Promise<void>>();
  const again = new Map<string, number>();
  let probed: Promise<void> | undefined;
  let refused: string | null = whyNever(options);
  /** Of this allocation and later ones there are no copies. */
  let end = refused === null ? Number.POSITIVE_INFINITY : 0;
  const used = new Set<number>();

  const refuse = (n: number, reason: string): void => {
    if (n >= end) return;
    end = n;
    refused = reason;
  };
  const onMessage = (message: SnapshotMessage): void => {
    switch (message.kind) {
      case 'ran':
        used.add(message.n);
        waiting.get(message.n)?.settle(message.run);
        return;
      case 'again':
        again.set(message.reason, (again.get(message.reason) ?? 0) + 1);
        waiting.get(message.n)?.settle(null);
        return;
      case 'refused':
        refuse(
          message.n,
          message.n === 0 ? `it ${message.reason}.` : `it ${message.reason}, from n = ${message.n} on.`,
        );
        return;
      case 'ended':
        if (!isAsClean(message.run, options.reference))
          refuse(0, 'while it is copied, it does not do what it does otherwise.');
    }
  };
  const pass = async (numbers: readonly number[]): Promise<void> => {
    const running = runPass({ ...passOptions(options), numbers, signal: closed.signal, onMessage });
    under.add(running);
    await running.finally(() => under.delete(running));
  };
  const start = async (points: readonly number[]): Promise<void> => {
    probed ??= pass([]);
    await probed;
    const numbers = points.filter(n => n < end).toSorted((a, b) => a - b);
    for (const n of numbers) waiting.set(n, deferred());
    const settled = pass(numbers).finally(() => {
      for (const n of numbers) waiting.get(n)?.settle(null);
    });
    under.add(settled);
    // Its failure is told to those who wait for it.
    settled.catch(() => undefined).finally(() => under.delete(settled));
  };

  return {
    expect(points) {
      for (const part of parts(points)) for (const n of part.points) passOf.set(n, part);
    },
    async run(n, signal) {
      const part = passOf.get(n);
      if (part === undefined || n >= end || signal.aborted) return null;
      part.started ??= start(part.points);
      await part.started;
      const wait = waiting.get(n);
      if (wait === undefined) return null;
      const run = await untilAborted(wait.result, signal);
      waiting.delete(n);
      return run;
    },
    has: n => used.has(n),
    report: () => ({ used: used.size, refused: refused ?? whyAgain(again) }),
    async close() {
      closed.abort();
      await Promise.allSettled([...under]);
    },
  };
}

function passOptions({
  program,
  mode,
  reference,
  hangsPerStack,
  slots,
  deadlineMs,
}: SnapshotOptions): Omit<PassOptions, 'numbers' | 'signal' | 'onMessage'> {
  return {
    ...{ program, hangsPerStack, slots, stackOf: reference.stackOf },
    mode: mode === 'nth' ? 'nth' : 'fromNth',
    copyDeadlineMs: deadlineMs,
    programDeadlineMs: 2 * deadlineMs,
  };
}

/** What rules snapshots out before anything has run. */
function whyNever({ reference, program, variant }: SnapshotOptions): string | null {
  if (program.target.scope.MALLOC_FAULTS_FOLLOW !== undefined) return 'its children count with it.';
  // Its copies and the sweep do not understand each other: they tell in numbers of eight bytes.
  if (variant.flags.includes('-m32')) return 'it has 32 bits.';
  if (!reference.clean.stable) return 'its clean runs do not make the same number of allocations.';
  if (reference.interferes) return "its runs get in each other's way.";
  if (reference.truncated) return 'it prints too much to be kept in memory.';
  if (/[\udc80-\udcff]/u.test(program.target.stdin ?? '')) return 'the name of its input is not UTF-8.';
  return null;
}

function whyAgain(reasons: ReadonlyMap<string, number>): string | null {
  const told = [...reasons].map(([reason, count]) => `after ${count} of the failures it ${reason}`);
  return told.length === 0 ? null : `${told.join('; ')}.`;
}

/** In the order in which they are asked for, as far as that rises: one pass goes through them as the program does. */
function parts(points: readonly number[]): readonly Pass[] {
  const all: number[][] = [];
  for (const n of points) {
    const last = all.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || n < before || last.length === mostInPass) all.push([n]);
    else last.push(n);
  }
  return all.map(one => ({ points: one }));
}

function isAsClean(run: ObservedRun, { clean, baseline }: CleanReference): boolean {
  const { exitCode, stdout, stderr, sameStdout, sameStderr } = baseline();
  return (
    run.exitCode === exitCode &&
    run.record.allocations === clean.allocations &&
    (!sameStdout || sameBytes(run.stdout, stdout)) &&
    (!sameStderr || sameBytes(run.stderr, stderr))
  );
}

function deferred(): Waiting {
  let settle: Waiting['settle'] = () => undefined;
  const result = new Promise<ObservedRun | null>(resolve => {
    settle = resolve;
  });
  return { result, settle };
}

async function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return null;
  let stop: (() => void) | undefined;
  const aborted = new Promise<null>(resolve => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
