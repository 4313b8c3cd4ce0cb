import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { FaultProgram } from '../../language-server/protocol/faults.ts';
import type { Services } from '../services.ts';
import { watchFile } from '../watch-file.ts';
import type { KeptSweep } from './kept-sweep.ts';

/** The last sweep of each target, over reloads of the window too: where the workspace keeps what belongs to it. */
export interface SweepStore extends vscode.Disposable {
  of(target: string): KeptSweep | undefined;
  all(): readonly KeptSweep[];
  /** Resolves when it is on the disk. */
  keep(sweep: KeptSweep): Promise<void>;
  forget(target: string): void;
  /** Resolves when what an earlier window has kept is here. */
  readonly loaded: Promise<void>;
  /** A sweep was kept, loaded, or forgotten: because its program was built again, for one. */
  readonly onDidChange: vscode.Event<SweepChange>;
}

export interface SweepChange {
  readonly target: string;
  readonly reason: 'kept' | 'loaded' | 'forgotten' | 'rebuilt';
}

/** Older ones go first. */
const mostKept = 40;

export function createSweepStore({ context, log }: Services): SweepStore {
  const sweeps = new Map<string, KeptSweep>();
  const watchers = new Map<string, vscode.Disposable>();
  const changes = new vscode.EventEmitter<SweepChange>();
  // No folder is open: then nothing outlives the window.
  const folder = context.storageUri === undefined ? undefined : join(context.storageUri.fsPath, 'faults');
  const fileOf = (target: string): string | undefined =>
    folder === undefined
      ? undefined
      : join(folder, `${createHash('sha256').update(target).digest('hex').slice(0, 24)}.json`);
  const quietly = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => log.debug(`Results of malloc faults: ${String(error)}`));
  };

  const remove = (target: string, reason: 'forgotten' | 'rebuilt'): void => {
    if (!sweeps.delete(target)) return;
    watchers.get(target)?.dispose();
    watchers.delete(target);
    const file = fileOf(target);
    if (file !== undefined) void quietly(rm(file, { force: true }));
    changes.fire({ target, reason });
  };
  /** The build of a sweep itself is told late as well. */
  const forgetIfRebuilt = async (target: string): Promise<void> => {
    const sweep = sweeps.get(target);
    if (sweep !== undefined && (await programTime(sweep.program)) !== sweep.programTime) remove(target, 'rebuilt');
  };
  const set = (sweep: KeptSweep, reason: 'kept' | 'loaded'): void => {
    sweeps.set(sweep.target, sweep);
    watchers.get(sweep.target)?.dispose();
    const path = programFile(sweep.program);
    if (path !== undefined) {
      watchers.set(
        sweep.target,
        watchFile(vscode.Uri.file(path), () => void forgetIfRebuilt(sweep.target)),
      );
    }
    changes.fire({ target: sweep.target, reason });
  };
  const load = async (): Promise<void> => {
    if (folder === undefined) return;
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter(text => text.endsWith('.json'))) {
      const path = join(folder, name);
      const sweep = parse(await readFile(path, 'utf8').catch(() => ''));
      const isCurrent = sweep !== undefined && (await programTime(sweep.program)) === sweep.programTime;
      if (!isCurrent) await quietly(rm(path, { force: true }));
      else if (!sweeps.has(sweep.target)) set(sweep, 'loaded');
    }
  };
  const loaded = load().catch((error: unknown) => log.debug(`Results of malloc faults: ${String(error)}`));

  return {
    loaded,
    onDidChange: changes.event,
    of: target => sweeps.get(target),
    all: () => [...sweeps.values()],
    forget: target => remove(target, 'forgotten'),
    async keep(sweep) {
      set(sweep, 'kept');
      const oldest = [...sweeps.values()].sort((a, b) => b.endedAt - a.endedAt).slice(mostKept);
      for (const { target } of oldest) remove(target, 'forgotten');
      const file = fileOf(sweep.target);
      if (folder === undefined || file === undefined) return;
      await quietly(mkdir(folder, { recursive: true }));
      // Under another name first: a window that closes leaves no half of it.
      await quietly(writeFile(`${file}.new`, JSON.stringify(sweep)).then(() => rename(`${file}.new`, file)));
    },
    dispose: () => {
      for (const watcher of watchers.values()) watcher.dispose();
      changes.dispose();
    },
  };
}

/** Null: there is no file to look at. */
export async function programTime(program: FaultProgram): Promise<number | null> {
  const path = programFile(program);
  if (path === undefined) return null;
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}

/** Undefined for a program that is looked for on PATH: nobody builds those here. */
export function programFile({ command: [name = ''], cwd = '' }: FaultProgram): string | undefined {
  if (name.startsWith('/')) return name;
  return name.includes('/') && cwd !== '' ? join(cwd, name) : undefined;
}

/** We wrote it, but maybe an older or newer version of us. */
function parse(text: string): KeptSweep | undefined {
  try {
    const value = JSON.parse(text) as KeptSweep;
    return value.version === 1 && typeof value.target === 'string' && Array.isArray(value.n) ? value : undefined;
  } catch {
    return undefined;
  }
}
