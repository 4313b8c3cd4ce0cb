import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { displayText } from '../protocol/display-text.ts';
import type { ToolStatus } from '../protocol/tools.ts';
import type { NativeDoor, RunOptions, RunOutcome, ToolFound, ToolMissing } from './door.ts';
import { findTool, toolRemedy } from './find-tool.ts';
import { createLimiter } from './limiter.ts';
import { execute } from './run.ts';
import { shellCommand } from './shell-quote.ts';
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

const versionDeadlineMs = 5000;
const markerName = 'BINARY_DETECTIVE_RUN';

const untrusted: RunOutcome = {
  kind: 'untrusted',
  message:
    'This would run code of the workspace, which is not trusted. Trust it (command "Workspaces: Manage Workspace Trust") to go on.',
};

export function createNativeDoor(options: DoorOptions): NativeDoor {
  const limiter = createLimiter(options.concurrency ?? Math.max(2, availableParallelism()));
  const serverId = randomUUID();
  const watchdog = createWatchdog(`${markerName}=${serverId}.`);
  const closing = new AbortController();
  const running = new Set<Promise<RunOutcome>>();
  const versions = new Map<string, Promise<string | null>>();
  let runs = 0;

  const start = async (command: string, request: RunOptions, environment: NodeJS.ProcessEnv, hunt: boolean) => {
    const signal = request.signal === undefined ? closing.signal : AbortSignal.any([request.signal, closing.signal]);
    const release = await limiter.acquire(signal);
    if (release === null) return { kind: 'cancelled' } as const;
    runs += 1;
    options.log(shellCommand([command, ...request.args]));
    const marker = `${markerName}=${serverId}.${runs}`;
    const run = execute({ ...request, signal, command, environment, marker, watchdog, hunt });
    running.add(run);
    try {
      const outcome = await run;
      if (outcome.kind !== 'exited') options.log(`${displayText(command)}: ${outcome.kind}`);
      return outcome;
    } finally {
      running.delete(run);
      release();
    }
  };

  const versionOf = (tool: ToolId, path: string): Promise<string | null> => {
    const known = versions.get(path);
    if (known !== undefined) return known;
    const { versionArgs, versionPattern } = toolDefinition(tool);
    const request = { args: versionArgs, deadlineMs: versionDeadlineMs };
    const asked = start(path, request, toolEnvironment(undefined), false).then(outcome => {
      if (outcome.kind !== 'exited') return null;
      return versionPattern.exec(Buffer.concat([outcome.stdout, outcome.stderr]).toString('utf8'))?.[1] ?? null;
    });
    versions.set(path, asked);
    return asked;
  };

  const find = async (tool: ToolId): Promise<ToolFound | ToolMissing> => {
    const search = findTool(tool, options.toolPath(tool), process.env['PATH']);
    if (search.kind === 'missing') return search;
    return { kind: 'found', path: search.path, version: await versionOf(tool, search.path) };
  };

  const status = async (tool: ToolId): Promise<ToolStatus> => {
    const search = findTool(tool, options.toolPath(tool), process.env['PATH']);
    const found = search.kind === 'found';
    return {
      id: tool,
      purpose: toolDefinition(tool).purpose,
      path: found ? search.path : null,
      version: found ? await versionOf(tool, search.path) : null,
      searched: search.searched,
      setting: toolSetting(tool),
      remedy: toolRemedy(tool),
    };
  };

  return {
    find,
    async runTool(tool, request) {
      if (request.executesWorkspaceCode === true && !options.isTrusted()) return untrusted;
      const search = findTool(tool, options.toolPath(tool), process.env['PATH']);
      if (search.kind === 'missing') return search;
      return await start(search.path, request, toolEnvironment(request.env), false);
    },
    async runProgram(request) {
      if (!options.isTrusted()) return untrusted;
      return await start(request.command, request, { ...process.env, ...request.env }, true);
    },
    report: () => Promise.all(toolIds.map(status)),
    async close() {
      closing.abort();
      await Promise.allSettled([...running]);
      watchdog.close();
    },
  };
}

/** Tools print for a program to read: no translations, no pager's colours. */
function toolEnvironment(changes: RunOptions['env']): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C.UTF-8', LANGUAGE: undefined, ...changes };
}
