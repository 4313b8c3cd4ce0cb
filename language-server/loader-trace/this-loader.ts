import { environmentFromProcess } from '../dependencies/loader/environment.ts';
import { resolveFile } from '../dependencies/resolve-file.ts';
import type { LoaderStatus } from '../protocol/tools.ts';

/** The loader of this machine's own programs, as this process has it; null where it cannot be told. */
export async function thisLoader(): Promise<LoaderStatus | null> {
  try {
    const { loader, loaderPath, loaderState } = await resolveFile(
      process.execPath,
      environmentFromProcess(),
      undefined,
    );
    if (loaderState !== 'there') return null;
    return { path: loaderPath, kind: loader.kind, version: loader.version, traces: loader.kind === 'glibc' };
  } catch {
    return null;
  }
}
