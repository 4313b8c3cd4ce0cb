import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { osPath } from '../native/byte-text.ts';
import type { NativeDoor } from '../native/door.ts';
import { removeTree } from '../native/temporary-folder.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { Target } from './target.ts';

/** Where the files of one sweep are. */
export interface Scratch {
  readonly path: string;
  /** A folder for one run. Errors: toolFailed, notSupported. */
  folderFor(target: Target): Promise<RunFolder>;
  remove(): Promise<void>;
}

export interface RunFolder {
  readonly path: string;
  /** For the program's own temporary files (TMPDIR). */
  readonly temporary: string;
  /** Where it works: as the target says, or a copy of that. */
  readonly cwd: ByteText;
  remove(): Promise<void>;
}

/** Errors: toolFailed (a full disk, a folder that may not be written). */
export async function createScratch(door: NativeDoor): Promise<Scratch> {
  const folder = await door.temporaryFolder().catch(fail);
  let runs = 0;
  return {
    path: folder.path,
    remove: () => folder.remove(),
    async folderFor(target) {
      runs += 1;
      // Of one width, so that the environment, and with it the stack of the program, is laid out the same in every run.
      const path = join(folder.path, String(runs).padStart(8, '0'));
      const temporary = join(path, 'tmp');
      await mkdir(temporary, { recursive: true, mode: 0o700 }).catch(fail);
      const remove = (): Promise<void> => removeTree(path);
      if (!target.privateFolder) return { path, temporary, cwd: target.cwd, remove };
      const cwd = join(path, 'work');
      await copyFolder(target.cwd, cwd).catch(async (error: unknown) => {
        await remove();
        throw error;
      });
      return { path, temporary, cwd, remove };
    },
  };
}

async function copyFolder(from: ByteText, to: string): Promise<void> {
  const source = osPath(from);
  if (typeof source !== 'string') {
    throw new UserError('notSupported', `${displayText(from)} cannot be copied for each run: its name is not UTF-8.`);
  }
  await cp(source, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true }).catch(
    (error: unknown) => {
      throw new UserError('toolFailed', `${displayText(from)} cannot be copied for each run: ${reasonOf(error)}.`);
    },
  );
}

function fail(error: unknown): never {
  throw new UserError('toolFailed', `The files for the runs cannot be made in ${tmpdir()}: ${reasonOf(error)}.`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
