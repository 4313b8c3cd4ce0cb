import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TemporaryFolder } from './door.ts';
import type { Watchdog } from './watchdog.ts';

/** Rejects as mkdir does: no such folder of temporary files, no room, no right to write there. */
export async function createTemporaryFolder(watchdog: Watchdog): Promise<TemporaryFolder> {
  const wanted = join(tmpdir(), `binary-detective-${randomUUID()}`);
  watchdog.arm();
  watchdog.watchFolder(wanted);
  try {
    await mkdir(wanted, { mode: 0o700 });
    // As the kernel names what is mapped from it.
    const path = await realpath(wanted);
    return {
      path,
      async remove() {
        await removeTree(path);
        watchdog.releaseFolder(wanted);
      },
    };
  } catch (error) {
    watchdog.releaseFolder(wanted);
    throw error;
  }
}

/** Also folders that a program has made read-only. What cannot be removed stays: there is nobody to tell. */
export async function removeTree(path: string): Promise<void> {
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });
  await remove().catch(async () => {
    await makeWritable(path).catch(() => undefined);
    await remove().catch(() => undefined);
  });
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}
