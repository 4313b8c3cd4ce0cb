import { osPath } from '../native/byte-text.ts';
import type { NativeDoor, ProgramRun, RunOutcome } from '../native/door.ts';
import { UserError } from '../protocol/errors.ts';
import { type InjectionVariables, nothingSaid } from './injection.ts';
import { createLeakFile, type LeakFile, type LeakReport } from './leak-report.ts';
import type { CodePlace } from './memory-map.ts';
import { createRecordFile, type RecordFile, type RunRecord } from './record.ts';
import type { RunFolder, Scratch } from './scratch.ts';
import type { Target } from './target.ts';

/** One run of the program with the shim in front of it. */
export interface ObservedRun {
  /** Null where a signal ended it, or we did. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Whether it printed more than was kept. */
  readonly truncated: boolean;
  readonly record: RunRecord;
  /** Null where nobody asked, or it did not end by itself. */
  readonly leaks: LeakReport | null;
}

/** What does not change from run to run. */
export interface ArmedProgram {
  readonly door: NativeDoor;
  readonly target: Target;
  readonly shim: string;
  readonly scratch: Scratch;
  /** Whether to record what is left at the end. */
  readonly leaks: boolean;
}

export interface ArmedRunOptions extends ArmedProgram {
  readonly fails: InjectionVariables;
  /** File for a hash of each allocation's stack; absent: not recorded. */
  readonly stacks?: string;
  /** File for the time of each, beside its stack. */
  readonly times?: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** Of each stream. What is beyond is read and dropped: a program that prints gigabytes must not be one that waits for us. */
const outputCapBytes = 4 << 20;

/** Null where it was cancelled. Errors: untrusted, toolFailed, notSupported. */
export async function runArmed(options: ArmedRunOptions): Promise<ObservedRun | null> {
  const { door, target, deadlineMs, signal, scratch, fails, stacks = '', times = '' } = options;
  if (signal.aborted) return null;
  const folder = await scratch.folderFor(target);
  try {
    const record = await createRecordFile(folder.path);
    const leaks = options.leaks ? await createLeakFile(folder.path) : undefined;
    try {
      const files = { MALLOC_FAULTS_RECORD: record.path, MALLOC_FAULTS_LEAKS: leaks?.path ?? '' };
      const variables = { ...fails, ...files, MALLOC_FAULTS_STACKS: stacks, MALLOC_FAULTS_TIMES: times };
      const outcome = await door.runProgram({ ...armed(options, variables, folder), deadlineMs, signal });
      return await observe(outcome, { record, leaks }, deadlineMs, neutral(target, folder));
    } finally {
      await record.close();
      await leaks?.close();
    }
  } finally {
    await folder.remove();
  }
}

async function observe(
  outcome: RunOutcome,
  { record, leaks }: { readonly record: RecordFile; readonly leaks: LeakFile | undefined },
  deadlineMs: number,
  neutralize: Neutral,
): Promise<ObservedRun | null> {
  switch (outcome.kind) {
    case 'exited':
    case 'timedOut': {
      const timedOut = outcome.kind === 'timedOut';
      const { stdout, stderr, truncated } = outcome;
      return {
        ...(timedOut ? { exitCode: null, signal: null, durationMs: deadlineMs } : outcome),
        timedOut,
        stdout: neutralize.text(stdout),
        stderr: neutralize.text(stderr),
        truncated: truncated.stdout || truncated.stderr,
        record: neutralize.places(await record.read()),
        leaks: (await leaks?.read()) ?? null,
      };
    }
    case 'cancelled':
      return null;
    case 'untrusted':
      throw new UserError('untrusted', outcome.message);
    case 'spawnFailed':
    case 'missing':
      throw new UserError('toolFailed', outcome.message);
  }
}

export interface Neutral {
  readonly text: (bytes: Uint8Array) => Uint8Array;
  readonly places: (record: RunRecord) => RunRecord;
}

/** Each run has folders of its own: their names are no difference between two runs, and soon name nothing any more. */
export function neutral({ cwd }: Target, folder: RunFolder): Neutral {
  const copied = folder.cwd === cwd ? undefined : `${folder.cwd}/`;
  const back = (places: readonly CodePlace[]): readonly CodePlace[] =>
    places.map(({ module, offset }) => ({
      module: copied !== undefined && module.startsWith(copied) ? `${cwd}/${module.slice(copied.length)}` : module,
      offset,
    }));
  return {
    text: bytes => {
      if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(folder.path)) return bytes;
      const words = Buffer.from(bytes).toString('latin1');
      const own = Buffer.from(folder.path).toString('latin1');
      return Buffer.from(
        words.replaceAll(
          own,
          own.replace(/\d+$/u, number => '0'.repeat(number.length)),
        ),
        'latin1',
      );
    },
    places: record => {
      if (copied === undefined) return record;
      const { crash, injected } = record;
      const moved = crash && { ...crash, stack: back(crash.stack), lastFailure: back(crash.lastFailure) };
      return { ...record, injected: back(injected), crash: moved };
    },
  };
}

/**
 * Variables that each run has and a command by hand needs not: with them, by their number, it has the environment of the run. An
 * empty one means what an absent one does.
 */
export function runVariables(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = { TMPDIR: process.env['TMPDIR'] ?? '/tmp', BINARY_DETECTIVE_RUN: '', ...env };
  const orders = { MALLOC_FAULTS_RECORD: '', MALLOC_FAULTS_LEAKS: '', MALLOC_FAULTS_STACKS: '' };
  return { ...own, ...nothingSaid, ...orders };
}

/** The shim in front of what the person preloads already. */
export function preloadList(shim: string, env: Readonly<Record<string, string>>): string {
  const own = env['LD_PRELOAD'] ?? process.env['LD_PRELOAD'] ?? '';
  return own === '' ? shim : `${shim}:${own}`;
}

/** Arms with the assignments before "--", then becomes the command behind it. */
export const armingScript = 'while [ "$1" != -- ]; do export "$1"; shift; done; shift; exec "$@"';

/**
 * The program, and not what starts it, gets the shim: names that are not UTF-8 go through a shell on their way (the door's
 * launcher), which would be the first program to run out of memory. There, another shell arms at the last moment.
 */
export function armed(
  { target, shim }: ArmedProgram,
  orders: Readonly<Record<string, string>>,
  { temporary, cwd }: RunFolder,
): Omit<ProgramRun, 'deadlineMs'> {
  const { args, stdin } = target;
  // A copy of the folder is gone when stacks are looked at: the program itself stays where it is.
  const command = target.privateFolder && target.command.includes('/') ? target.path : target.command;
  const env = { TMPDIR: temporary, ...target.env };
  const variables = {
    LD_PRELOAD: preloadList(shim, env),
    ...orders,
    MALLOC_FAULTS_CHILDREN: '0',
    ...target.scope,
  };
  const given = { cwd, outputCapBytes, ...(stdin !== undefined && { inputFile: stdin }) };
  if ([command, ...args, cwd].every(text => typeof osPath(text) === 'string')) {
    return { command, args, ...given, env: { ...env, ...variables } };
  }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const words = ['-c', armingScript, 'sh', ...assignments, '--', command, ...args];
  return { command: '/bin/sh', args: words, ...given, env };
}
