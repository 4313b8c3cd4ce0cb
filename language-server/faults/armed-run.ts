import { osPath } from '../native/byte-text.ts';
import type { NativeDoor, ProgramRun } from '../native/door.ts';
import { UserError } from '../protocol/errors.ts';
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
  /** How many allocations succeed; null: all, for counting. */
  readonly limit: number | null;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** More than any program makes. */
const unlimited = String(Number.MAX_SAFE_INTEGER);

/** Null where it was cancelled. Errors: untrusted, toolFailed. */
export async function runArmed(options: ArmedRunOptions): Promise<ObservedRun | null> {
  const { door, deadlineMs, signal } = options;
  const record = await createRecordFile();
  try {
    const outcome = await door.runProgram({ ...armed(options, record.path), deadlineMs, signal });
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

const armingScript =
  'LD_PRELOAD=$1 MALLOC_MAX_CALLED=$2 MALLOC_FAULTS_RECORD=$3 MALLOC_FAULTS_CHILDREN=0; ' +
  'export LD_PRELOAD MALLOC_MAX_CALLED MALLOC_FAULTS_RECORD MALLOC_FAULTS_CHILDREN; shift 3; exec "$@"';

/**
 * The program, and not what starts it, gets the shim: names that are not UTF-8 go through a shell on their way (the door's
 * launcher), which would be the first program to run out of memory. There, another shell arms at the last moment.
 */
function armed({ target, shim, limit }: ArmedRunOptions, record: string): Omit<ProgramRun, 'deadlineMs'> {
  const { command, args, cwd, env } = target;
  const preload = preloadList(shim, env);
  const allowed = limit === null ? unlimited : String(limit);
  if ([command, ...args, cwd].every(text => typeof osPath(text) === 'string')) {
    const variables = {
      LD_PRELOAD: preload,
      MALLOC_MAX_CALLED: allowed,
      MALLOC_FAULTS_RECORD: record,
      MALLOC_FAULTS_CHILDREN: '0',
    };
    return { command, args, cwd, env: { ...env, ...variables } };
  }
  return { command: '/bin/sh', args: ['-c', armingScript, 'sh', preload, allowed, record, command, ...args], cwd, env };
}
