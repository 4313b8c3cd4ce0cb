import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { createByteSource } from '../../elf/reader/byte-source.ts';
import { readElfImage } from '../../elf/reader/elf-image.ts';
import { buildIdOf } from '../../elf/reader/note-description.ts';
import { readNotes } from '../../elf/reader/notes.ts';
import { osPath } from '../../native/byte-text.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { ObjectId, TreeProblem } from '../../protocol/dependencies.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { RegularFile } from '../files/loader-files.ts';
import { createVersionedCache } from '../files/versioned-cache.ts';
import type { LinkMap } from '../loader/link-map.ts';
import type { ResolvedFile } from '../resolve-file.ts';

/** Several files in one process that are one library: by SONAME, or by name but for its version. Each has variables of its own. */
export function copyProblems(resolved: ResolvedFile, idOf: (map: LinkMap) => ObjectId): readonly TreeProblem[] {
  const libraries = resolved.loadOrder.filter(({ kind }) => kind === 'library');
  const bySoname = groupBy(libraries, ({ object }) => object.soname);
  const sonames = [...bySoname].filter(([, maps]) => maps.length > 1);
  const told = new Set(sonames.flatMap(([, maps]) => maps));
  const byName = groupBy(libraries, libraryName);
  const names = [...byName].filter(([, maps]) => maps.length > 1 && !maps.every(map => told.has(map)));
  return [
    ...sonames.map(([soname, maps]) =>
      problemOf('dependencies/duplicate-soname', `the SONAME ${displayText(soname)}`, maps, idOf),
    ),
    ...names.map(([name, maps]) =>
      problemOf('dependencies/library-copies', `the name of ${displayText(name)}`, maps, idOf),
    ),
  ];
}

function groupBy(
  maps: readonly LinkMap[],
  keyOf: (map: LinkMap) => ByteText | null,
): ReadonlyMap<ByteText, readonly LinkMap[]> {
  const groups = new Map<ByteText, LinkMap[]>();
  for (const map of maps) {
    const key = keyOf(map);
    if (key === null || key === '') continue;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [map]);
    else known.push(map);
  }
  return groups;
}

/** `libgomp` of `libgomp.so.1` and of `libgomp-a34b3233.so.1.0.0`, as wheels of Python call their copies (auditwheel). */
function libraryName({ object, shownPath }: LinkMap): ByteText | null {
  const name = object.soname ?? shownPath.slice(shownPath.lastIndexOf('/') + 1);
  return /^(lib.+?)(?:-[0-9a-f]{8})?\.so(?:\.[\d.]+)?$/u.exec(name)?.[1] ?? null;
}

function problemOf(
  code: string,
  what: string,
  maps: readonly LinkMap[],
  idOf: (map: LinkMap) => ObjectId,
): TreeProblem {
  const builds = maps.map(({ file }) => buildOf(file));
  const sameBuild = builds.every(build => build !== null && build === builds[0]);
  const shown = maps.map(({ shownPath }, index) => `${displayText(shownPath)} (${builds[index] ?? 'build unknown'})`);
  const [, second = maps[0]] = maps;
  const verdict = sameBuild ? 'They are copies of one build' : 'They are different builds';
  return {
    code,
    severity: 'warning',
    message: `${maps.length} files with ${what} are loaded: ${shown.join(', ')}. ${verdict}; each has its own variables, and whose functions are called depends on the order of loading.`,
    object: second === undefined ? '' : idOf(second),
    actual: maps.map(({ shownPath }) => displayText(shownPath)).join(' '),
    evidence: {
      rule: 'gABI, "Shared Object Dependencies"',
      command: shellCommand(['file', ...maps.map(({ shownPath }) => shownPath)]),
    },
  };
}

const builds = createVersionedCache<string | null>(2000);

/** `build ID …`, of a file that has none `SHA-256 …` of its contents; null where it cannot be read or is too large. */
function buildOf(file: RegularFile): string | null {
  return builds(file.version, () => {
    let fd: number;
    try {
      fd = openSync(osPath(file.hostPath), constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return null;
    }
    try {
      const reading = readElfImage(createByteSource(fd, file.sizeBytes));
      const buildId = reading.kind === 'image' ? buildIdOf(reading.image, readNotes(reading.image)) : null;
      return buildId === null ? hashOf(fd, file.sizeBytes) : `build ID ${buildId}`;
    } catch {
      return null;
    } finally {
      closeSync(fd);
    }
  });
}

const maximumHashedBytes = 64 << 20;
const chunkBytes = 1 << 20;

function hashOf(fd: number, sizeBytes: number): string | null {
  if (sizeBytes > maximumHashedBytes) return null;
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, sizeBytes)));
  for (let at = 0; at < sizeBytes; ) {
    const count = readSync(fd, chunk, 0, Math.min(chunk.length, sizeBytes - at), at);
    if (count === 0) return null;
    hash.update(chunk.subarray(0, count));
    at += count;
  }
  return `SHA-256 ${hash.digest('hex').slice(0, 16)}`;
}
