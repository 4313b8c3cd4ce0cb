import type { AnswerMemory, Round } from '../dependencies/files/answer-memory.ts';
import { createFileSnapshot } from '../dependencies/files/file-snapshot.ts';
import { hostFiles } from '../dependencies/files/loader-files.ts';
import { environmentFromProcess } from '../dependencies/loader/environment.ts';
import { createPause } from '../dependencies/pause.ts';
import { effectiveEnvironment, resolveTree, type TreeOptions } from '../dependencies/tree/tree.ts';
import { pathToFileUri } from '../native/file-uri.ts';
import { shellCommand } from '../native/shell-quote.ts';
import type { DependencyTree } from '../protocol/dependencies.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { ScanError, ScannedFile, ScannedState } from '../protocol/scan.ts';
import type { LibraryFile } from './copies.ts';
import { createExclusion } from './exclusion.ts';
import { type FindOptions, type FoundElf, findElfFiles } from './find-elf-files.ts';
import type { FolderMemory } from './memory/folder-memory.ts';
import { isInShard, type Shard } from './shard.ts';

/** What is looked at, and how it is resolved. */
export interface ScanOptions extends TreeOptions {
  /** Globs of what to leave out. */
  readonly exclude?: readonly string[];
  /** Folders below those that are scanned, which another scan is for. */
  readonly elsewhere?: readonly ByteText[];
  /** Only a part of the files. */
  readonly shard?: Shard;
  /** What earlier scans of the same with the same options saw; absent: everything is looked at. */
  readonly memory?: ScanMemory;
  readonly signal?: AbortSignal;
  /** Called between two steps, some hundred times a second. */
  readonly onStep?: (counts: ScanCounts) => void;
}

export interface ScanMemory {
  readonly folders: FolderMemory;
  readonly resolutions: AnswerMemory<ScannedFile>;
}

export interface ScanCounts {
  /** Regular files. */
  readonly looked: number;
  readonly elf: number;
}

export interface ScanOutcome extends ScanCounts {
  readonly errors: readonly ScanError[];
  /** Those that have a SONAME. */
  readonly libraries: readonly LibraryFile[];
  /** Every name that any file needs. */
  readonly needed: ReadonlySet<ByteText>;
}

/**
 * Resolves every ELF file at or below some paths as its loader would, each for itself; nothing is run. What is known of paths
 * and of the files behind them is shared between all of them, as they were when the scan first saw them.
 *
 * @param onFile Called for each, in the order of the paths below each folder.
 * @throws UserError `invalidParams` for a glob that cannot be understood, `notFound` for a sysroot that is not there; or what
 * the signal is aborted with.
 */
export async function scanFiles(
  paths: readonly ByteText[],
  options: ScanOptions,
  onFile: (file: ScannedFile) => void,
): Promise<ScanOutcome> {
  const { exclude = [], elsewhere = [], shard, memory, signal, onStep, ...treeOptions } = options;
  signal?.throwIfAborted();
  const errors: ScanError[] = [];
  const libraries: LibraryFile[] = [];
  const needed = new Set<ByteText>();
  let [looked, elf] = [0, 0];
  const shared: TreeOptions = { ...treeOptions, environment: treeOptions.environment ?? environmentFromProcess() };
  refuseImpossible(shared);
  const resolutions = memory?.resolutions.begin() ?? withoutMemory();
  const pause = createPause(signal);
  const find: FindOptions = {
    exclude: createExclusion(exclude),
    elsewhere: new Set(elsewhere),
    onUnreadable: (path, code) => errors.push({ path, message: unreadableText(path, code) }),
    ...(shard !== undefined && { isWanted: (path: ByteText) => isInShard(shard, path) }),
    ...(memory !== undefined && { memory: memory.folders }),
  };
  for (const step of findElfFiles(paths, find)) {
    looked += step.looked;
    onStep?.({ looked, elf });
    await pause();
    for (const found of step.found) {
      await pause();
      const file = await scanFile(found, shared, resolutions, errors, signal);
      if (file === null) continue;
      elf += 1;
      if (isLibrary(file)) libraries.push({ ...found, soname: file.soname, machine: file.machine });
      for (const { name } of file.needs) needed.add(name);
      onFile(file);
    }
  }
  signal?.throwIfAborted();
  return { looked, elf, errors, libraries, needed };
}

function withoutMemory(): Round<ScannedFile> {
  const files = createFileSnapshot();
  return { answer: (_key, _version, workOut) => workOut(files) };
}

function isLibrary(file: ScannedFile): file is ScannedFile & { readonly soname: ByteText } {
  return file.soname !== null && file.state === 'resolved';
}

/** Null where it went away, or cannot be read any more. */
async function scanFile(
  found: FoundElf,
  options: TreeOptions,
  resolutions: Round<ScannedFile>,
  errors: ScanError[],
  signal: AbortSignal | undefined,
): Promise<ScannedFile | null> {
  const { path } = found;
  try {
    return await resolutions.answer(path, found.version, async files =>
      scannedFile(path, await resolveTree(path, { ...options, files }, signal)),
    );
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    if (error.kind === 'notElf') return damagedFile(path, error);
    if (error.kind === 'unreadable') errors.push({ path, message: error.message });
    // Anything else: it went away, or became something else, since it was found.
    return null;
  }
}

/** What cannot be resolved for any file is said once, instead of passing for files that went away. */
function refuseImpossible(options: TreeOptions): void {
  const { sysroot } = effectiveEnvironment(options);
  if (sysroot === undefined || hostFiles.status(sysroot).kind === 'directory') return;
  throw new UserError('notFound', `The sysroot ${displayText(sysroot)} is not a folder.`);
}

const stateCodes: ReadonlyMap<string, ScannedState> = new Map([
  ['dependencies/static', 'static'],
  ['dependencies/relocatable', 'relocatable'],
  ['dependencies/core', 'core'],
  ['dependencies/debug-file', 'debug-file'],
]);

function scannedFile(path: ByteText, tree: DependencyTree): ScannedFile {
  const root = tree.objects[tree.root];
  const reason = tree.problems.find(({ code }) => stateCodes.has(code));
  return {
    path,
    uri: pathToFileUri(path),
    state: stateCodes.get(reason?.code ?? '') ?? 'resolved',
    machine: root?.machine ?? '',
    soname: root?.soname ?? null,
    needs: (root?.needs ?? [])
      // What is preloaded is not asked for by the file.
      .filter(({ kind }) => kind !== 'preload')
      .map(({ name, object }) => ({
        name,
        object: object === null ? null : (tree.objects[object]?.path ?? object),
      })),
    problems: reason === undefined ? tree.problems : tree.problems.filter(problem => problem !== reason),
  };
}

/** It begins with the magic, and nothing can be read behind it. */
function damagedFile(path: ByteText, { message }: UserError): ScannedFile {
  const evidence = { rule: 'gABI, "ELF Header"', command: shellCommand(['readelf', '-hlW', path]) };
  return {
    path,
    uri: pathToFileUri(path),
    state: 'damaged',
    machine: '',
    soname: null,
    needs: [],
    problems: [{ code: 'scan/damaged-file', severity: 'warning', message, object: path, evidence }],
  };
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be read (permission denied)',
  EPERM: 'may not be read (operation not permitted)',
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is not a folder',
  ELOOP: 'leads through too many symbolic links',
};

function unreadableText(path: ByteText, code: string): string {
  return `${displayText(path)} ${reasons[code] ?? `cannot be read (${code})`}.`;
}
