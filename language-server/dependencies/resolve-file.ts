import { objectType } from '../elf/reader/file-header.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import {
  absolutePath,
  createLoaderFiles,
  type HostFiles,
  hostFiles,
  isBelow,
  type LoaderFiles,
} from './files/loader-files.ts';
import { createVersionedCache } from './files/versioned-cache.ts';
import { resolveWithGlibc } from './glibc/resolve.ts';
import type { LoaderEnvironment } from './loader/environment.ts';
import { folderOf } from './loader/link-map.ts';
import {
  locateNothing,
  type ResolutionRequest,
  type ResolvedProgram,
  searchNothing,
} from './loader/resolved-program.ts';
import { isProgram, mainMap, openRoot, type RootFile } from './loader/root-file.ts';
import { assumedLoader, readSystemLoader, type SystemLoader } from './loader/system-loader.ts';
import { resolveWithMusl } from './musl/resolve.ts';
import { weightOfLoaderFile } from './objects/loader-object.ts';
import { type MachineFacts, machineFacts } from './objects/machines.ts';
import { readLoaderFile } from './objects/read-loader-file.ts';
import type { ReadLoaderFile } from './objects/verify-candidate.ts';
import { createPause } from './pause.ts';

/** A file and what the loader would do with it. */
export interface ResolvedFile extends ResolvedProgram {
  readonly root: RootFile;
  readonly environment: LoaderEnvironment;
  readonly files: LoaderFiles;
  /** Who is asked about paths of this machine. */
  readonly system: HostFiles;
  readonly loader: SystemLoader;
  readonly loaderPath: ByteText;
  /** Whether the loader's file is where it should be. */
  readonly loaderState: 'there' | 'missing' | 'unrecognised';
  /** Why the loader has nothing to do for the file; null where it has. */
  readonly unloaded: Unloaded | null;
}

/** A program without loader; code before linking; a core dump; symbols split from their program. */
export type Unloaded = 'static' | 'relocatable' | 'core' | 'debug-file';

/** Room for some 20,000 libraries. */
const rememberedBytes = 32 << 20;
const remembered = createVersionedCache(rememberedBytes, weightOfLoaderFile);
const readRemembered: ReadLoaderFile = file => remembered(file.version, () => readLoaderFile(file));

/**
 * Resolves all that the file needs. Only the statuses of files are asked anew each time; what is in them is remembered by
 * device, inode, size and times. Throws a {@link UserError} where the file itself cannot be looked at.
 *
 * @param system who is asked about files: a snapshot that several resolutions share, or the system itself.
 */
export async function resolveFile(
  path: ByteText,
  environment: LoaderEnvironment,
  signal: AbortSignal | undefined,
  system: HostFiles = hostFiles,
): Promise<ResolvedFile> {
  signal?.throwIfAborted();
  const { sysroot } = environment;
  if (sysroot !== undefined && system.status(sysroot).kind !== 'directory') {
    throw new UserError('notFound', `The sysroot ${displayText(sysroot)} is not a folder.`);
  }
  const place = placeOf(path, environment, system);
  const files = createLoaderFiles(place.cwd, sysroot ?? null, place.beside, system);
  const root = openRoot(place.path, place.shownPath, files, readRemembered);
  const facts = machineFacts(root.header);
  requireLevel(facts, environment.hwcapsLevel);
  const { loaderPath, loader: there, loaderState } = chooseLoader(root, facts, files);
  const loader = withVersion(there, environment.glibcMinorVersion);
  const unloaded = unloadedKind(root);
  const known = { root, environment, files, system, loader, loaderPath, loaderState, unloaded };
  if (unloaded !== null) {
    const main = mainMap(root, files);
    return {
      ...known,
      main,
      loadOrder: [main],
      scope: [main],
      versionProblems: [],
      hwcaps: [],
      locate: locateNothing,
      search: searchNothing,
      findings: [],
    };
  }
  const pause = createPause(signal);
  const request: ResolutionRequest = {
    environment,
    files,
    read: readRemembered,
    root,
    facts,
    loader,
    loaderPath,
    pause,
  };
  const resolve = loader.kind === 'musl' ? resolveWithMusl : resolveWithGlibc;
  return { ...known, ...(await resolve(request)) };
}

/** A level that the machine does not know would be taken for none at all. */
function requireLevel(facts: MachineFacts | null, level: string | undefined): void {
  if (level === undefined || level === 'none' || facts === null || facts.hwcaps.includes(level)) return;
  const known = [...facts.hwcaps, 'none'].join(', ');
  throw new UserError('invalidParams', `There is no level "${level}" of this machine under glibc-hwcaps: ${known}.`);
}

function withVersion(loader: SystemLoader, minorVersion: number | undefined): SystemLoader {
  if (minorVersion === undefined || loader.kind === 'musl') return loader;
  return { ...loader, version: `2.${minorVersion}`, minorVersion };
}

interface Place {
  readonly path: ByteText;
  readonly shownPath: ByteText;
  readonly cwd: ByteText;
  readonly beside: ByteText | null;
}

/**
 * Where the file is for the loader. A file outside of the sysroot (built for it, not yet installed in it) keeps its path,
 * and what lies in its folder is seen beside what is in the sysroot, so that `$ORIGIN` finds it.
 */
function placeOf(path: ByteText, { cwd, sysroot }: LoaderEnvironment, system: HostFiles): Place {
  const shownPath = absolutePath(path, cwd);
  if (sysroot === undefined) return { path: shownPath, shownPath, cwd, beside: null };
  const inner = [
    [sysroot, shownPath],
    [system.real(sysroot) ?? sysroot, system.real(shownPath) ?? shownPath],
  ].find(([folder = '', file = '']) => isBelow(file, folder));
  if (inner === undefined) return { path: shownPath, shownPath, cwd: '/', beside: folderOf(shownPath) };
  const [folder = '', file = ''] = inner;
  return { path: `/${file.slice(folder.length).replace(/^\/+/u, '')}`, shownPath, cwd: '/', beside: null };
}

function chooseLoader(
  root: RootFile,
  facts: MachineFacts | null,
  files: LoaderFiles,
): Pick<ResolvedFile, 'loader' | 'loaderPath' | 'loaderState'> {
  const musl = muslLoaderOf(root, facts, files);
  const loaderPath = musl ?? root.object.interpreter ?? facts?.interpreter ?? '/lib/ld.so.1';
  const loader = readSystemLoader(loaderPath, files);
  if (loader !== null) return { loaderPath, loader, loaderState: 'there' };
  const loaderState = files.status(loaderPath).kind === 'error' ? 'missing' : 'unrecognised';
  return { loaderPath, loader: assumedLoader(musl === null ? 'glibc' : 'musl', facts, root.header), loaderState };
}

/**
 * A library names no interpreter, but one that was linked with musl needs `libc.musl-ARCH.so.1` (Alpine), or `libc.so`, as
 * nothing linked with glibc does; Android's libraries do too, and so the loader must be there to be believed.
 */
function muslLoaderOf({ object }: RootFile, facts: MachineFacts | null, files: LoaderFiles): ByteText | null {
  if (object.interpreter !== null)
    return /\/ld-musl-[\w-]+\.so\.1$/u.test(object.interpreter) ? object.interpreter : null;
  const names = object.dependencies.map(({ name }) => name);
  const arch = names.map(name => /^libc\.musl-([\w-]+)\.so\.1$/u.exec(name)?.[1]).find(found => found !== undefined);
  if (arch !== undefined) return `/lib/ld-musl-${arch}.so.1`;
  const usual = `/lib/ld-musl-${facts?.muslName}.so.1`;
  return names.includes('libc.so') && files.status(usual).kind === 'file' ? usual : null;
}

function unloadedKind(root: RootFile): Unloaded | null {
  const { header, object } = root;
  if (header.type === objectType.relocatable) return 'relocatable';
  if (header.type === objectType.core) return 'core';
  if (object.dynamicSection === 'split off') return 'debug-file';
  if (object.dynamicSection === 'none') return 'static';
  return object.interpreter === null && isProgram(root) ? 'static' : null;
}
