import { hostFiles } from '../dependencies/files/loader-files.ts';
import { openElfFile } from '../dependencies/loader/root-file.ts';
import { readLoaderFile } from '../dependencies/objects/read-loader-file.ts';
import { shellCommand } from '../native/shell-quote.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Dependent, HowNeeded, ScannedFile, ScannedNeed, WhoNeeds, WhoNeedsProgress } from '../protocol/scan.ts';
import { compareText } from './copies.ts';
import { throttled } from './progress.ts';
import { type ScanOptions, scanFiles } from './scan-files.ts';

/** The library that is asked about: a file, or only what it is called in NEEDED. */
export type NeededLibrary = { readonly path: ByteText } | { readonly name: ByteText };

/** Folders that are looked through under the same conditions. */
export interface WhoNeedsPart extends Omit<ScanOptions, 'onStep' | 'shard' | 'signal'> {
  readonly paths: readonly ByteText[];
}

export interface WhoNeedsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: WhoNeedsProgress) => void;
  /** Default 50,000: more are no list that anybody reads. */
  readonly maximumDependents?: number;
}

/**
 * The ELF files at or below some paths that need a library themselves: those whose loader takes this very file (by device and
 * inode) for one of their NEEDED entries, and those that ask for it by its SONAME or file name and get another file or none.
 * A NEEDED entry can come to different files in different programs; here each file is loaded by itself, as ldd(1) does it.
 *
 * @throws UserError as the other readers do for the library, or as {@link scanFiles} does.
 */
export async function findWhoNeeds(
  library: NeededLibrary,
  parts: readonly WhoNeedsPart[],
  { signal, onProgress, maximumDependents = 50_000 }: WhoNeedsOptions = {},
): Promise<WhoNeeds> {
  const wanted = wantedLibrary(library);
  const identities = identityReader();
  const dependents: Dependent[] = [];
  let isCut = false;
  const tell = onProgress === undefined ? () => undefined : throttled(onProgress);
  const counts = { looked: 0, elf: 0 };
  let unreadable = 0;
  for (const { paths, ...conditions } of parts) {
    const options: ScanOptions = {
      ...conditions,
      ...(signal !== undefined && { signal }),
      onStep: ({ looked, elf }) => tell({ looked: counts.looked + looked, elf: counts.elf + elf }),
    };
    const { looked, elf, errors } = await scanFiles(paths, options, file => {
      for (const need of file.needs) {
        const how = howNeeded(wanted, need, identities);
        if (how === null) continue;
        if (dependents.length < maximumDependents) dependents.push(dependentOf(file, need, how));
        else isCut = true;
      }
    });
    counts.looked += looked;
    counts.elf += elf;
    unreadable += errors.length;
  }
  return {
    path: 'path' in library ? library.path : null,
    soname: wanted.soname,
    names: [...wanted.names],
    dependents: dependents.sort((a, b) => order[a.how] - order[b.how] || compareText(a.path, b.path)),
    ...counts,
    unreadable,
    incomplete: isCut ? `More than ${maximumDependents} files need it; the rest is not listed.` : null,
  };
}

const order: Readonly<Record<HowNeeded, number>> = { resolved: 0, elsewhere: 1, missing: 2 };

interface Wanted {
  /** Null: asked by name, so that every file of the name is meant. */
  readonly identity: string | null;
  readonly soname: ByteText | null;
  readonly names: ReadonlySet<ByteText>;
}

function wantedLibrary(library: NeededLibrary): Wanted {
  if ('name' in library) return { identity: null, soname: null, names: new Set([library.name]) };
  const { path } = library;
  const { status, file } = openElfFile(path, path, hostFiles, readLoaderFile);
  const soname = file.object?.soname ?? null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { identity: status.identity, soname, names: new Set(soname === null ? [name] : [soname, name]) };
}

/** Device and inode of the files that needs come to; there are few of them beside the needs. */
function identityReader(): (path: ByteText) => string | null {
  const known = new Map<ByteText, string | null>();
  return path => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const status = hostFiles.status(path);
    const identity = status.kind === 'file' ? status.identity : null;
    known.set(path, identity);
    return identity;
  };
}

function howNeeded(
  { identity, names }: Wanted,
  { name, object }: ScannedNeed,
  identityOf: (path: ByteText) => string | null,
): HowNeeded | null {
  const isNamed = names.has(name);
  if (identity === null) return isNamed ? (object === null ? 'missing' : 'resolved') : null;
  if (object !== null && identityOf(object) === identity) return 'resolved';
  if (!isNamed) return null;
  return object === null ? 'missing' : 'elsewhere';
}

function dependentOf({ path, uri, soname, machine }: ScannedFile, need: ScannedNeed, how: HowNeeded): Dependent {
  const { name, object } = need;
  return { path, uri, soname, machine, name, how, object, command: shellCommand(['readelf', '-dW', path]) };
}
