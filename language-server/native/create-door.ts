import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { ToolStatus } from '../protocol/tools.ts';
import type { Conversation, NativeDoor, RunOptions, RunOutcome } from './door.ts';
import { programEnvironment, toolEnvironment } from './environment.ts';
import { findTool, type ToolSearch, toolRemedy } from './find-tool.ts';
import { createLimiter } from './limiter.ts';
import { execute } from './run.ts';
import { shellCommand } from './shell-quote.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { createVersionReader, type VersionReader } from './tool-version.ts';
import { type ToolId, toolDefinition, toolIds, toolSetting } from './tools.ts';
import { createWatchdog } from './watchdog.ts';

export interface DoorOptions {
  /** What the setting of a tool says; undefined or empty: look on PATH. */
  readonly toolPath: (tool: ToolId) => string | undefined;
  readonly isTrusted: () => boolean;
  readonly log: (line: string) => void;
  /** Programs that run at once; default: one a processor, at least two. */
  readonly concurrency?: number;
}

const longestLogLine = 2000;
const markerName = 'BINARY_DETECTIVE_RUN';

const untrusted: RunOutcome = {
  kind: 'untrusted',
  message:
    'This would run code of the workspace, which is not trusted. Trust it (command "Workspaces: Manage Workspace Trust") to go on.',
};

/** A run that passed the trust gate and whose program is known. */
interface GrantedRun extends RunOptions, Partial<Pick<Conversation, 'onStart' | 'longestLineBytes'>> {
  readonly command: ByteText;
  readonly environment: NodeJS.ProcessEnv;
  readonly hunt: boolean;
}

export function createNativeDoor(options: DoorOptions): NativeDoor {
  const limiter = createLimiter(options.concurrency ?? Math.max(2, availableParallelism()));
  const serverId = randomUUID();
  const watchdog = createWatchdog(`${markerName}=${serverId}.`);
  const stops = new Set<AbortController>();
  const running = new Set<Promise<RunOutcome>>();
  let closed = false;
  let runs = 0;

  const whenFree = async (run: GrantedRun, signal: AbortSignal): Promise<RunOutcome> => {
    // What lasts as long as the server would hold its place for good.
    const release = run.onStart === undefined ? await limiter.acquire(signal) : () => undefined;
    if (release === null) return { kind: 'cancelled' };
    options.log(shortened(shellCommand([run.command, ...run.args])));
    runs += 1;
    // Of one width, so that the environment, and with it the stack of the program, is laid out the same in every run.
    const marker = `${markerName}=${serverId}.${String(runs).padStart(8, '0')}`;
    try {
      const outcome = await execute({ ...run, signal, marker, watchdog, log: options.log });
      if (outcome.kind !== 'exited') options.log(`${displayText(run.command)}: ${outcome.kind}`);
      return outcome;
    } finally {
      release();
    }
  };

  const start = async (run: GrantedRun): Promise<RunOutcome> => {
    if (closed || run.signal?.aborted === true) return { kind: 'cancelled' };
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    // A sweep gives one signal to all its runs: many listeners are no leak.
    if (run.signal !== undefined) setMaxListeners(0, run.signal);
    run.signal?.addEventListener('abort', abort, { once: true });
    const outcome = whenFree(run, stop.signal);
    stops.add(stop);
    running.add(outcome);
    try {
      return await outcome;
    } finally {
      stops.delete(stop);
      running.delete(outcome);
      run.signal?.removeEventListener('abort', abort);
    }
  };

  const versionOf = createVersionReader((command, args, deadlineMs) =>
    start({ command, args, deadlineMs, environment: toolEnvironment(process.env, undefined), hunt: false }),
  );
  const search = (tool: ToolId): ToolSearch => findTool(tool, options.toolPath(tool), process.env['PATH']);

  return {
    async find(tool) {
      const found = search(tool);
      if (found.kind === 'missing') return found;
      return { kind: 'found', path: found.path, version: await versionOf(tool, found.path) };
    },
    async runTool(tool, request) {
      const executesWorkspaceCode = request.executesWorkspaceCode === true;
      if (executesWorkspaceCode && !options.isTrusted()) return untrusted;
      const found = search(tool);
      if (found.kind === 'missing') return found;
      const environment = toolEnvironment(process.env, request.env);
      return await start({ ...request, command: found.path, environment, hunt: executesWorkspaceCode });
    },
    async runProgram(request) {
      if (!options.isTrusted()) return untrusted;
      return await start({ ...request, environment: programEnvironment(process.env, request.env), hunt: true });
    },
    async converse(request) {
      if (!options.isTrusted()) return untrusted;
      const environment = toolEnvironment(process.env, request.env);
      return await start({ ...request, deadlineMs: Number.POSITIVE_INFINITY, environment, hunt: false });
    },
    report: () => Promise.all(toolIds.map(tool => toolStatus(tool, search(tool), versionOf))),
    temporaryFolder: () => createTemporaryFolder(watchdog),
    async close() {
      closed = true;
      for (const stop of stops) stop.abort();
      await Promise.allSettled([...running]);
      watchdog.close();
    },
  };
}

async function toolStatus(tool: ToolId, search: ToolSearch, versionOf: VersionReader): Promise<ToolStatus> {
  const path = search.kind === 'found' ? search.path : null;
  return {
    id: tool,
    purpose: toolDefinition(tool).purpose,
    path,
    version: path === null ? null : await versionOf(tool, path),
    searched: search.searched,
    setting: toolSetting(tool),
    remedy: toolRemedy(tool),
  };
}

/** The arguments of a link command can fill pages; the log is for people. */
function shortened(line: string): string {
  return line.length <= longestLogLine ? line : `${line.slice(0, longestLogLine)}… (${line.length} characters)`;
}
