import { type BigIntStats, closeSync, readSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { osPath } from '../../native/byte-text.ts';
import { pathToFileUri } from '../../native/file-uri.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Twin, TwinLikeness, Twins, TwinsProgress } from '../../protocol/twins.ts';
import { openRegularFile, withElfFile } from '../open-elf.ts';
import { buildIdOf } from '../reader/note-description.ts';
import { hashFile } from './hash-file.ts';
import { type WalkedFile, walkFiles } from './walk-files.ts';

export interface TwinSearch {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TwinsProgress) => void;
  /** Time between two progresses; default 200. */
  readonly progressMs?: number;
  /** Default 1000: more are a distribution, not a workspace. */
  readonly maximumTwins?: number;
}

/** Work without a pause: short beside what a person notices. */
const workMs = 8;
/** The header of the smaller class. */
const smallestElfBytes = 52n;

/**
 * The files below the folders that are the same as the one at `path`. Of each file the size is looked at; the build ID of ELF
 * files, by range; and only those of the same size are hashed.
 * Throws UserError as the other readers do for the file itself, or what the signal is aborted with.
 */
export async function findTwins(
  path: ByteText,
  folders: readonly ByteText[],
  { signal, onProgress, progressMs = 200, maximumTwins = 1000 }: TwinSearch = {},
): Promise<Twins> {
  signal?.throwIfAborted();
  const original = await readOriginal(path, signal);
  const twins: Twin[] = [];
  let told = 0;
  let looked = 0;
  let unreadable = 0;
  let [workedSince, toldAt] = [performance.now(), performance.now()];

  for (const file of walkFiles(folders, () => unreadable++)) {
    if (twins.length >= maximumTwins) {
      const incomplete = `There are more than ${maximumTwins} of them; the search ended there.`;
      return { ...answerOf(original), twins, looked, unreadable, incomplete };
    }
    const now = performance.now();
    if (now - toldAt >= progressMs) {
      onProgress?.({ looked, twins: twins.slice(told) });
      [toldAt, told] = [now, twins.length];
    }
    if (now - workedSince >= workMs) {
      await nextTurn();
      signal?.throwIfAborted();
      workedSince = performance.now();
    }
    looked += 1;
    try {
      const likeness = await likenessTo(original, file, signal);
      if (likeness !== null) twins.push(twinOf(original, file, likeness));
    } catch {
      signal?.throwIfAborted();
      unreadable += 1;
    }
  }
  signal?.throwIfAborted();
  return { ...answerOf(original), twins, looked, unreadable, incomplete: null };
}

interface Original {
  readonly path: ByteText;
  /** Of the file itself where `path` is a symbolic link. */
  readonly status: BigIntStats;
  readonly buildId: string | null;
  /** Computed once, when the first file of its size is met. */
  readonly sha256: () => Promise<string>;
  readonly knownHash: () => string | null;
}

async function readOriginal(path: ByteText, signal: AbortSignal | undefined): Promise<Original> {
  const buildId = await readBuildId(path);
  let hash: string | null = null;
  return {
    path,
    status: statSync(osPath(path), { bigint: true }),
    buildId,
    sha256: async () => {
      hash ??= await hashFile(path, signal);
      return hash;
    },
    knownHash: () => hash,
  };
}

function answerOf({ path, buildId, knownHash }: Original): Pick<Twins, 'path' | 'buildId' | 'sha256'> {
  return { path, buildId, sha256: knownHash() };
}

async function likenessTo(
  original: Original,
  { path, status }: WalkedFile,
  signal: AbortSignal | undefined,
): Promise<TwinLikeness | null> {
  if (status.dev === original.status.dev && status.ino === original.status.ino) {
    return path === original.path ? null : 'same-file';
  }
  if (status.size < smallestElfBytes) return null;
  if (status.size === original.status.size && (await hashFile(path, signal)) === (await original.sha256())) {
    return 'same-contents';
  }
  if (original.buildId === null || !isElf(path)) return null;
  return (await readBuildId(path)) === original.buildId ? 'same-build-id' : null;
}

function readBuildId(path: ByteText): Promise<string | null> {
  return withElfFile(path, file => buildIdOf(file.image, file.notes()));
}

/** Most files of a workspace are none; they cost one small read. */
function isElf(path: ByteText): boolean {
  const fd = openRegularFile(path);
  try {
    const magic = Buffer.alloc(4);
    return readSync(fd, magic, 0, 4, 0) === 4 && magic.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(fd);
  }
}

function twinOf(original: Original, { path, status }: WalkedFile, likeness: TwinLikeness): Twin {
  return {
    path,
    uri: pathToFileUri(path),
    likeness,
    sizeBytes: Number(status.size),
    command: shellCommand([...commands[likeness], '--', original.path, path]),
  };
}

const commands: Readonly<Record<TwinLikeness, readonly string[]>> = {
  'same-file': ['ls', '-iL'],
  'same-contents': ['sha256sum'],
  'same-build-id': ['readelf', '-n'],
};
