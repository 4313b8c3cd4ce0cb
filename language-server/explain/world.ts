import { absolutePath, createLoaderFiles, type LoaderFiles } from '../dependencies/files/loader-files.ts';
import type { LoaderEnvironment } from '../dependencies/loader/environment.ts';
import type { LoaderFile } from '../dependencies/objects/loader-object.ts';
import { readLoaderFile } from '../dependencies/objects/read-loader-file.ts';
import { createPause, type Pause } from '../dependencies/pause.ts';
import { type ResolvedFile, resolveFile } from '../dependencies/resolve-file.ts';
import { effectiveEnvironment, type TreeOptions } from '../dependencies/tree/tree.ts';
import { type Distribution, distributionAt } from '../native/distribution.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { type Exports, readExports } from './exports.ts';
import { createLocator, type Locator } from './locate.ts';
import { createPackages, type Packages } from './packages.ts';

/** Makes names readable: `names => demangler.demangle(names, signal)`, its names only. */
export type Demangle = (names: readonly ByteText[]) => Promise<readonly ByteText[]>;

export interface ExplainOptions {
  /** How the loader would resolve; its `environment.cwd` is where relative names in the text count from. */
  readonly tree: TreeOptions;
  /** Further folders in which files without a path are looked for. */
  readonly searchFolders: readonly ByteText[];
  readonly demangle: Demangle;
  readonly signal: AbortSignal;
  /** Of the C library's translations; default /usr/share/locale. */
  readonly localeFolder?: string;
  /** `PATH`; default: that of this process. */
  readonly path?: string;
}

/** The files that a text may be about, as the explainers ask for them: each is read once an explanation. */
export interface World extends Locator {
  readonly environment: LoaderEnvironment;
  readonly files: LoaderFiles;
  readonly packages: Packages;
  readonly distribution: Distribution | null;
  readonly searchFolders: readonly ByteText[];
  readonly signal: AbortSignal;
  readonly pause: Pause;
  readonly demangle: Demangle;
  /** What the loader would do with a file; null where it is none that a loader loads. */
  resolve(path: ByteText): Promise<ResolvedFile | null>;
  /** The file as a loader meets it; null where there is no regular file. */
  read(path: ByteText): LoaderFile | null;
  /** Its dynamic symbols; null where it is no ELF file. */
  exports(path: ByteText): Promise<Exports | null>;
}

export function createWorld(options: ExplainOptions): World {
  const environment = effectiveEnvironment(options.tree);
  const { sysroot } = environment;
  const files = createLoaderFiles(environment.cwd, sysroot ?? null, null);
  const resolved = new Map<ByteText, Promise<ResolvedFile | null>>();
  const exported = new Map<ByteText, Promise<Exports | null>>();
  const { signal } = options;
  const pause = createPause(signal);
  const host = createLoaderFiles(environment.cwd, null, null);
  return {
    ...createLocator({
      environment,
      files,
      folders: options.searchFolders,
      path: options.path ?? process.env['PATH'] ?? '',
    }),
    environment,
    files,
    packages: createPackages(sysroot ?? '', pause),
    distribution: distributionAt(sysroot ?? ''),
    searchFolders: options.searchFolders,
    signal,
    pause,
    demangle: options.demangle,
    resolve: path => remember(resolved, path, () => orNull(resolveFile(path, environment, signal))),
    read: path => {
      const status = host.status(absolutePath(path, environment.cwd));
      return status.kind === 'file' ? readLoaderFile(status) : null;
    },
    exports: path => remember(exported, path, () => orNull(readExports(path, signal))),
  };
}

function remember<T>(known: Map<ByteText, Promise<T>>, key: ByteText, make: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}

/** A file that cannot be looked at is no answer here; all else that goes wrong is. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
