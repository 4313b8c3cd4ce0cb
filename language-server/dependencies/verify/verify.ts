import { decodeBytes } from '../../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../../native/door.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { DependencyTree, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { LoaderDifference, Verification } from '../../protocol/verify.ts';
import { type ResolvedFile, resolveFile } from '../resolve-file.ts';
import { tracedPath } from '../tree/loader-command.ts';
import type { TreeOptions } from '../tree/tree.ts';
import { effectiveEnvironment } from '../tree/what-if.ts';
import { type ListedObject, type Listing, parseListing } from './loader-listing.ts';

const deadlineMs = 30_000;

/**
 * Asks the loader itself, as ldd(1) does, and compares. This maps the file into a process, where a hostile one can act: it is
 * refused in a workspace that is not trusted.
 *
 * @throws UserError untrusted, toolFailed, toolTimedOut; as {@link resolveTree} for the file.
 */
export async function verifyWithLoader(
  door: NativeDoor,
  tree: DependencyTree,
  options: TreeOptions,
  signal?: AbortSignal,
): Promise<Verification> {
  const path = tree.objects[tree.root]?.path ?? tree.root;
  const resolved = await resolveFile(path, effectiveEnvironment(options), signal);
  const reason = whyNotVerified(resolved);
  if (reason !== null) return { kind: 'notVerified', message: reason };
  const { environment, loader, loaderPath } = resolved;
  const file = tracedPath(resolved);
  const args = loader.kind === 'musl' ? ['--list', file] : [file];
  const outcome = await door.runProgram({
    command: loaderPath,
    args,
    cwd: environment.cwd,
    env: {
      LC_ALL: 'C',
      LD_LIBRARY_PATH: environment.libraryPath,
      LD_PRELOAD: environment.preload,
      LD_TRACE_LOADED_OBJECTS: loader.kind === 'musl' ? undefined : '1',
    },
    deadlineMs,
    ...(signal !== undefined && { signal }),
  });
  const listing = parseListing(textOf(outcome, shellCommand([loaderPath, ...args]), signal));
  const differences = compare(tree, resolved, listing);
  const { command } = tree;
  if (differences.length > 0) return { kind: 'differs', command, differences };
  return { kind: 'agrees', command, objects: tree.loadOrder.length };
}

function whyNotVerified({ root, environment, loaderPath, loaderState, unloaded }: ResolvedFile): string | null {
  const shown = displayText(root.shownPath);
  if (unloaded !== null) return `No loader looks for libraries of ${shown}.`;
  if (environment.sysroot !== undefined) return 'The loader of a sysroot cannot be run outside of it.';
  const { hwcapsLevel, glibcMinorVersion, secure } = environment;
  if (hwcapsLevel !== undefined || glibcMinorVersion !== undefined || secure === true) {
    return 'The loader of this machine cannot be asked what it would do with another processor, version or rights.';
  }
  if (loaderState !== 'there') return `There is no loader to ask: ${displayText(loaderPath)}.`;
  return null;
}

/** Both streams: the loader prints its list on one, and what it could not find or load on the other. */
function textOf(outcome: RunOutcome, command: string, signal: AbortSignal | undefined): string {
  switch (outcome.kind) {
    case 'exited':
      return `${decodeBytes(outcome.stdout)}\n${decodeBytes(outcome.stderr)}`;
    case 'timedOut':
      throw new UserError('toolTimedOut', `The loader did not end within ${deadlineMs / 1000} s: ${command}`);
    case 'untrusted':
      throw new UserError('untrusted', outcome.message);
    case 'spawnFailed':
    case 'missing':
      throw new UserError('toolFailed', `The loader could not be run: ${outcome.message}`);
    case 'cancelled':
      signal?.throwIfAborted();
      throw new UserError('toolFailed', 'The loader was stopped.');
  }
}

function compare(tree: DependencyTree, resolved: ResolvedFile, listing: Listing): readonly LoaderDifference[] {
  // musl goes on after any of them.
  const isFatal = ({ code }: TreeProblem): boolean => code === 'dependencies/unloadable-library';
  const fatal = resolved.loader.kind === 'musl' ? undefined : tree.problems.find(isFatal);
  if (listing.error !== null || fatal !== undefined) {
    if (listing.error !== null && fatal !== undefined) return [];
    return [{ kind: 'error', tree: fatal?.message ?? null, loader: listing.error }];
  }
  if (listing.staticallyLinked && resolved.main.edges.every(({ kind }) => kind !== 'needed')) return [];
  const auxiliaries = missingAuxiliaries(resolved);
  return [
    ...comparePaths(listedPaths(tree, resolved), loaderPaths(listing.objects, resolved)),
    ...compareMissing(missingNames(resolved), listing.missing).filter(({ loader }) => !auxiliaries.has(loader)),
  ];
}

/**
 * What the loader lists behind the file itself: filtees of the file stand before it, and are not listed. musl's lists itself
 * first, and again for each of its names, wherever it stands.
 */
function listedPaths(tree: DependencyTree, { main, loader, loaderPath }: ResolvedFile): readonly ByteText[] {
  const filtees = main.edges.filter(({ kind }) => kind === 'filter' || kind === 'auxiliary');
  const unlisted = new Set(filtees.map(edge => edge.found?.shownPath));
  if (loader.kind === 'musl') unlisted.add(loaderPath);
  return tree.loadOrder
    .slice(1)
    .map(id => tree.objects[id]?.path ?? id)
    .filter(path => !unlisted.has(path));
}

function loaderPaths(objects: readonly ListedObject[], resolved: ResolvedFile): readonly ByteText[] {
  const { environment, loader, loaderPath } = resolved;
  return objects
    .map(({ path }) => (path.startsWith('/') ? path : `${environment.cwd}/${path.replace(/^(?:\.\/+)+/u, '')}`))
    .filter(path => loader.kind !== 'musl' || path !== loaderPath);
}

function comparePaths(ours: readonly ByteText[], theirs: readonly ByteText[]): readonly LoaderDifference[] {
  const [inTree, inLoader] = [new Set(ours), new Set(theirs)];
  const differences: LoaderDifference[] = [
    ...[...inTree]
      .filter(path => !inLoader.has(path))
      .map(path => ({ kind: 'path' as const, tree: path, loader: null })),
    ...[...inLoader]
      .filter(path => !inTree.has(path))
      .map(path => ({ kind: 'path' as const, tree: null, loader: path })),
  ];
  if (differences.length > 0) return differences;
  const place = ours.findIndex((path, index) => path !== theirs[index]);
  if (place < 0) return [];
  return [{ kind: 'order', tree: ours[place] ?? null, loader: theirs[place] ?? null }];
}

/** Names that are found for no object or for some only. The loader's list has no misses among preloads. */
function missingNames({ loadOrder }: ResolvedFile): ReadonlySet<ByteText> {
  const edges = loadOrder.flatMap(map => map.edges).filter(({ kind }) => kind === 'needed' || kind === 'filter');
  return new Set(edges.filter(({ found }) => found === null).map(({ expandedName }) => expandedName));
}

/** It lists these as misses, and does without when it is not only listing. */
function missingAuxiliaries({ loadOrder }: ResolvedFile): ReadonlySet<ByteText | null> {
  const edges = loadOrder.flatMap(map => map.edges).filter(({ kind }) => kind === 'auxiliary');
  return new Set(edges.map(({ expandedName }) => expandedName));
}

function compareMissing(ours: ReadonlySet<ByteText>, theirs: ReadonlySet<ByteText>): readonly LoaderDifference[] {
  return [
    ...[...ours]
      .filter(name => !theirs.has(name))
      .map(name => ({ kind: 'missing' as const, tree: name, loader: null })),
    ...[...theirs]
      .filter(name => !ours.has(name))
      .map(name => ({ kind: 'missing' as const, tree: null, loader: name })),
  ];
}
