import type {
  DependencyTree,
  Need,
  ObjectId,
  TreeConditions,
  TreeObject,
  TreeProblem,
  WhatIf,
} from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { HostFiles } from '../files/loader-files.ts';
import { fragileProblems } from '../fragile/fragile.ts';
import type { LoaderEnvironment } from '../loader/environment.ts';
import type { Edge, LinkMap } from '../loader/link-map.ts';
import { createPause } from '../pause.ts';
import { type ResolvedFile, resolveFile } from '../resolve-file.ts';
import { findSoftEdges } from '../soft/soft-edges.ts';
import { linkerScriptOf } from './follow-linker-script.ts';
import { loaderCommand } from './loader-command.ts';
import { objectIds } from './object-ids.ts';
import { countProblemsBelow } from './problems-below.ts';
import { treeProblems } from './tree-problems.ts';
import { effectiveEnvironment } from './what-if.ts';

export { effectiveEnvironment };

/** Each {@link WhatIf} instead of what the environment has; a relative sysroot counts from the working directory. */
export interface TreeOptions extends WhatIf {
  /** Absent: that of this process. */
  readonly environment?: LoaderEnvironment;
  /** Look for what is loaded by dlopen(3) too. Absent: not. */
  readonly softEdges?: boolean;
  /** Who is asked about files; absent: the system, anew for each. What resolves many files shares a snapshot. */
  readonly files?: HostFiles;
}

/**
 * The tree of a file as its loader would resolve it. Nothing is run, mapped or loaded.
 *
 * @throws UserError notFound, unreadable, notRegularFile or notElf, where the file itself cannot be looked at. Of anything
 * else that is wrong, the tree tells.
 */
export async function resolveTree(path: ByteText, options: TreeOptions, signal?: AbortSignal): Promise<DependencyTree> {
  return toTree(await resolveFile(path, effectiveEnvironment(options), signal, options.files), options, signal);
}

async function toTree(
  resolved: ResolvedFile,
  { softEdges = false }: TreeOptions,
  signal: AbortSignal | undefined,
): Promise<DependencyTree> {
  const { loadOrder, main, loader } = resolved;
  const ids = objectIds(loadOrder);
  const idOf = (map: LinkMap): ObjectId => ids.get(map) ?? map.shownPath;
  const command = loaderCommand(resolved);
  const pause = createPause(signal);
  const soft = softEdges ? await findSoftEdges(resolved, idOf, signal) : null;
  const problems = [
    ...(await treeProblems(resolved, idOf, command, pause)),
    ...(await fragileProblems(resolved, idOf, signal)),
    ...(soft?.problems ?? []),
  ];
  const needs = new Map<ObjectId, Need[]>();
  for (const map of loadOrder) {
    const own: Need[] = [];
    needs.set(idOf(map), own);
    for (const edge of map.edges.filter(isNeed)) {
      own.push(toNeed(edge, idOf, resolved));
      await pause();
    }
  }
  const below = countProblemsBelow(needs, problems);
  const objects: Record<ObjectId, TreeObject> = Object.create(null) as Record<ObjectId, TreeObject>;
  for (const map of loadOrder) {
    const id = idOf(map);
    objects[id] = {
      path: map.shownPath,
      identity: map.file.identity,
      soname: map.object.soname,
      machine: map.machineName,
      needs: needs.get(id) ?? [],
      ...(soft !== null && { softEdges: soft.edges.get(map) ?? [] }),
      problemsBelow: below.get(id) ?? 0,
    };
  }
  return {
    root: idOf(main),
    loader: { kind: loader.kind, version: loader.version },
    loadOrder: loadOrder.map(idOf),
    objects,
    problems: limited(problems, idOf(main)),
    conditions: conditionsOf(resolved),
    command,
  };
}

/** A tree has a handful; a hostile file could have as many as it has room for names. */
const mostProblems = 10_000;

function limited(problems: readonly TreeProblem[], root: ObjectId): readonly TreeProblem[] {
  if (problems.length <= mostProblems) return problems;
  const more = (problems.length - mostProblems).toLocaleString('en');
  const message = `${more} more problems are not listed.`;
  const last: TreeProblem = { code: 'dependencies/problem-limit', severity: 'information', message, object: root };
  return [...problems.slice(0, mostProblems), last];
}

function conditionsOf({ environment, loaderPath, hwcaps }: ResolvedFile): TreeConditions {
  const { cwd, libraryPath, preload, secure = false, sysroot } = environment;
  return {
    cwd,
    libraryPath: libraryPath || null,
    preload: preload || null,
    hwcaps,
    setuid: secure,
    sysroot: sysroot ?? null,
    loaderPath,
  };
}

/** The loader takes no notice of an auxiliary filtee that is not there; a hint among the problems tells of it. */
function isNeed({ kind, found }: Edge): boolean {
  return kind !== 'auxiliary' || found !== null;
}

function toNeed(edge: Edge, idOf: (map: LinkMap) => ObjectId, resolved: ResolvedFile): Need {
  const { kind, name, found, how, tried } = edge;
  const linkerScript = linkerScriptOf(resolved, edge);
  const shown = tried.filter(({ inAbsentSubfolder }) => !inAbsentSubfolder);
  return {
    name,
    ...(kind !== 'needed' && { kind }),
    object: found === null ? null : idOf(found),
    how,
    tried: shown.map(({ path, outcome }) => ({ path, outcome })),
    ...(linkerScript !== null && { linkerScript }),
  };
}
