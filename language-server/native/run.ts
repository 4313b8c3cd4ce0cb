import type { ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { RunOptions, RunOutcome } from './door.ts';
import { launch } from './launch.ts';
import { type CapturedOutput, captureOutput } from './output.ts';
import { groupGone, killMarked, signalGroup } from './process-group.ts';
import type { Watchdog } from './watchdog.ts';

const defaultCapBytes = 16 << 20;
/** Between SIGTERM and SIGKILL: long enough to remove a temporary file, short enough not to be felt. */
const graceMs = 500;
/** After the whole group is dead: for bytes that are still in the pipes. */
const drainMs = 2000;

export interface Execution extends RunOptions {
  readonly command: ByteText;
  /** `NAME=VALUE` by which descendants that left the process group are found. */
  readonly marker: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly watchdog: Watchdog;
  /** Whether descendants may have left the group (a program of the person's own; not a tool of binutils). */
  readonly hunt: boolean;
}

type EndedBy = 'itself' | 'deadline' | 'cancel' | 'cap';

/** Runs one program to its end. When the promise resolves, neither it nor anything it started runs any more. */
export async function execute(execution: Execution): Promise<RunOutcome> {
  const startedMs = performance.now();
  const [markerName = '', markerValue = ''] = execution.marker.split('=', 2);
  let child: ChildProcess;
  execution.watchdog.arm();
  try {
    child = launch({
      command: execution.command,
      args: execution.args,
      cwd: execution.cwd,
      env: { ...execution.environment, [markerName]: markerValue },
      stdin: execution.input === undefined ? 'ignore' : 'pipe',
    });
  } catch (error) {
    return spawnFailed(execution, error);
  }
  const ended = exitOf(child);
  if (child.pid === undefined) return spawnFailed(execution, (await ended).error);
  execution.watchdog.watch(child.pid);
  try {
    return await follow(child, child.pid, ended, execution, startedMs);
  } finally {
    execution.watchdog.release(child.pid);
  }
}

async function follow(
  child: ChildProcess,
  group: number,
  ended: Promise<Exit>,
  execution: Execution,
  startedMs: number,
): Promise<RunOutcome> {
  let endedBy: EndedBy = 'itself';
  let killTimer: NodeJS.Timeout | undefined;
  const end = (by: EndedBy): void => {
    if (endedBy !== 'itself') return;
    endedBy = by;
    signalGroup(group, by === 'cap' ? 'SIGKILL' : 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(group, 'SIGKILL'), graceMs);
  };
  const cancel = (): void => end('cancel');
  const deadline = setTimeout(() => end('deadline'), execution.deadlineMs);
  execution.signal?.addEventListener('abort', cancel, { once: true });
  if (execution.signal?.aborted === true) cancel();

  const [stdout, stderr] = capture(child, execution, () => end('cap'));
  const closed = new Promise(resolve => child.once('close', resolve));
  // A program that does not read its input closes the pipe; that is its right.
  child.stdin?.on('error', () => undefined).end(execution.input);

  const exit = await ended;
  clearTimeout(deadline);
  clearTimeout(killTimer);
  execution.signal?.removeEventListener('abort', cancel);
  signalGroup(group, 'SIGKILL');
  await groupGone(group);
  if (execution.hunt) killMarked(execution.marker);
  await drained(child, closed);
  return outcomeOf(endedBy, exit, stdout, stderr, execution, performance.now() - startedMs);
}

function capture(child: ChildProcess, execution: Execution, onKill: () => void): [CapturedOutput, CapturedOutput] {
  const capBytes = execution.outputCapBytes ?? defaultCapBytes;
  const onCapped = execution.whenCapped === 'kill' ? onKill : () => undefined;
  if (child.stdout === null || child.stderr === null) throw new Error('A child was started without its pipes.');
  return [
    captureOutput(child.stdout, { capBytes, onCapped, onLine: execution.onLine }),
    captureOutput(child.stderr, { capBytes, onCapped }),
  ];
}

interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: unknown;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise(resolve => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, error: undefined }));
    child.once('error', error => resolve({ exitCode: null, signal: null, error }));
  });
}

/** Pipes close when their last holder is dead; one that somebody else holds all the same is not waited for. */
async function drained(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise(resolve => {
    timer = setTimeout(resolve, drainMs);
  });
  await Promise.race([closed, patience]);
  clearTimeout(timer);
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function outcomeOf(
  endedBy: EndedBy,
  exit: Exit,
  stdout: CapturedOutput,
  stderr: CapturedOutput,
  execution: Execution,
  durationMs: number,
): RunOutcome {
  if (endedBy === 'cancel') return { kind: 'cancelled' };
  const output = { stdout: stdout.bytes(), stderr: stderr.bytes() };
  if (endedBy === 'deadline') return { kind: 'timedOut', deadlineMs: execution.deadlineMs, ...output };
  return {
    kind: 'exited',
    exitCode: exit.exitCode,
    signal: exit.signal,
    ...output,
    truncated: { stdout: stdout.truncated(), stderr: stderr.truncated() },
    durationMs,
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file (or its interpreter or working folder is missing)',
  EACCES: 'it is not executable, or may not be',
  ENOTDIR: 'a part of its path is not a folder',
  E2BIG: 'its arguments and environment are larger than the system allows',
  ENOEXEC: 'it is not a program that this system can run',
  EAGAIN: 'the system allows no more processes',
  ENOMEM: 'the system has no memory left for it',
  ERR_INVALID_ARG_VALUE: 'an argument holds a NUL byte',
};

function spawnFailed(execution: Execution, error: unknown): RunOutcome {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const folder = execution.cwd === undefined ? '' : ` in ${displayText(execution.cwd)}`;
  const reason = reasons[code] ?? String(error);
  return {
    kind: 'spawnFailed',
    message: `${displayText(execution.command)} could not be started${folder}: ${reason}.`,
  };
}
