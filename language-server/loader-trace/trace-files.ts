import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import type { TraceProcessDetail } from '../protocol/trace.ts';
import type { ImagePlace } from './process-lines.ts';
import { openTraceFolder } from './trace-folder.ts';

/** The loader's files are this, a point, and a process id. */
export const logPrefix = 'log';

function detailFile(folder: string, id: number): string {
  return join(folder, `process-${id}.json`);
}

/** A process as it is written on disk. */
export interface StoredProcess {
  readonly detail: TraceProcessDetail;
  readonly place: ImagePlace;
}

export function storeProcess(folder: string, id: number, stored: StoredProcess): void {
  writeFileSync(detailFile(folder, id), JSON.stringify(stored));
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
