import { shellCommand } from '../../native/shell-quote.ts';
import type { ObjectId, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { FileRights, HostFiles } from '../files/loader-files.ts';
import { type Edge, folderOf, type LinkMap } from '../loader/link-map.ts';
import type { ResolvedFile } from '../resolve-file.ts';

/** Why somebody else can decide what is loaded. */
type Insecurity = 'relative' | 'empty' | 'world-writable' | 'user-writable' | 'group-writable';

const worldWritable = 0o002;
const groupWritable = 0o020;
const sticky = 0o1000;

/**
 * Libraries that are found through a folder that is another one wherever the program is started, or that users other than root
 * and the owner of the file can write to. Each folder is told of once.
 */
export function insecureFolderProblems(
  resolved: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
): readonly TreeProblem[] {
  const writable = writableFolders(resolved.system, resolved.root.shownPath);
  const told = new Map<string, TreeProblem>();
  for (const requester of resolved.loadOrder) {
    for (const edge of requester.edges) {
      const folder = searchedFolder(edge);
      if (folder === null) continue;
      const written = writtenInsecurity(resolved, edge);
      const insecurity = written ?? writable(folder);
      // One run path leads many libraries to one folder.
      const place = written === null ? folder : `${requester.shownPath}\0${edge.how?.entry ?? edge.name}`;
      const key = `${insecurity}\0${place}`;
      if (insecurity === null || told.has(key)) continue;
      told.set(key, problemOf(requester, edge, insecurity, folder, idOf(requester)));
    }
  }
  return [...told.values()];
}

/** Of what was looked for among files. */
function searchedFolder({ found, how }: Edge): ByteText | null {
  if (found === null || how?.rule === 'already-loaded' || how?.rule === 'interpreter') return null;
  return folderOf(found.shownPath);
}

function writableFolders({ rights }: HostFiles, program: ByteText): (folder: ByteText) => Insecurity | null {
  const owner = rights(program)?.owner ?? null;
  const statuses = new Map<ByteText, FileRights | null>();
  const verdicts = new Map<ByteText, Insecurity | null>();
  const rightsOf = (folder: ByteText): FileRights | null => {
    const known = statuses.get(folder);
    const status = known === undefined ? rights(folder) : known;
    statuses.set(folder, status);
    return status;
  };
  return folder => {
    const known = verdicts.get(folder);
    const verdict = known === undefined ? writableInsecurity(folder, owner, rightsOf) : known;
    verdicts.set(folder, verdict);
    return verdict;
  };
}

/** By how the folder is written: musl skips empty elements. */
function writtenInsecurity({ loader }: ResolvedFile, { how, found, expandedName }: Edge): Insecurity | null {
  if (how === null || found === null) return null;
  if (how.rule === 'path') return expandedName.startsWith('/') ? null : 'relative';
  if (how.rule !== 'rpath' && how.rule !== 'runpath' && how.rule !== 'library-path') return null;
  if (how.entry === '' && loader.kind !== 'musl') return 'empty';
  return how.entry === undefined || /^[/$]/u.test(how.entry) ? null : 'relative';
}

function writableInsecurity(
  folder: ByteText,
  owner: number | null,
  rightsOf: (folder: ByteText) => FileRights | null,
): Insecurity | null {
  const found = new Set<Insecurity>();
  for (let at = folder; ; at = folderOf(at)) {
    const status = rightsOf(at);
    const insecurity = status === null ? null : folderInsecurity(status, owner, at === folder);
    if (insecurity !== null) found.add(insecurity);
    if (folderOf(at) === at) break;
  }
  return (['world-writable', 'user-writable', 'group-writable'] as const).find(each => found.has(each)) ?? null;
}

/** In a sticky folder nobody can replace what is there, but put beside it what is found first. */
function folderInsecurity(
  { mode, owner, group }: FileRights,
  ofProgram: number | null,
  holdsIt: boolean,
): Insecurity | null {
  if ((mode & worldWritable) !== 0 && (holdsIt || (mode & sticky) === 0)) return 'world-writable';
  if (owner !== 0 && owner !== ofProgram) return 'user-writable';
  // Who owns a program themselves knows their group; root's programs are for all.
  return (mode & groupWritable) !== 0 && group !== 0 && ofProgram === 0 ? 'group-writable' : null;
}

const reasons: Readonly<Record<Insecurity, string>> = {
  relative: 'which counts from the working directory: wherever that is another one, another file or none is loaded',
  empty: 'which is the working directory: whoever can write where the program is started decides what is loaded',
  'world-writable': 'where everybody may write: whoever does decides what is loaded',
  'group-writable': 'where the members of a group may write, who so decide what is loaded',
  'user-writable':
    'where a user may write who is neither root nor the owner of the program, and so decides what is loaded',
};

function problemOf(
  requester: LinkMap,
  { name, how, found }: Edge,
  insecurity: Insecurity,
  folder: ByteText,
  object: ObjectId,
): TreeProblem {
  const isWritten = insecurity === 'relative' || insecurity === 'empty';
  const written = displayText(how?.entry ?? name);
  const place = insecurity === 'empty' ? 'an empty element' : isWritten ? `"${written}"` : displayText(folder);
  return {
    code: 'dependencies/insecure-path',
    // Debian lets the group staff write to /usr/local, on purpose.
    severity: insecurity === 'group-writable' ? 'information' : 'warning',
    message: `${displayText(name)}, needed by ${displayText(requester.shownPath)}, is found through ${place}, ${reasons[insecurity]}.`,
    object,
    edge: name,
    actual: insecurity,
    evidence: {
      rule: 'ld.so(8), SECURITY; CWE-426',
      command: isWritten
        ? shellCommand(['readelf', '-d', requester.shownPath])
        : shellCommand(['ls', '-ld', folder, found?.shownPath ?? folder]),
    },
  };
}
