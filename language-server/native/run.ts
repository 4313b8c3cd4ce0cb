import type { ChildProcess } from 'node:child_process';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Conversation, RunOptions, RunOutcome } from './door.ts';
import { launch } from './launch.ts';
import { type CapturedOutput, captureOutput } from './output.ts';
import { groupGone, killMarked, signalGroup } from './process-group.ts';
import { spawnFailureMessage } from './spawn-failure.ts';
import { createTermination, graceMs, patienceMs, type Termination } from './termination.ts';
import type { Watchdog } from './watchdog.ts';

const defaultCapBytes = 16 << 20;
/** After all are dead: for bytes that are still in the pipes. */
const drainMs = 2000;
/** What a timer of Node takes; a longer one, also Infinity, would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export interface Execution extends RunOptions, Partial<Pick<Conversation, 'onStart' | 'longestLineBytes'>> {
  readonly command: ByteText;
  readonly signal: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
  /** `NAME=VALUE` by which descendants that left the process group are found. */
  readonly marker: string;
  readonly watchdog: Watchdog;
  /** Whether descendants may have left the group (a program of the person's own; not a tool of binutils). */
  readonly hunt: boolean;
  readonly log: (line: string) => void;
}

/**
 * Runs one program to its end. When the promise resolves, neither it nor anything it started runs any more. Rejects only
 * with what `onLine` threw.
 */
export async function execute(execution: Execution): Promise<RunOutcome> {
  if (execution.signal.aborted) return { kind: 'cancelled' };
  const [markerName = '', markerValue = ''] = execution.marker.split('=', 2);
  const environment = { ...execution.environment, [markerName]: markerValue };
  const { command, args, cwd, limits, input, inputFile } = execution;
  const startedMs = performance.now();
  execution.watchdog.arm();
  let child: ChildProcess;
  try {
    const unnamed = input === undefined && execution.onStart === undefined ? 'ignore' : 'pipe';
    const stdin = inputFile === undefined ? unnamed : { file: inputFile };
    child = launch({ command, args, cwd, limits, environment, stdin, stdio: execution.stdio });
  } catch (error) {
    return { kind: 'spawnFailed', message: spawnFailureMessage(command, cwd, error) };
  }
  const ended = endOf(child);
  if (child.pid === undefined) {
    return { kind: 'spawnFailed', message: spawnFailureMessage(command, cwd, (await ended).error) };
  }
  execution.watchdog.watch(child.pid);
  return await follow(child, child.pid, ended, execution, startedMs);
}

async function follow(
  child: ChildProcess,
  group: number,
  ended: Promise<End>,
  execution: Execution,
  startedMs: number,
): Promise<RunOutcome> {
  const termination = createTermination(group);
  const cancel = (): void => termination.end('cancel');
  const deadline = setTimeout(() => termination.end('deadline'), Math.min(execution.deadlineMs, longestTimerMs));
  execution.signal.addEventListener('abort', cancel, { once: true });
  const output = capture(child, execution, termination);
  const closed = new Promise(resolve => child.once('close', resolve));
  // A program that does not read its input closes the pipe; that is its right.
  child.stdin?.on('error', () => undefined);
  if (execution.onStart === undefined) child.stdin?.end(execution.input);
  else execution.onStart(text => child.stdin?.write(text));

  const end = await Promise.race([ended, termination.gaveUp.then(() => notEnded)]);
  const durationMs = performance.now() - startedMs;
  clearTimeout(deadline);
  execution.signal.removeEventListener('abort', cancel);
  // What a program leaves behind that ended by itself has nobody left to work for; what was asked to end has its grace.
  if (termination.endedBy() === undefined) signalGroup(group, 'SIGKILL');
  const gone = end !== notEnded && (await groupGone(group, graceMs + patienceMs));
  termination.dispose();
  const { marker, hunt } = execution;
  const caught = !hunt || (await killMarked({ marker, ancestor: group, ageMs: durationMs, patienceMs }));
  if (gone) execution.watchdog.release(group);
  if (!gone || !caught) {
    execution.log(`${displayText(execution.command)} (process group ${group}) cannot be ended: it still runs.`);
  }
  await drained(child, closed);
  output.rethrow();
  return outcomeOf(termination, end, output, execution, durationMs);
}

interface End {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: unknown;
}

const notEnded: End = { exitCode: null, signal: null, error: undefined };

function endOf(child: ChildProcess): Promise<End> {
  return new Promise(resolve => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, error: undefined }));
    child.once('error', error => resolve({ exitCode: null, signal: null, error }));
  });
}

interface Output {
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  /** Throws what `onLine` threw, if it did. */
  rethrow(): void;
}

const nothing: CapturedOutput = { bytes: () => new Uint8Array(), truncated: () => false };

function capture(child: ChildProcess, execution: Execution, termination: Termination): Output {
  if (execution.stdio !== undefined) return { stdout: nothing, stderr: nothing, rethrow: () => undefined };
  if (child.stdout === null || child.stderr === null) throw new Error('A child was started without its pipes.');
  const capBytes = execution.outputCapBytes ?? defaultCapBytes;
  const onCapped = (): void => {
    if (execution.whenCapped === 'kill') termination.end('cap');
  };
  const thrown: unknown[] = [];
  const { onLine } = execution;
  const deliver = (line: ByteText): void => {
    // Who cancelled wants no more; who threw gets its error back, not another line.
    if (onLine === undefined || execution.signal.aborted || thrown.length > 0) return;
    try {
      onLine(line);
    } catch (error) {
      thrown.push(error);
      termination.end('failure');
    }
  };
  return {
    stdout: captureOutput(child.stdout, {
      capBytes,
      onCapped,
      onLine: onLine && deliver,
      longestLineBytes: execution.longestLineBytes,
    }),
    stderr: captureOutput(child.stderr, { capBytes, onCapped }),
    rethrow() {
      if (thrown.length > 0) throw thrown[0];
    },
  };
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
  child.unref();
}

function outcomeOf(
  termination: Termination,
  end: End,
  output: Output,
  execution: Execution,
  durationMs: number,
): RunOutcome {
  const endedBy = termination.endedBy();
  if (endedBy === 'cancel') return { kind: 'cancelled' };
  const bytes = { stdout: output.stdout.bytes(), stderr: output.stderr.bytes() };
  const truncated = { stdout: output.stdout.truncated(), stderr: output.stderr.truncated() };
  if (endedBy === 'deadline') return { kind: 'timedOut', deadlineMs: execution.deadlineMs, ...bytes, truncated };
  return { kind: 'exited', exitCode: end.exitCode, signal: end.signal, ...bytes, truncated, durationMs };
}
