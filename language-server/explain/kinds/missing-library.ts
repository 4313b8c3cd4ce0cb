import { describeErrno } from '../../dependencies/files/errno.ts';
import { folderOf } from '../../dependencies/loader/link-map.ts';
import type { LoaderTarget } from '../../dependencies/objects/loader-object.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { howFoundText } from '../../protocol/how-found-text.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { cacheRemedy, libraryPathRemedy, runPathRemedy } from '../file-remedies.ts';
import { copiesOf, type LibraryCopy, otherVersions } from '../library-copies.ts';
import { configuredFolders } from '../loader-folders.ts';
import { chainText, type FoundNeed, fileName, needsOf, nullableFile, searchedFacts } from '../loading.ts';
import { type Origin, originOf } from '../origin.ts';
import { packageRemedies } from '../package-remedies.ts';
import type { SystemError } from '../phrases.ts';
import { isCached } from '../symbol-search.ts';
import { tracebackModules } from '../traceback.ts';
import type { World } from '../world.ts';

/** What a text says of a library that could not be opened. */
export interface MissingLibrary {
  readonly object: ByteText;
  readonly program: ByteText | null;
  /** Who needs it, where the text says so. */
  readonly requester: ByteText | null;
  readonly error: SystemError | null;
  readonly loader: 'glibc' | 'musl';
  readonly teller: Origin['teller'];
  /** Files that a traceback leads to and that may need it. */
  readonly suspects: (world: World) => Promise<readonly ByteText[]>;
}

/** GNU ld: "warning: LIBRARY, needed by FILE, not found (try using -rpath or -rpath-link)", and lld's words for it. */
export const missingAtLinkTime: ErrorKind = {
  *recognise(text) {
    const pattern =
      /(?:warning: )?(?<object>[^\s,:]+\.so[^\s,]*), needed by (?<by>[^,\n]+), not found(?: \(try using -rpath or -rpath-link\))?/gu;
    for (const match of matches(text.text, pattern)) {
      const told: MissingLibrary = {
        object: group(match, 'object'),
        program: null,
        requester: group(match, 'by'),
        error: null,
        loader: 'glibc',
        teller: 'other',
        suspects: () => Promise.resolve([]),
      };
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['missing-library', told.object, told.requester]),
        explain: world => explainMissingLibrary(world, told),
      };
    }
  },
};

/** glibc elf/dl-load.c `_dl_map_object`: "OBJECT: cannot open shared object file: ERROR". */
export const missingLibrary: ErrorKind = {
  *recognise(text, phrases) {
    const phrase = phrases.pattern('cannot open shared object file', 'cannot stat shared object');
    const pattern = new RegExp(
      `^(?<before>[^\\n]+?)\\s?:\\s+${phrase}(?:\\s?:\\s+(?<error>[^\\n),;}]*?)(?:\\)? - (?<ruby>/\\S+\\.so)\\b|(?=[\\n),;}]|$)))?`,
      'gmu',
    );
    for (const match of matches(text.text, pattern)) {
      const before = group(match, 'before');
      const origin = originOf(before);
      if (origin.object === '') continue;
      const told: MissingLibrary = {
        ...origin,
        // Ruby puts the library that it was loading behind the message.
        requester: origin.requester ?? (group(match, 'ruby') || null),
        loader: 'glibc',
        error: phrases.systemError(group(match, 'error')),
        suspects: world => suspectsOf(world, text.context, match.index, origin),
      };
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].trimEnd().length,
        key: JSON.stringify(['missing-library', origin.program, origin.object]),
        explain: world => explainMissingLibrary(world, told),
      };
    }
  },
};

async function suspectsOf(
  world: World,
  text: string,
  at: number,
  { object, teller }: Origin,
): Promise<readonly ByteText[]> {
  return teller === 'python' ? await tracebackModules(world, text.slice(0, at), object) : [];
}

export async function explainMissingLibrary(world: World, told: MissingLibrary): Promise<Explained> {
  const { object, error } = told;
  const program = nullableFile(world, told.program);
  const given = nullableFile(world, told.requester);
  const roots = [program, given].flatMap(file => file?.path ?? []);
  const needs = await needsOf(world, roots.length > 0 ? roots : await told.suspects(world), object);
  const need = needs.find(({ edge }) => edge.found === null) ?? needs[0];
  const path = object.includes('/') ? world.locate(object) : (need?.edge.found?.shownPath ?? null);
  const target = targetOf(world, [need?.requester.shownPath, ...roots]);
  const near = [...new Set([...needs.map(({ requester }) => requester.shownPath), ...roots])];
  const name = object.slice(object.lastIndexOf('/') + 1);
  const copies = (await copiesOf(world, name, near, target)).filter(({ path }) => path !== object);
  const requiredBy =
    need === undefined
      ? given
      : { name: told.requester ?? fileName(need.requester.shownPath), path: need.requester.shownPath };
  const cached =
    need === undefined && roots.length === 0 && told.loader === 'glibc' && !object.includes('/')
      ? copies.find(copy => copy.problem === null && isCached(world, copy.path))
      : undefined;
  const state: PresentState =
    cached === undefined
      ? stateOf(told, need, roots, path)
      : {
          kind: 'resolved',
          text: `The loader's cache leads to ${displayText(cached.path)} now, so that programs of this machine find it.`,
        };
  return explained(
    {
      kind: 'missing-library',
      title: `${displayText(object)} ${error === 'Permission denied' ? 'may not be read' : 'is not found'}`,
      summary: summaryOf(told, requiredBy?.name ?? null),
    },
    {
      object: { name: object, path },
      program,
      requiredBy,
      provider: need?.edge.found
        ? {
            name: object,
            path: need.edge.found.shownPath,
            how: need.edge.how === null ? null : howFoundText(need.edge.how),
            offers: [],
          }
        : null,
      state,
      facts: [
        ...(need === undefined ? [] : [...chainFacts(need), ...searchedFacts(need)]),
        ...needs.slice(1, 4).map(({ requester }) => `${displayText(requester.shownPath)} needs it too.`),
        ...(cached === undefined ? copyFacts(copies, need) : []),
        ...otherVersionFacts(world, name, copies, near),
      ],
      remedies: cached === undefined ? await remediesOf(world, told, need, copies, program?.path ?? null, target) : [],
      evidence: evidenceOf(told, need, program?.path ?? null),
    },
  );
}

function summaryOf(told: MissingLibrary, requiredBy: ByteText | null): string {
  const { object, error } = told;
  const by = requiredBy === null ? '' : `, which ${displayText(requiredBy)} needs`;
  const why = error === null || error === 'No such file or directory' ? '' : ` (${error})`;
  return `The loader could not open ${displayText(object)}${by}${why}. ${reasonText(told)}`;
}

function reasonText({ object, error, loader }: MissingLibrary): string {
  if (error === 'Permission denied')
    return 'A file of that name is there, but the account that runs the program may not read it, or a folder on the way to it.';
  if (error === 'Too many open files')
    return 'The process has as many files open as it may (ulimit -n): the file itself may be fine.';
  if (object.includes('/')) return 'A name with a slash is a path and is looked for nowhere else.';
  if (loader === 'musl')
    return 'musl looks in LD_LIBRARY_PATH, then in the RPATH of who needs it and of those that loaded that, then in the folders of its path file.';
  return 'It is in none of the folders that the loader looks in for the one that needs it: its RPATH or RUNPATH, LD_LIBRARY_PATH, the cache, the folders of the system.';
}

function targetOf(world: World, paths: readonly (ByteText | undefined)[]): LoaderTarget | null {
  for (const path of paths) {
    const file = path === undefined ? null : world.read(path);
    if (file?.kind === 'elf') return file.header;
  }
  return null;
}

function stateOf(
  told: MissingLibrary,
  need: FoundNeed | undefined,
  roots: readonly ByteText[],
  path: ByteText | null,
): PresentState {
  const { object } = told;
  const shown = displayText(object);
  if (need !== undefined) {
    const by = displayText(need.requester.shownPath);
    if (need.edge.found === null) {
      const why =
        need.edge.error?.endsWith(describeErrno('ENOENT')) !== false
          ? 'is still not found'
          : `still cannot be loaded (${displayText(need.edge.error)})`;
      return { kind: 'persists', text: `${shown}, needed by ${by}, ${why}.` };
    }
    const how = need.edge.how === null ? '' : ` by ${howFoundText(need.edge.how)}`;
    return {
      kind: 'resolved',
      text: `Now it is found: ${displayText(need.edge.found.shownPath)}${how}. Was the program started with another environment, or is the file new?`,
    };
  }
  if (object.includes('/')) {
    return path === null
      ? { kind: 'persists', text: `There is still no file ${shown}.` }
      : { kind: 'resolved', text: `The file is there now: ${displayText(path)}.` };
  }
  const [root] = roots;
  if (root !== undefined && told.teller === 'loader') {
    return {
      kind: 'resolved',
      text: `As it is now, neither ${displayText(root)} nor a library that it loads needs ${shown}: it was built anew, or started with a preload.`,
    };
  }
  if (root !== undefined) {
    return {
      kind: 'unknown',
      text: `Nothing that ${displayText(root)} is linked with needs ${shown} by name: it, or a library of it, asks for it at run time (dlopen).`,
    };
  }
  return {
    kind: 'unknown',
    text: 'The text does not say which file needs it, so the folders that its RPATH or RUNPATH adds are not known.',
  };
}

function chainFacts({ requester }: FoundNeed): readonly string[] {
  return requester.loader === null ? [] : [`It is needed on this way: ${chainText(requester)}.`];
}

function copyFacts(copies: readonly LibraryCopy[], need: FoundNeed | undefined): readonly string[] {
  return copies.slice(0, 4).map(({ path, problem }) => {
    if (problem !== null) return `There is ${displayText(path)}, which does not fit: ${problem}.`;
    const trap = inheritedTrap(path, need);
    return `There is a file of that name that fits, where the loader does not look: ${displayText(path)}.${trap}`;
  });
}

/** The classic: the program's RUNPATH has the folder, and does not hold for what its libraries need. */
function inheritedTrap(path: ByteText, need: FoundNeed | undefined): string {
  if (need === undefined) return '';
  const { resolved, requester } = need;
  const { main } = resolved;
  const folders = (main.runpath ?? []).map(({ folder }) => folder.name.replace(/\/$/u, ''));
  if (requester === main || main.object.runpath === null) return '';
  const inRunpath =
    folders.includes(folderOf(path)) ||
    main.edges.some(({ found }) => found !== null && folderOf(found.shownPath) === folderOf(path));
  if (!inRunpath) return '';
  return ` The RUNPATH of ${fileName(main.shownPath)} has that folder, but a RUNPATH holds only for what its own object needs, not for what ${fileName(requester.shownPath)} needs (an RPATH would hold for both).`;
}

function otherVersionFacts(
  world: World,
  name: ByteText,
  copies: readonly LibraryCopy[],
  near: readonly ByteText[],
): readonly string[] {
  if (copies.some(({ problem }) => problem === null)) return [];
  const others = otherVersions(world, name, near.map(folderOf));
  if (others.length === 0) return [];
  return [
    `Here is another version of it, with another interface: ${others.slice(0, 4).map(displayText).join(', ')}. A link from one name to the other only moves the error.`,
  ];
}

async function remediesOf(
  world: World,
  told: MissingLibrary,
  need: FoundNeed | undefined,
  copies: readonly LibraryCopy[],
  program: ByteText | null,
  target: LoaderTarget | null,
): Promise<readonly Remedy[]> {
  if (need !== undefined && need.edge.found !== null) return [];
  const copy = copies.find(({ problem }) => problem === null);
  const packages = (await packageRemedies(world, told.object, target?.class ?? null)).filter(
    ({ id }) => copy === undefined || id !== 'install-package',
  );
  const denied = told.error === 'Permission denied' ? permissionRemedies(copies, need) : [];
  if (copy === undefined) return [...denied, ...packages, ...findRemedies(told.object, packages)];
  const folder = folderOf(copy.path);
  const configured =
    told.loader === 'glibc' && configuredFolders(world).includes(folder) && !isCached(world, copy.path);
  const runPath =
    need === undefined
      ? []
      : [runPathRemedy({ path: need.requester.shownPath, object: need.requester.object }, folder)];
  const started =
    program ??
    (need === undefined || need.resolved.main.kind !== 'program' || need.resolved.main.object.interpreter === null
      ? null
      : need.resolved.main.shownPath);
  const system = told.loader === 'glibc' ? [cacheRemedy(folder, configured)] : [];
  return [
    ...denied,
    ...(configured ? system : []),
    ...runPath,
    libraryPathRemedy(folder, started),
    ...(configured ? [] : system),
    ...packages,
  ];
}

function permissionRemedies(copies: readonly LibraryCopy[], need: FoundNeed | undefined): readonly Remedy[] {
  const path = need?.edge.tried.find(({ outcome }) => outcome === 'Permission denied')?.path ?? copies[0]?.path;
  if (path === undefined) return [];
  return [
    {
      id: 'permissions',
      title: `Let ${fileName(path)} be read`,
      why: 'The loader needs to read the file and to search each folder on the way to it; namei -l shows which of them forbids it.',
      command: `chmod a+r ${shellWord(path)} && ${shellCommand(['namei', '-l', path])}`,
    },
  ];
}

function findRemedies(object: ByteText, others: readonly Remedy[]): readonly Remedy[] {
  if (others.length > 0 && !others.some(({ id }) => id === 'find-package')) return [];
  return [
    {
      id: 'find-file',
      title: 'Look for the file on this machine',
      why: 'It was not where libraries usually are.',
      command: `find / -xdev -name ${shellWord(object.slice(object.lastIndexOf('/') + 1))} 2>/dev/null`,
    },
  ];
}

function evidenceOf(
  { loader }: MissingLibrary,
  need: FoundNeed | undefined,
  program: ByteText | null,
): Explained['evidence'] {
  const rule = loader === 'musl' ? 'musl ldso/dynlink.c load_library' : 'glibc elf/dl-load.c _dl_map_object';
  const file = need?.requester.shownPath ?? program;
  return [{ rule, ...(file === null ? {} : { command: `${shellCommand(['readelf', '-d', file])}` }) }];
}
