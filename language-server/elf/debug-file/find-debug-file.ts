import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText, FileVersion } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { ElfFile } from '../elf-file.ts';
import { debugLinkOf } from '../identity.ts';
import { withElfFile } from '../open-elf.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { buildIdOf } from '../reader/note-description.ts';
import { crc32 } from './crc32.ts';
import { hasDebugInformation } from './has-debug-information.ts';

/** The file that holds the debug information of another one. */
export interface DebugFile {
  readonly path: ByteText;
  readonly version: FileVersion;
}

/** What is known of one without looking at the whole of it. */
export interface DebugFileHint {
  /** Of one that is not here, the name in `.gnu_debuglink`. */
  readonly path: ByteText;
  readonly isHere: boolean;
}

export interface DebugFileSearch {
  /** Null: there is none. */
  readonly found: DebugFile | null;
  /** Where it was looked for, in this order. */
  readonly searched: readonly ByteText[];
}

/** As gdb and binutils of all distributions are built. */
export const systemDebugFolders: readonly ByteText[] = ['/usr/lib/debug'];

/**
 * The separate debug file of a file: by its build ID, else by the name in `.gnu_debuglink` (gdb manual, "Debugging Information
 * in Separate Files"). One that belongs to another build is not taken. Throws what the signal is aborted with.
 */
export async function findDebugFile(
  file: ElfFile,
  debugFolders: readonly ByteText[],
  signal: AbortSignal | undefined,
): Promise<DebugFileSearch> {
  const { buildId, candidates: searched } = candidatesOf(file, debugFolders);
  const crc = debugLinkCrc(file.image);
  for (const candidate of searched) {
    const debug = await openCandidate(candidate, { buildId, crc, isName: false }, signal);
    if (debug !== null) return { found: debug, searched };
  }
  return { found: null, searched };
}

/**
 * The separate debug file that the build ID or `.gnu_debuglink` leads to. Reads only headers: of a file without a build ID, the
 * one of the name that the link tells is taken without its checksum.
 */
export async function hintAtDebugFile(
  file: ElfFile,
  debugFolders: readonly ByteText[] = systemDebugFolders,
): Promise<DebugFileHint | null> {
  const { buildId, link, candidates } = candidatesOf(file, debugFolders);
  for (const path of candidates) {
    if ((await openCandidate(path, { buildId, crc: null, isName: buildId === null }, undefined)) !== null) {
      return { path, isHere: true };
    }
  }
  return link === null ? null : { path: link, isHere: false };
}

interface Candidates {
  readonly buildId: string | null;
  readonly link: ByteText | null;
  readonly candidates: readonly ByteText[];
}

function candidatesOf({ image, path, notes }: ElfFile, debugFolders: readonly ByteText[]): Candidates {
  const buildId = buildIdOf(image, notes());
  const told = debugLinkOf(image);
  const link = told === null || told === '' ? null : told;
  const byId = buildId === null ? [] : debugFolders.map(folder => buildIdPath(folder, buildId));
  const byLink = link === null || link.includes('/') ? [] : linkPaths(path, link, debugFolders);
  return { buildId, link, candidates: [...new Set([...byId, ...byLink])].filter(candidate => candidate !== path) };
}

function buildIdPath(folder: ByteText, buildId: string): ByteText {
  return join(folder, '.build-id', buildId.slice(0, 2), `${buildId.slice(2)}.debug`);
}

function linkPaths(path: ByteText, link: ByteText, debugFolders: readonly ByteText[]): readonly ByteText[] {
  // A library is often reached through links (/lib is one into /usr); its debug file is beside the real one.
  return [...new Set([dirname(path), dirname(realPath(path))])].flatMap(folder => [
    join(folder, link),
    join(folder, '.debug', link),
    ...debugFolders.map(root => join(root, folder, link)),
  ]);
}

function realPath(path: ByteText): ByteText {
  try {
    return decodeBytes(realpathSync(osPath(path), { encoding: 'buffer' }));
  } catch {
    // It went away while it was looked at.
    return path;
  }
}

interface Expectation {
  readonly buildId: string | null;
  /** Of the whole debug file; null: not told. */
  readonly crc: number | null;
  /** Its name is enough. */
  readonly isName: boolean;
}

async function openCandidate(
  path: ByteText,
  { buildId, crc, isName }: Expectation,
  signal: AbortSignal | undefined,
): Promise<DebugFile | null> {
  try {
    return await withElfFile(path, async file => {
      if (!hasDebugInformation(file.image)) return null;
      const own = buildIdOf(file.image, file.notes());
      const isOfBuild =
        isName ||
        (buildId !== null && own !== null ? own === buildId : crc !== null && (await crcOf(file, signal)) === crc);
      return isOfBuild ? { path, version: file.version } : null;
    });
  } catch (error) {
    // Most candidates are not there; one that cannot be read is none.
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** `.gnu_debuglink`: a name, padding up to a multiple of four bytes, and the CRC of the file that is named. */
function debugLinkCrc(image: ElfImage): number | null {
  const section = image.sectionNamed('.gnu_debuglink');
  if (section === undefined) return null;
  const { offset, sizeBytes } = sectionRange(image, section);
  const bytes = image.source.read(offset + Math.max(0, sizeBytes - 4), 4);
  return bytes.length < 4 ? null : image.fields.u32(bytes, 0);
}

const crcChunkBytes = 4 << 20;

async function crcOf({ image }: ElfFile, signal: AbortSignal | undefined): Promise<number> {
  const { source } = image;
  let crc = 0;
  for (let offset = 0; offset < source.sizeBytes; offset += crcChunkBytes) {
    const bytes = source.read(offset, crcChunkBytes);
    if (bytes.length === 0) break;
    crc = crc32(bytes, crc);
    await nextTurn();
    signal?.throwIfAborted();
  }
  return crc;
}
