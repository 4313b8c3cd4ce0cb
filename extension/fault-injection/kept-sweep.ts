import { type SweepPicture, verdictOrder } from '../../language-server/protocol/fault-picture.ts';
import type {
  FaultProgram,
  FaultRun,
  FaultScope,
  FaultSweep,
  StackFrame,
} from '../../language-server/protocol/faults.ts';

/**
 * What a sweep has found, as it is kept in memory and on disk: a column for each thing that there is of every run, and each stack and
 * sentence once. 100,000 runs are some megabytes.
 */
export interface KeptSweep extends SweepPicture {
  readonly version: 1;
  /** Of the test item. */
  readonly target: string;
  readonly program: FaultProgram;
  readonly scope?: FaultScope;
  /** Of the program's file when it ended; null: there was none to look at. */
  readonly programTime: number | null;
  /** The answer, without what is here otherwise. */
  readonly answer: Omit<FaultSweep, 'runs' | 'groups' | 'clean' | 'stopped' | 'notes'>;
  readonly columns: RunColumns;
}

/** Of each run, in order of n. */
export interface RunColumns {
  readonly fails: readonly string[];
  readonly exitCode: readonly (number | null)[];
  readonly signal: readonly (string | null)[];
  readonly durationMs: readonly number[];
  /** Index in the sweep's `stacks`; -1: it did not die. */
  readonly crash: readonly number[];
  /** Index in `messages`. */
  readonly message: readonly number[];
  readonly messages: readonly string[];
  /** Empty: not known. */
  readonly stackNumber: readonly string[];
  /** Of the runs that have some, by n. */
  readonly leaks: Readonly<Record<number, FaultRun['leaks'] & object>>;
}

/** Frames that are kept of a stack: what a person reads. */
const keptFrames = 24;

type Row = Omit<FaultRun, 'injectedStack' | 'crashStack' | 'message'> & {
  readonly injected: number;
  readonly crash: number;
  readonly message: number;
};

/** Takes the runs of a sweep as they come; the later of two with one number is right. */
export interface RunCollector {
  add(run: FaultRun): void;
  readonly size: number;
  finish(
    sweep: FaultSweep,
  ): Omit<KeptSweep, 'version' | 'target' | 'name' | 'program' | 'mode' | 'programTime' | 'scope'>;
}

export function collectRuns(): RunCollector {
  const stacks = interner<readonly StackFrame[]>(stack =>
    stack.map(({ module, offset, inlined }) => `${module}+${offset}${inlined ? 'i' : ''}`).join('\n'),
  );
  const messages = interner<string>(text => text);
  const byNumber = new Map<number, Row>();
  const stackIndex = (stack: readonly StackFrame[]): number =>
    stack.length === 0 ? -1 : stacks.add(stack.slice(0, keptFrames));
  return {
    add: ({ injectedStack, crashStack, message, ...run }) => {
      const injected = stackIndex(injectedStack);
      byNumber.set(run.n, { ...run, injected, crash: stackIndex(crashStack), message: messages.add(message) });
    },
    get size() {
      return byNumber.size;
    },
    finish: sweep => {
      const { runs: _runs, groups, clean, stopped, notes, ...answer } = sweep;
      const rows = [...byNumber.values()].sort((a, b) => a.n - b.n);
      const groupOf = new Map(groups.flatMap(({ ns }, index) => ns.map(n => [n, index] as const)));
      return {
        ...{ clean, stopped, notes, answer, timeUs: timesOf(rows), points: sweep.plan.points, endedAt: Date.now() },
        groups: groups.map(group => ({
          ...group,
          injectedStack: group.injectedStack.slice(0, keptFrames),
          crashStack: group.crashStack.slice(0, keptFrames),
        })),
        stacks: stacks.values,
        n: rows.map(({ n }) => n),
        verdict: rows.map(({ verdict }) => verdictOrder.indexOf(verdict)),
        group: rows.map(({ n }) => groupOf.get(n) ?? -1),
        stack: rows.map(({ injected }) => injected),
        columns: {
          fails: rows.map(({ fails }) => fails),
          exitCode: rows.map(({ exitCode }) => exitCode),
          signal: rows.map(({ signal }) => signal),
          durationMs: rows.map(({ durationMs }) => Math.round(durationMs * 10) / 10),
          crash: rows.map(({ crash }) => crash),
          message: rows.map(({ message }) => message),
          messages: messages.values,
          stackNumber: rows.map(({ stack = '' }) => stack),
          leaks: Object.fromEntries(rows.flatMap(({ n, leaks = [] }) => (leaks.length > 0 ? [[n, leaks]] : []))),
        },
      };
    },
  };
}

/** Null where those of some are not known: then there is no picture along them. */
function timesOf(rows: readonly Row[]): readonly number[] | null {
  const times = rows.flatMap(({ askedAtUs }) => (askedAtUs === undefined ? [] : [askedAtUs]));
  return times.length === rows.length && rows.length > 0 ? times : null;
}

/** The answer of the server again, its stacks cut to what a person reads. */
export function sweepOf(kept: KeptSweep): FaultSweep {
  const { answer, groups, clean, stopped, notes, stacks, columns, timeUs } = kept;
  const runs = kept.n.map(
    (n, row): FaultRun => ({
      n,
      fails: columns.fails[row] ?? '',
      verdict: verdictOrder[kept.verdict[row] ?? 0] ?? 'notReached',
      exitCode: columns.exitCode[row] ?? null,
      signal: columns.signal[row] ?? null,
      durationMs: columns.durationMs[row] ?? 0,
      injectedStack: stacks[kept.stack[row] ?? -1] ?? [],
      crashStack: stacks[columns.crash[row] ?? -1] ?? [],
      message: columns.messages[columns.message[row] ?? -1] ?? '',
      ...optional('stack', columns.stackNumber[row] || undefined),
      ...optional('askedAtUs', timeUs?.[row]),
      ...optional('leaks', columns.leaks[n]),
    }),
  );
  return { ...answer, groups, clean, stopped, notes, runs };
}

function optional<Name extends keyof FaultRun>(name: Name, value: FaultRun[Name]): Pick<FaultRun, Name> | undefined {
  return value === undefined ? undefined : ({ [name]: value } as Pick<FaultRun, Name>);
}

/** Gives equal values one number. */
function interner<T>(keyOf: (value: T) => string): { readonly values: readonly T[]; add(value: T): number } {
  const values: T[] = [];
  const indexes = new Map<string, number>();
  return {
    values,
    add(value) {
      const key = keyOf(value);
      const known = indexes.get(key);
      if (known !== undefined) return known;
      indexes.set(key, values.length);
      return values.push(value) - 1;
    },
  };
}
