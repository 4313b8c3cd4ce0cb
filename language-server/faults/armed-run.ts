import { readFile } from 'node:fs/promises';
import { osPath } from '../native/byte-text.ts';
import type { NativeDoor, ProgramRun } from '../native/door.ts';
import { UserError } from '../protocol/errors.ts';
import type { InjectionVariables } from './injection.ts';
import { createRecordFile, type RunRecord } from './record.ts';
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
  readonly record: RunRecord;
}

export interface ArmedRunOptions {
  readonly door: NativeDoor;
  readonly target: Target;
  readonly shim: string;
  readonly fails: InjectionVariables;
  /** File for a hash of each allocation's stack; absent: not recorded. */
  readonly stacks?: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** Null where it was cancelled. Errors: untrusted, toolFailed. */
export async function runArmed(options: ArmedRunOptions): Promise<ObservedRun | null> {
  const { door, deadlineMs, signal, target } = options;
  const record = await createRecordFile();
  try {
    const input = target.stdin === undefined ? {} : { input: await readFile(osPath(target.stdin)) };
    const outcome = await door.runProgram({ ...armed(options, record.path), ...input, deadlineMs, signal });
    switch (outcome.kind) {
      case 'exited':
        return { ...outcome, timedOut: false, record: await record.read() };
      case 'timedOut': {
        const { stdout, stderr } = outcome;
        const ended = { exitCode: null, signal: null, timedOut: true, durationMs: deadlineMs };
        return { ...ended, stdout, stderr, record: await record.read() };
      }
      case 'cancelled':
        return null;
      case 'untrusted':
        throw new UserError('untrusted', outcome.message);
      case 'spawnFailed':
      case 'missing':
        throw new UserError('toolFailed', outcome.message);
    }
  } finally {
    await record.remove();
  }
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
function armed({ target, shim, fails, stacks = '' }: ArmedRunOptions, record: string): Omit<ProgramRun, 'deadlineMs'> {
  const { command, args, cwd, env } = target;
  const variables = {
    LD_PRELOAD: preloadList(shim, env),
    ...fails,
    MALLOC_FAULTS_RECORD: record,
    MALLOC_FAULTS_STACKS: stacks,
    MALLOC_FAULTS_CHILDREN: '0',
  };
  if ([command, ...args, cwd].every(text => typeof osPath(text) === 'string')) {
    return { command, args, cwd, env: { ...env, ...variables } };
  }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return { command: '/bin/sh', args: ['-c', armingScript, 'sh', ...assignments, '--', command, ...args], cwd, env };
}
