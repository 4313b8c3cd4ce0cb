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

/** The file that holds the debug information of another one. */
export interface DebugFile {
  readonly path: ByteText;
  readonly version: FileVersion;
}

/** The nearest that is known of one without looking at the whole of it. */
export interface DebugFileHint {
  readonly path: ByteText;
  /** By the build ID that it has; else it is only named in `.gnu_debuglink`. */
  readonly isVerified: boolean;
}

export interface DebugFileSearch {
  /** Null: there is none. */
  readonly found: DebugFile | null;
  /** Where it was looked for, in this order. */
  readonly searched: readonly ByteText[];
}

/** As gdb and binutils of all distributions are built. */
export const systemDebugFolders: readonly ByteText[] = ['/usr/lib/debug'];

const debugSections = ['.debug_line', '.debug_info', '.zdebug_line', '.zdebug_info'];

export function hasDebugInformation({ sectionNamed }: ElfImage): boolean {
  return debugSections.some(name => {
    const section = sectionNamed(name);
    return section !== undefined && section.sizeBytes > 0n;
  });
}

/**
 * The separate debug file of a file: by its build ID, else by the name in `.gnu_debuglink` (gdb manual, "Debugging Information
 * in Separate Files"). One that belongs to another build is not taken. Throws what the signal is aborted with.
 */
export async function findDebugFile(
  file: ElfFile,
  debugFolders: readonly ByteText[],
  signal: AbortSignal | undefined,
): Promise<DebugFileSearch> {
  const { image, path } = file;
  const buildId = buildIdOf(image, file.notes());
  const link = debugLinkOf(image);
  const byId = buildId === null ? [] : debugFolders.map(folder => buildIdPath(folder, buildId));
  const byLink = link === null || link === '' || link.includes('/') ? [] : linkPaths(path, link, debugFolders);
  const searched = [...new Set([...byId, ...byLink])].filter(candidate => candidate !== path);
  for (const candidate of searched) {
    const debug = await openCandidate(candidate, { buildId, crc: debugLinkCrc(image) }, signal);
    if (debug !== null) return { found: debug, searched };
  }
  return { found: null, searched };
}

/**
 * The separate debug file that the build ID leads to, else the name in `.gnu_debuglink`, wherever that may be. Opens at most one
 * file a folder, and reads only headers of it.
 */
export async function hintAtDebugFile(
  file: ElfFile,
  debugFolders: readonly ByteText[] = systemDebugFolders,
): Promise<DebugFileHint | null> {
  const buildId = buildIdOf(file.image, file.notes());
  for (const folder of buildId === null ? [] : debugFolders) {
    const path = buildIdPath(folder, buildId ?? '');
    const found = path === file.path ? null : await openCandidate(path, { buildId, crc: null }, undefined);
    if (found !== null) return { path, isVerified: true };
  }
  const link = debugLinkOf(file.image);
  return link === null || link === '' ? null : { path: link, isVerified: false };
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
}

async function openCandidate(
  path: ByteText,
  { buildId, crc }: Expectation,
  signal: AbortSignal | undefined,
): Promise<DebugFile | null> {
  try {
    return await withElfFile(path, async file => {
      if (!hasDebugInformation(file.image)) return null;
      const own = buildIdOf(file.image, file.notes());
      const isOfBuild =
        buildId !== null && own !== null ? own === buildId : crc !== null && (await crcOf(file, signal)) === crc;
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
