import { join } from 'node:path';
import { cwd as currentFolder } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { absolutePath, realPath } from '../dependencies/files/loader-files.ts';
import { createPause } from '../dependencies/pause.ts';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../native/door.ts';
import { shellCommand, shellWord } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { TracedProcess, TraceOutcome, TraceProgress, TraceResult, TraceRunParams } from '../protocol/trace.ts';
import { finishProcess, type RecordedProcess, type TraceConditions } from './finish-process.ts';
import { followLogs, type LineBatch, type LogFollower } from './log-follower.ts';
import { parseLogLine } from './log-line.ts';
import { ownText } from './own-text.ts';
import { loaderVariablesOf, readProcessFacts } from './process-facts.ts';
import { createProcessRecord } from './process-record.ts';
import { createProgramImages } from './program-images.ts';
import { createRecordBudget, type RecordBudget } from './record-budget.ts';
import { logPrefix, storeProcess } from './trace-files.ts';
import { createTraceFolder, removeTraceFolder } from './trace-folder.ts';
import { findTarget, type TraceTarget } from './traceable.ts';

export interface TraceOptions {
  readonly door: NativeDoor;
  readonly isTrusted: () => boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TraceProgress) => void;
  /** Where the program's own output goes; absent: into the answer. */
  readonly stdio?: 'inherit' | 'stderr';
}

const defaultKeptBytes = 256 << 20;
/** Between two looks at the files: short beside what a person would call slow, cheap beside one processor. */
const intervalMs = 4;
const progressIntervalMs = 200;
const keptOutputBytes = 64 << 10;
/** More programs than this are counted and not kept. */
const maximumProcesses = 5000;

/**
 * Runs a program with LD_DEBUG and records what the loader does in it and in all that it starts. The records lie in the folder
 * that the answer names. Cancelled, it ends the program and answers with what was recorded until then.
 *
 * @throws UserError untrusted, notFound, notSupported, unreadable.
 */
export async function traceProgram(params: TraceRunParams, options: TraceOptions): Promise<TraceResult> {
  const { program } = params;
  if (!options.isTrusted()) {
    throw new UserError('untrusted', 'A trace runs a program of this workspace, and the workspace is not trusted.');
  }
  const command = program.command[0] ?? '';
  const cwd = absolutePath(program.cwd ?? currentFolder(), currentFolder());
  const environment = { ...process.env, ...program.env };
  const target = findTarget(command, cwd, environment['PATH']);
  if (target.obstacle !== null && params.childrenOnly !== true) {
    throw new UserError('notSupported', `${target.obstacle} Nothing was run.`);
  }
  const conditions: TraceConditions = {
    cwd: realPath(cwd) ?? cwd,
    path: environment['PATH'],
    variables: loaderVariablesOf(environment),
    signal: undefined,
  };
  const folder = createTraceFolder();
  try {
    return await record(params, { folder, cwd, target, conditions }, options);
  } catch (error) {
    removeTraceFolder(folder);
    throw error;
  }
}

interface Setting {
  readonly folder: string;
  readonly cwd: ByteText;
  readonly target: TraceTarget;
  readonly conditions: TraceConditions;
}

async function record(params: TraceRunParams, setting: Setting, options: TraceOptions): Promise<TraceResult> {
  const { folder, cwd } = setting;
  const variables = {
    LD_DEBUG: `libs,files,versions,reloc,statistics${params.bindings === false ? '' : ',bindings'}`,
    LD_DEBUG_OUTPUT: join(folder, logPrefix),
  };
  const recorder = createRecorder(setting, params.program.command);
  const follower = followLogs({
    folder,
    prefix: logPrefix,
    keptBytes: params.keptBytes ?? defaultKeptBytes,
    onLines: recorder.add,
  });
  const [command = '', ...args] = params.program.command;
  const beganMs = performance.now();
  const run = options.door.runProgram({
    command,
    args,
    cwd,
    env: { ...params.program.env, ...variables },
    deadlineMs: Number.POSITIVE_INFINITY,
    signal: options.signal,
    outputCapBytes: keptOutputBytes,
    ...(options.stdio !== undefined && { stdio: options.stdio }),
  });
  await followWhile(run, follower, () => options.onProgress(recorder.progress(follower.bytes())));
  const outcome = await run;
  if (outcome.kind === 'untrusted') throw new UserError('untrusted', outcome.message);
  // Behind its end the door looks for what it left running.
  const durationMs = outcome.kind === 'exited' ? outcome.durationMs : performance.now() - beganMs;
  await follower.poll(true);
  // What the loader could not write may be missing anywhere.
  const lossy =
    follower.stopped() === 'disk' ? 'Lines of the loader may be missing, since the disk was full.' : undefined;
  const processes = await recorder.finish(lossy);
  return {
    log: folder,
    command: shownCommand(params, variables.LD_DEBUG, cwd),
    outcome: outcomeOf(outcome),
    durationMs,
    processes,
    incomplete: incompleteness(follower, recorder, setting, outcome),
    timing: `By the clock of whoever reads the loader's lines, every ${intervalMs} ms or when it gets to it, since LD_DEBUG tells no times: the truth lies between the two. The writing of those lines is in it. Cycles are glibc's own count (LD_DEBUG=statistics).`,
    output: outputOf(outcome),
  };
}

/** Reads what the loader writes until the program has ended. */
async function followWhile(run: Promise<unknown>, follower: LogFollower, report: () => void): Promise<void> {
  const state = { ended: false };
  const ended = run
    .catch(() => undefined)
    .finally(() => {
      state.ended = true;
    });
  let reportedMs = performance.now();
  while (!state.ended) {
    await follower.poll(false);
    if (performance.now() - reportedMs > progressIntervalMs) {
      report();
      reportedMs = performance.now();
    }
    await Promise.race([ended, wait(intervalMs)]);
  }
}

interface Recorder {
  add(batch: LineBatch): void;
  progress(bytes: number): TraceProgress;
  readonly budget: RecordBudget;
  readonly dropped: () => number;
  /** The disk took all of it. */
  readonly isStored: () => boolean;
  /** @param unpredictable why nothing can be compared; undefined where it can. */
  finish(unpredictable: string | undefined): Promise<readonly TracedProcess[]>;
}

function createRecorder({ folder, target, conditions }: Setting, command: readonly ByteText[]): Recorder {
  const images = createProgramImages();
  const budget = createRecordBudget();
  const recorded: RecordedProcess[] = [];
  const programPlace = needsLauncher([...command, conditions.cwd]) ? 1 : 0;
  let dropped = 0;
  let isStored = true;

  const begin = (image: RecordedProcess['record']['image']): RecordedProcess => {
    const isFirst = image.id === programPlace;
    const facts = readProcessFacts(image.pid);
    // A process keeps its parent in execve(2).
    const before = recorded.findLast(({ record }) => record.image.pid === image.pid);
    const parentPid = facts.parentPid ?? before?.facts.parentPid ?? image.forkedFrom?.pid ?? null;
    return {
      record: createProcessRecord(image, budget),
      facts: { ...facts, parentPid },
      unpredictable: isFirst && target.isLoader ? 'The command is the loader itself.' : undefined,
    };
  };

  return {
    budget,
    dropped: () => dropped,
    isStored: () => isStored,
    add({ fileId, lines, sinceMs, untilMs, afterCut }) {
      if (afterCut) for (const { record } of recorded) if (record.image.fileId === fileId) record.lose();
      for (const { pid, text } of lines) {
        // Bindings are many, and of most nothing is kept.
        const event = parseLogLine(text.startsWith('binding file ') ? text : ownText(text));
        const image = images.of(fileId, pid, event);
        if (image.id >= maximumProcesses) {
          dropped = image.id + 1 - maximumProcesses;
          continue;
        }
        recorded[image.id] ??= begin(image);
        recorded[image.id]?.record.add(event, { sinceMs, untilMs });
      }
    },
    progress: bytes => ({
      processes: recorded.length,
      searches: sum(recorded, ({ record }) => record.counts.searches()),
      bindings: sum(recorded, ({ record }) => record.counts.bindings()),
      bytes,
    }),
    async finish(unpredictable) {
      const processes: TracedProcess[] = [];
      const ordinals = new Map<string, number>();
      const pause = createPause(undefined);
      for (const process of recorded) {
        await pause();
        const { fileId, pid, id } = process.record.image;
        const ordinal = ordinals.get(`${fileId} ${pid}`) ?? 0;
        ordinals.set(`${fileId} ${pid}`, ordinal + 1);
        if (id < programPlace) continue;
        const detail = await finishProcess(
          processes.length,
          unpredictable === undefined ? process : { ...process, unpredictable },
          conditions,
        );
        const whole = storeProcess(folder, processes.length, { detail, place: { fileId, ordinal } });
        isStored &&= whole;
        processes.push(detail.process);
      }
      return processes;
    },
  };
}

/** The door starts what has bytes beyond UTF-8 in it through a shell, which then is the first program to be seen. */
function needsLauncher(texts: readonly ByteText[]): boolean {
  return texts.some(word => typeof osPath(word) !== 'string');
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function shownCommand({ program }: TraceRunParams, debug: string, cwd: ByteText): string {
  const set = Object.entries({ ...program.env, LD_DEBUG: debug, LD_DEBUG_OUTPUT: '/tmp/trace' });
  const words = set.map(([name, value]) => `${name}=${shellWord(value)}`).join(' ');
  return `cd ${shellWord(cwd)} && ${words} ${shellCommand(program.command)}`;
}

function outcomeOf(outcome: RunOutcome): TraceOutcome {
  switch (outcome.kind) {
    case 'exited':
      return { kind: 'exited', exitCode: outcome.exitCode, signal: outcome.signal };
    case 'cancelled':
    case 'timedOut':
      return { kind: 'cancelled' };
    case 'spawnFailed':
    case 'missing':
    case 'untrusted':
      return { kind: 'failed', message: outcome.message };
  }
}

function outputOf(outcome: RunOutcome): TraceResult['output'] {
  if (outcome.kind !== 'exited') return { stdout: '', stderr: '', truncated: false };
  const { stdout, stderr, truncated } = outcome;
  return { stdout: decodeBytes(stdout), stderr: decodeBytes(stderr), truncated: truncated.stdout || truncated.stderr };
}

function incompleteness(
  follower: LogFollower,
  recorder: Recorder,
  { target }: Setting,
  outcome: RunOutcome,
): readonly string[] {
  const sentences: string[] = [];
  if (target.obstacle !== null) sentences.push(`${target.obstacle} Only what it started is recorded.`);
  const stopped = follower.stopped();
  if (stopped === 'cap')
    sentences.push(
      'Truncated: the loader wrote more than is kept. Later lines are counted, but for some at each cut, and not kept.',
    );
  if (stopped === 'disk') {
    sentences.push(
      'Truncated: the disk was nearly full. Later lines are counted as far as they could be written and read, and not kept.',
    );
  }
  if (!recorder.isStored())
    sentences.push('Truncated: the disk is full. The loader’s own lines are gone, and the ends of long lists.');
  if (recorder.budget.exceeded())
    sentences.push('Truncated: there were more searches and bindings than are kept in memory.');
  if (recorder.dropped() > 0)
    sentences.push(`Truncated: ${recorder.dropped()} more programs were started than are kept.`);
  if (outcome.kind === 'exited' && strayLine.test(decodeBytes(outcome.stdout))) {
    sentences.push(
      'A program that could not write to the folder of the records, as another user or in another root, has the lines of its loader in its own output.',
    );
  }
  const failure = follower.failure();
  if (failure !== null) sentences.push(`Some of what the loader wrote could not be read: ${displayText(failure)}.`);
  if (follower.bytes() === 0) {
    sentences.push(
      `The loader wrote nothing for ${displayText(target.path)}: it may have more rights than its caller (file capabilities), or its environment was cleared.`,
    );
  }
  return sentences;
}

/** A loader that cannot open its file writes to standard output (process_envvars, elf/rtld.c). */
const strayLine = /^ {0,9}\d{1,10}:\t(?:find library=|file=|calling init: |binding file )/mu;
