import { closeSync, constants, openSync } from 'node:fs';
import { createByteSource } from '../../elf/reader/byte-source.ts';
import { osPath } from '../../native/byte-text.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { ObjectId, SoftEdge, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Severity } from '../../protocol/finding.ts';
import type { RegularFile } from '../files/loader-files.ts';
import { createVersionedCache } from '../files/versioned-cache.ts';
import type { LinkMap } from '../loader/link-map.ts';
import { createPause } from '../pause.ts';
import type { ResolvedFile } from '../resolve-file.ts';
import { type DlopenNames, type DlopenNote, noDlopenNames, readDlopenNames } from './read-dlopen-names.ts';

export interface SoftEdges {
  readonly edges: ReadonlyMap<LinkMap, readonly SoftEdge[]>;
  readonly problems: readonly TreeProblem[];
}

/** Room for some ten thousand files; most have nothing. */
const remembered = createVersionedCache<DlopenNames>(4 << 20, ({ notes, literals }) => {
  return 100 + literals.join().length + JSON.stringify(notes).length;
});

/** What the objects of a tree may load later, and where the loader would find it then. Nothing of it changes the tree. */
export async function findSoftEdges(
  resolved: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
  signal: AbortSignal | undefined,
): Promise<SoftEdges> {
  const pause = createPause(signal);
  const edges = new Map<LinkMap, readonly SoftEdge[]>();
  const problems: TreeProblem[] = [];
  for (const map of resolved.loadOrder) {
    await pause();
    const interpreter = map === resolved.main ? interpreterEdges(resolved, idOf) : [];
    const mayLoad = resolved.unloaded === null && map.kind !== 'interpreter';
    const later = mayLoad ? await dlopenEdges(resolved, idOf, map, problems) : [];
    edges.set(map, [...interpreter, ...later]);
  }
  return { edges, problems };
}

async function dlopenEdges(
  resolved: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
  map: LinkMap,
  problems: TreeProblem[],
): Promise<readonly SoftEdge[]> {
  const { notes, literals, brokenNotes } = remembered(map.file.version, () => readNames(map.file));
  const edges: SoftEdge[] = [];
  for (const note of notes) {
    const found = await noteEdges(resolved, idOf, map, note);
    edges.push(...found);
    if (found.every(({ path }) => path === null)) problems.push(missingProblem(map, idOf(map), note));
  }
  const known = new Set([...namesOf(map), ...edges.map(({ name }) => name)]);
  for (const name of literals) {
    if (!known.has(name)) edges.push({ kind: 'dlopen-hint', name, ...(await placeOf(resolved, idOf, map, name)) });
  }
  problems.push(...brokenNotes.map(offset => brokenProblem(map, idOf(map), offset)));
  return edges;
}

function readNames({ hostPath, sizeBytes }: RegularFile): DlopenNames {
  let fd: number;
  try {
    fd = openSync(osPath(hostPath), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return noDlopenNames;
  }
  try {
    return readDlopenNames(createByteSource(fd, sizeBytes));
  } catch {
    return noDlopenNames;
  } finally {
    closeSync(fd);
  }
}

/** What the object needs anyway, and itself. */
function namesOf({ object, edges }: LinkMap): Set<ByteText> {
  return new Set([...edges.map(({ name }) => name), ...(object.soname === null ? [] : [object.soname])]);
}

function interpreterEdges(
  { main, loadOrder, loaderPath, loaderState, root }: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
): SoftEdge[] {
  const name = root.object.interpreter;
  if (name === null) return [];
  const loaded = loadOrder.find(({ kind }) => kind === 'interpreter');
  const path = loaderState === 'missing' ? null : (loaded?.shownPath ?? loaderPath);
  return [
    {
      kind: 'interpreter',
      name,
      object: loaded === undefined ? null : idOf(loaded),
      path,
      how: path === null ? null : { rule: 'interpreter', from: main.shownPath },
      tried: [],
    },
  ];
}

type PlaceOfEdge = Pick<SoftEdge, 'object' | 'path' | 'how' | 'tried'>;

async function placeOf(
  resolved: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
  requester: LinkMap,
  name: ByteText,
): Promise<PlaceOfEdge> {
  const { found, path, how, tried } = await resolved.locate(requester, name);
  const shown = tried.filter(({ inAbsentSubfolder }) => !inAbsentSubfolder);
  return {
    object: found === null ? null : idOf(found),
    path,
    how,
    tried: shown.map(candidate => ({ path: candidate.path, outcome: candidate.outcome })),
  };
}

async function noteEdges(
  resolved: ResolvedFile,
  idOf: (map: LinkMap) => ObjectId,
  requester: LinkMap,
  note: DlopenNote,
): Promise<readonly SoftEdge[]> {
  const { names, feature, description, priority } = note;
  const edges: SoftEdge[] = [];
  for (const name of names) {
    edges.push({
      kind: 'dlopen-note',
      name,
      ...(await placeOf(resolved, idOf, requester, name)),
      ...(feature !== null && { feature }),
      ...(description !== null && { description }),
      priority,
      ...(names.length > 1 && { alternatives: names }),
    });
  }
  return edges;
}

const severities: Readonly<Record<DlopenNote['priority'], Severity>> = {
  required: 'warning',
  recommended: 'information',
  suggested: 'hint',
};

function missingProblem(
  { shownPath }: LinkMap,
  object: ObjectId,
  { names, description, priority }: DlopenNote,
): TreeProblem {
  const purpose = description === null ? '' : ` for ${displayText(description)}`;
  const last = priority === 'required' ? 'It says that it does not work without.' : 'It says that it does without.';
  return {
    code: 'dependencies/missing-dlopen',
    severity: severities[priority],
    message: `${displayText(shownPath)} loads ${names.map(displayText).join(' or ')} by dlopen${purpose}, which is not found. ${last}`,
    object,
    edge: names[0] ?? '',
    evidence: { rule: 'UAPI Group, ELF dlopen Metadata', command: shellCommand(['readelf', '-nW', shownPath]) },
  };
}

function brokenProblem({ shownPath }: LinkMap, object: ObjectId, offset: number): TreeProblem {
  return {
    code: 'dependencies/broken-dlopen-note',
    severity: 'information',
    message: `A note of ${displayText(shownPath)} about what it loads by dlopen is no list of libraries in JSON.`,
    object,
    offset,
    evidence: { rule: 'UAPI Group, ELF dlopen Metadata', command: shellCommand(['readelf', '-nW', shownPath]) },
  };
}
