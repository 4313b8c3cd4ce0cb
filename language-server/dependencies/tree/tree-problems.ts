import { shellCommand } from '../../native/shell-quote.ts';
import type { ObjectId, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import { runsHere } from '../glibc/cpu.ts';
import { type Edge, folderOf, type LinkMap } from '../loader/link-map.ts';
import type { VersionProblem } from '../loader/resolved-program.ts';
import type { Pause } from '../pause.ts';
import type { ResolvedFile, Unloaded } from '../resolve-file.ts';
import { linkerScriptOf } from './follow-linker-script.ts';

type IdOf = (map: LinkMap) => ObjectId;

/**
 * All that is wrong with what was resolved, and what a person would wonder about, in load order.
 *
 * @param command shows the loader's own answer.
 */
export async function treeProblems(
  resolved: ResolvedFile,
  idOf: IdOf,
  command: string,
  pause: Pause,
): Promise<readonly TreeProblem[]> {
  const { main, loadOrder, versionProblems, findings } = resolved;
  const edges: TreeProblem[] = [];
  for (const map of loadOrder) {
    for (const problem of edgeProblems(resolved, map, idOf(map), command)) {
      edges.push(problem);
      await pause();
    }
  }
  const ofRoot = (finding: Finding): TreeProblem => ({ ...finding, object: idOf(main) });
  return [
    ...unloadedFindings(resolved).map(ofRoot),
    ...loaderFindings(resolved).map(ofRoot),
    ...setuidFindings(resolved).map(ofRoot),
    ...edges,
    ...truncatedProblems(resolved, idOf),
    ...versionProblems.map(problem => versionProblem(problem, idOf(problem.requester))),
    ...findings.map(ofRoot),
  ];
}

/** Nothing of this machine can be expected to load the file, and nobody said where else to look. */
function isForeign({ root, environment, loaderState }: ResolvedFile): boolean {
  return loaderState === 'missing' && environment.sysroot === undefined && !runsHere(root.header);
}

const unloadedTexts: Readonly<Record<Unloaded, string>> = {
  static: 'is linked statically: it has no program interpreter, and no loader looks for libraries when it starts',
  relocatable: 'is a relocatable object: it is input of the link editor, and names no libraries',
  core: 'is a core dump: no loader ever loads it',
  'debug-file': 'has no dynamic section. It holds debug information only; look at the file that it was split from',
};

function unloadedFindings({ unloaded, root }: ResolvedFile): readonly Finding[] {
  if (unloaded === null) return [];
  return [
    {
      code: `dependencies/${unloaded}`,
      severity: 'information',
      message: `${displayText(baseName(root.shownPath))} ${unloadedTexts[unloaded]}.`,
      evidence: {
        rule: 'gABI, "Program Loading and Dynamic Linking"',
        command: shellCommand(['readelf', '-lW', root.shownPath]),
      },
    },
  ];
}

function loaderFindings(resolved: ResolvedFile): readonly Finding[] {
  const { root, main, loaderPath, loaderState, unloaded } = resolved;
  if (unloaded !== null || loaderState === 'there') return [];
  const shown = displayText(loaderPath);
  const file = displayText(baseName(root.shownPath));
  const evidence = { command: shellCommand(['readelf', '-lW', root.shownPath]) };
  if (isForeign(resolved)) {
    const message = `${file} is for ${main.machineName}, and this machine has no loader for it (${shown}). Name a sysroot to see what is found there.`;
    return [{ code: 'dependencies/foreign-machine', severity: 'information', message, evidence }];
  }
  if (loaderState === 'unrecognised') {
    const message = `${shown} is no loader whose rules are known here. ${file} is shown as glibc's loader would resolve it.`;
    return [{ code: 'dependencies/unknown-loader', severity: 'warning', message, evidence }];
  }
  if (root.object.interpreter === null) {
    const message = `The loader ${shown}, which would load ${file}, is not there. What is found is what it would most likely find.`;
    return [{ code: 'dependencies/missing-loader', severity: 'information', message, evidence }];
  }
  const message = `The program interpreter ${shown} is not there. Starting ${file} fails with "No such file or directory".`;
  const rule = 'Linux fs/binfmt_elf.c load_elf_binary';
  return [{ code: 'dependencies/missing-interpreter', severity: 'error', message, evidence: { ...evidence, rule } }];
}

/** Started by somebody else than its owner, such a program is not resolved as it is for ldd(1). */
function setuidFindings({ root, environment }: ResolvedFile): readonly Finding[] {
  const { setUserId, setGroupId } = root.file;
  const { secure = false, libraryPath, preload } = environment;
  if ((!setUserId && !setGroupId) || secure || (!libraryPath && !preload)) return [];
  const message = `${displayText(baseName(root.shownPath))} is ${setUserId ? 'setuid' : 'setgid'}: started by another user, the loader drops LD_LIBRARY_PATH and most of LD_PRELOAD, which are set here.`;
  const evidence = { rule: 'ld.so(8), secure-execution mode', command: shellCommand(['ls', '-l', root.shownPath]) };
  return [{ code: 'dependencies/setuid', severity: 'information', message, evidence }];
}

function* edgeProblems(
  resolved: ResolvedFile,
  requester: LinkMap,
  object: ObjectId,
  command: string,
): Generator<TreeProblem> {
  const reported = new Set<ByteText>();
  for (const edge of requester.edges) {
    if (edge.error === null || reported.has(edge.name)) continue;
    reported.add(edge.name);
    yield { ...edgeFinding(resolved, requester, edge, edge.error, command), object, edge: edge.name };
  }
}

function edgeFinding(resolved: ResolvedFile, requester: LinkMap, edge: Edge, error: string, command: string): Finding {
  const name = displayText(edge.name);
  const isMusl = resolved.loader.kind === 'musl';
  const evidence = {
    rule: isMusl ? 'musl ldso/dynlink.c load_library' : 'glibc elf/dl-load.c _dl_map_object',
    command: resolved.loaderState === 'there' && !isMusl ? `LD_DEBUG=libs ${command}` : command,
  };
  if (edge.kind === 'preload') {
    const message = `${name}, which is to be preloaded, cannot be (${error}). The loader says so and goes on without it.`;
    return { code: 'dependencies/missing-preload', severity: 'warning', message, evidence };
  }
  if (edge.kind === 'auxiliary') {
    const message = `${displayText(requester.shownPath)} is an auxiliary filter for ${name}, which is not there. The loader does without.`;
    return { code: 'dependencies/missing-auxiliary', severity: 'hint', message, evidence };
  }
  const severity = isForeign(resolved) ? 'information' : 'error';
  const neededBy = `needed by ${displayText(requester.shownPath)}`;
  if (edge.refused) {
    const where = edge.tried.at(-1);
    const file = where === undefined ? name : displayText(where.path);
    const message = `${name}, ${neededBy}, cannot be loaded: ${file}: ${error}. The loader looks nowhere else.${scriptText(resolved, edge)}`;
    return { code: 'dependencies/unloadable-library', severity, message, evidence };
  }
  const message = `${name}, ${neededBy}, is not found. ${placesText(resolved, edge)}`;
  return { code: 'dependencies/missing-library', severity, message, evidence };
}

/** Which libraries were meant, where a script of the link editor has the name. */
function scriptText(resolved: ResolvedFile, edge: Edge): string {
  const script = linkerScriptOf(resolved, edge);
  const libraries = script?.inputs.filter(({ what }) => what === 'library') ?? [];
  if (libraries.length === 0) return '';
  const paths = [...new Set(libraries.map(({ path, name }) => displayText(path ?? name)))];
  return ` The script leads the link editor to ${paths.join(', ')}: link with that, by the SONAME that it has.`;
}

const shownPlaces = 8;

/** Where the loader would look: the folders in their order, with what stood there but did not fit. */
function placesText({ loader }: ResolvedFile, { name, tried }: Edge): string {
  const places = tried.filter(({ inAbsentSubfolder }) => !inAbsentSubfolder);
  const path = name.includes('/');
  const told = places.filter(({ outcome }) => path || outcome !== 'No such file or directory').slice(0, shownPlaces);
  const notes = told.map(({ path: candidate, outcome }) => ` ${displayText(candidate)}: ${outcome}.`);
  if (path) return `A name with a slash is a path.${notes.join('')}`;
  const folders = new Set(places.map(({ path }) => plainFolder(path)));
  const shown = [...folders].slice(0, shownPlaces).map(displayText);
  const more = folders.size > shown.length ? [`${folders.size - shown.length} more folders`] : [];
  const cache = loader.kind === 'musl' ? [] : [displayText(loader.cachePath)];
  return `Looked in ${[...shown, ...more, ...cache].join(', ')}.${notes.join('')}`;
}

function plainFolder(path: ByteText): ByteText {
  return folderOf(path).replace(/\/glibc-hwcaps\/[^/]*$/u, '');
}

export const truncatedCode = 'dependencies/truncated-library';

/** What no loader loads, such as a file of debug information, may well have segments that it does not hold. */
function truncatedProblems({ main, loadOrder, unloaded }: ResolvedFile, idOf: IdOf): readonly TreeProblem[] {
  const isCut = (map: LinkMap): boolean => map.object.truncated && (map !== main || unloaded === null);
  const ofMain = 'What it needs may be named in that part.';
  const ofLibrary = 'The loader maps it, and a program dies of SIGBUS once it uses that part.';
  return loadOrder.filter(isCut).map(map => truncatedProblem(map, idOf(map), map === main ? ofMain : ofLibrary));
}

function truncatedProblem({ shownPath }: LinkMap, object: ObjectId, consequence: string): TreeProblem {
  return {
    code: truncatedCode,
    severity: 'error',
    message: `${displayText(shownPath)} ends within one of its segments: a part of it is missing. ${consequence}`,
    object,
    evidence: { rule: 'mmap(2), SIGBUS', command: shellCommand(['readelf', '-lW', shownPath]) },
  };
}

function versionProblem({ kind, requester, provider, file, version }: VersionProblem, object: ObjectId): TreeProblem {
  const shownVersion = displayText(version);
  const by = displayText(requester.shownPath);
  const at = displayText(provider?.shownPath ?? file);
  const common = {
    object,
    edge: file,
    actual: version,
    evidence: {
      rule: 'glibc elf/dl-version.c _dl_check_map_versions',
      command: shellCommand(['readelf', '-VW', provider?.shownPath ?? requester.shownPath]),
    },
  };
  switch (kind) {
    case 'missing':
      return {
        ...common,
        code: 'dependencies/missing-version',
        severity: 'error',
        message: `${at}: version \`${shownVersion}' not found (required by ${by}). The library that is found is older than the one that was linked with, or another one.`,
      };
    case 'weak':
      return {
        ...common,
        code: 'dependencies/missing-weak-version',
        severity: 'information',
        message: `${at}: weak version \`${shownVersion}' not found (required by ${by}). The loader goes on.`,
      };
    case 'unversioned':
      return {
        ...common,
        code: 'dependencies/no-version-information',
        severity: 'warning',
        message: `${at}: no version information available (required by ${by}). The loader goes on and binds by names alone.`,
      };
    case 'no-provider':
      return {
        ...common,
        code: 'dependencies/missing-version-provider',
        severity: 'error',
        message: `${by} asks versions of ${displayText(file)}, which nothing that is loaded is named. The loader ends with an assertion.`,
      };
  }
}

function baseName(path: ByteText): ByteText {
  return path.slice(path.lastIndexOf('/') + 1);
}
