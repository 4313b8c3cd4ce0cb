import { lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { displayText } from '../protocol/display-text.ts';
import { UserError } from '../protocol/errors.ts';
import { isAlive } from './is-alive.ts';
import { isNearlyFull } from './log-follower.ts';

const namePrefix = 'binary-detective-trace-';
/** Folders that this process has made and not removed. */
const own = new Set<string>();

/**
 * A folder for one trace, that nobody else may look into. Its name tells the process that made it, so that what a killed server
 * left behind is removed by the next one.
 * @throws UserError unreadable, where there is no room.
 */
export function createTraceFolder(): string {
  try {
    const parent = realpathSync(tmpdir());
    sweep(parent);
    // A loader that cannot open its file writes to the program's own standard output instead (process_envvars, elf/rtld.c).
    if (isNearlyFull(parent)) throw new Error('the disk is full');
    const folder = mkdtempSync(join(parent, `${namePrefix}${process.pid}-`));
    own.add(folder);
    return folder;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      'unreadable',
      `There is no room for a trace in ${displayText(tmpdir())}: ${displayText(reason)}. Free some, or set TMPDIR to a folder with more.`,
    );
  }
}

/**
 * The folder that a client names, if it is one of ours.
 * @throws UserError notFound
 */
export function openTraceFolder(folder: string): string {
  if (isTraceFolder(folder)) return folder;
  throw new UserError('notFound', 'The records of this trace are not there any more. Trace the program again.');
}

export function removeTraceFolder(folder: string): void {
  if (isTraceFolder(folder)) rmSync(folder, { recursive: true, force: true });
  own.delete(folder);
}

export function removeOwnTraceFolders(): void {
  for (const folder of own) removeTraceFolder(folder);
}

/** Directly in the folder for temporary files, a real folder, and nobody else's: a client can name any path. */
function isTraceFolder(folder: string): boolean {
  try {
    const parent = realpathSync(tmpdir());
    if (dirname(folder) !== parent || !/^binary-detective-trace-\d+-\w+$/u.test(folder.slice(parent.length + 1)))
      return false;
    const status = lstatSync(folder);
    return status.isDirectory() && status.uid === (process.geteuid?.() ?? status.uid);
  } catch {
    return false;
  }
}

function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const maker = Number(new RegExp(`^${namePrefix}(\\d+)-\\w+$`, 'u').exec(name)?.[1]);
    if (Number.isInteger(maker) && !isAlive(maker)) removeTraceFolder(join(parent, name));
  }
}
