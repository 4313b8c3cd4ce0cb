import { withElfFile } from '../elf/open-elf.ts';
import { buildIdOf } from '../elf/reader/note-description.ts';
import { hashFile } from '../elf/twins/hash-file.ts';
import { pathToFileUri } from '../native/file-uri.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { LibraryCopy, ScanFinding } from '../protocol/scan.ts';
import type { FoundElf } from './find-elf-files.ts';
import { type LibraryFacts, libraryFactsMemory } from './memory/library-facts-memory.ts';

/** A shared library that a scan met. */
export interface LibraryFile extends FoundElf {
  readonly soname: ByteText;
  readonly machine: string;
}

export interface KnownLibrary extends Omit<LibraryFile, 'version'> {
  readonly facts: LibraryFacts;
}

/**
 * Libraries of one SONAME that are several files: what their loader takes for one and the same is there more than once.
 *
 * @param needed names that the files of the scan need: which of several a loader finds matters where one is asked for by name.
 */
export async function findCopies(
  libraries: readonly LibraryFile[],
  needed: ReadonlySet<ByteText>,
  signal: AbortSignal | undefined,
): Promise<readonly ScanFinding[]> {
  const known: KnownLibrary[] = [];
  for (const group of groupsOf(libraries)) known.push(...(await readLibraries(group, signal)));
  return copyFindings(known, needed);
}

/** With what is only in the files themselves; without those that went away. Remembered by device, inode, size and times. */
export async function readLibraries(
  libraries: readonly LibraryFile[],
  signal: AbortSignal | undefined,
): Promise<readonly KnownLibrary[]> {
  const known: KnownLibrary[] = [];
  for (const { version, ...library } of libraries) {
    const facts = await readFacts(library.path, version, signal);
    if (facts !== null) known.push({ ...library, facts });
  }
  return known;
}

async function readFacts(
  path: ByteText,
  version: string,
  signal: AbortSignal | undefined,
): Promise<LibraryFacts | null> {
  const known = libraryFactsMemory.get(version);
  if (known !== undefined) return known;
  const readAtMs = Date.now();
  try {
    const { elfClass, buildId } = await withElfFile(path, ({ image, notes }) => {
      return { elfClass: image.fields.class, buildId: buildIdOf(image, notes()) };
    });
    const facts = { class: elfClass, buildId, sha256: await hashFile(path, signal) };
    libraryFactsMemory.keep(version, readAtMs, facts);
    return facts;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Those that are worth reading: whose SONAME stands in more than one file. */
function groupsOf<Library extends Omit<LibraryFile, 'version'>>(
  libraries: readonly Library[],
): readonly (readonly Library[])[] {
  const groups = new Map<string, Library[]>();
  for (const library of libraries) {
    if (isVariant(library.path)) continue;
    const key = `${library.machine}\n${library.soname}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [library]);
    else group.push(library);
  }
  return [...groups.values()].filter(group => new Set(group.map(({ identity }) => identity)).size > 1);
}

/** A build for better processors, which the loader takes instead of the one in the folder above: meant to be there twice. */
function isVariant(path: ByteText): boolean {
  return /\/glibc-hwcaps\/[^/]+\/[^/]+$/u.test(path);
}

/** The findings about all libraries of a scan, in the order of their first paths. Those that stand alone may be among them. */
export function copyFindings(
  libraries: readonly KnownLibrary[],
  needed: ReadonlySet<ByteText>,
): readonly ScanFinding[] {
  const ofOneClass = ([32, 64] as const).flatMap(bits =>
    groupsOf(libraries.filter(({ facts }) => facts.class === bits)),
  );
  return ofOneClass
    .map(group => copyFinding(group, needed))
    .sort((a, b) => compareText(firstPath(a), firstPath(b)) || compareText(a.code, b.code));
}

function firstPath({ copies }: ScanFinding): ByteText {
  return copies[0]?.path ?? '';
}

export function compareText(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}

function copyFinding(group: readonly KnownLibrary[], needed: ReadonlySet<ByteText>): ScanFinding {
  // Hard links are one file; the first name stands for it.
  const files = new Map<string, KnownLibrary>();
  for (const library of group.toSorted((a, b) => compareText(a.path, b.path))) {
    if (!files.has(library.identity)) files.set(library.identity, library);
  }
  const copies = [...files.values()].map(({ path, sizeBytes, facts }): LibraryCopy => {
    return { path, uri: pathToFileUri(path), sizeBytes, buildId: facts.buildId, sha256: facts.sha256 };
  });
  const paths = copies.map(({ path }) => path);
  const soname = displayText(group[0]?.soname ?? '');
  const contents = new Set(copies.map(({ sha256 }) => sha256)).size;
  const builds = new Set(copies.map(({ buildId, sha256 }) => buildId ?? sha256));
  const rule = 'glibc elf/dl-load.c _dl_map_object, _dl_name_match_p';
  if (contents === 1) {
    const message = `${soname} is there ${copies.length} times with the same contents: ${pathsText(copies)}. What replaces one of them leaves the others as they are.`;
    const evidence = { rule, command: shellCommand(['sha256sum', '--', ...paths]) };
    return { code: 'scan/identical-copies', severity: 'information', message, evidence, copies };
  }
  const evidence = { rule, command: shellCommand(['readelf', '-nW', '--', ...paths]) };
  if (builds.size === 1) {
    const message = `${soname} is there ${copies.length} times from one build (build ID ${copies[0]?.buildId}), but not with the same bytes: ${pathsText(copies)}. One is stripped, signed or patched.`;
    return { code: 'scan/altered-copies', severity: 'information', message, evidence, copies };
  }
  const message = `${copies.length} files have the SONAME ${soname}, from ${builds.size} builds: ${pathsText(copies)}.`;
  const common = { code: 'scan/different-copies', evidence, copies } as const;
  if (!needed.has(group[0]?.soname ?? '')) {
    // Plugins, mostly, which are opened by path.
    const note = 'Nothing that was scanned asks for it by that name.';
    return { ...common, severity: 'information', message: `${message} ${note}` };
  }
  const note =
    'Within one program the loader takes the first that it finds for all who ask for the name, whichever they were linked with.';
  return { ...common, severity: 'warning', message: `${message} ${note}` };
}

const shownCopies = 6;

function pathsText(copies: readonly LibraryCopy[]): string {
  const shown = copies
    .slice(0, shownCopies)
    .map(({ path, buildId }) => `${displayText(path)} (${buildId === null ? 'no build ID' : buildId.slice(0, 12)})`);
  const more = copies.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
