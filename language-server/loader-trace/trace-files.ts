import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { displayText } from '../protocol/display-text.ts';
import { UserError } from '../protocol/errors.ts';
import type { TraceProcessDetail } from '../protocol/trace.ts';
import { openTraceFolder } from './trace-folder.ts';

/** The loader's files are this, a point, and a process id. */
export const logPrefix = 'log';

function detailFile(folder: string, id: number): string {
  return join(folder, `process-${id}.json`);
}

/** Which image of which file a process is. */
export interface ImagePlace {
  readonly fileId: number;
  /** Among the images of its process id in the file, from 0. */
  readonly ordinal: number;
}

/** A process as it is written on disk. */
export interface StoredProcess {
  readonly detail: TraceProcessDetail;
  readonly place: ImagePlace;
}

/**
 * Writes it down. On a full disk the loader's own lines go first, then what is at the end of long lists.
 * @returns Whether all of it is there.
 * @throws UserError unreadable, where there is room for nothing.
 */
export function storeProcess(folder: string, id: number, stored: StoredProcess): boolean {
  if (write(folder, id, stored)) return true;
  for (const { path } of logFiles(folder)) truncateSync(path);
  for (let length = 1 << 20; length > 8; length /= 4) if (write(folder, id, shortened(stored, length))) return false;
  throw new UserError('unreadable', `There is no room left for the records of the trace in ${displayText(folder)}.`);
}

/** False: the disk is full. */
function write(folder: string, id: number, stored: StoredProcess): boolean {
  const path = detailFile(folder, id);
  try {
    writeFileSync(path, JSON.stringify(stored));
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('unreadable', `The records of the trace cannot be kept: ${displayText(reason)}.`);
  }
}

function shortened({ detail, place }: StoredProcess, length: number): StoredProcess {
  const { searches, libraries, bindingGroups, errors, differences } = detail;
  const short = {
    searches: searches.slice(0, length),
    libraries: libraries.slice(0, length),
    bindingGroups: bindingGroups.slice(0, length),
    errors: errors.slice(0, length),
    differences: differences.slice(0, length),
  };
  return { detail: { ...detail, ...short }, place };
}

/** @throws UserError notFound, where the trace is gone or has no such process. */
export function readStored(log: string, id: number): StoredProcess {
  const folder = openTraceFolder(log);
  try {
    return JSON.parse(readFileSync(detailFile(folder, id), 'utf8')) as StoredProcess;
  } catch {
    throw new UserError('notFound', `There is no process ${id} in this trace.`);
  }
}

export function logFiles(folder: string): readonly { readonly fileId: number; readonly path: string }[] {
  return readdirSync(folder).flatMap(name => {
    const fileId = name.startsWith(`${logPrefix}.`) ? Number(name.slice(logPrefix.length + 1)) : Number.NaN;
    return Number.isInteger(fileId) ? [{ fileId, path: join(folder, name) }] : [];
  });
}
