import { createReadStream, readFileSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { Pause } from '../dependencies/pause.ts';
import { osPath } from '../native/byte-text.ts';
import { namesIn } from '../native/folder-names.ts';
import type { ByteText } from '../protocol/elf.ts';
import { decompressLz4 } from './lz4.ts';

const listFolder = '/var/lib/apt/lists';
/** The largest list of Debian has some 50 MB compressed; what is larger is no list. */
const maximumBytes = 256 << 20;

/**
 * Lines of apt's lists that hold a text, at most twenty. Lists are read as they are kept, plain or compressed (gzip, LZ4), and
 * never whole in memory.
 *
 * @param kind What stands in the names of the lists: "Contents-".
 * @returns Null: there are no such lists.
 */
export async function linesOfLists(
  root: ByteText,
  kind: RegExp,
  needle: string,
  pause: Pause,
): Promise<readonly FoundLine[] | null> {
  const folder = `${root}${listFolder}`;
  const names = namesIn(folder).filter(name => kind.test(name));
  if (names.length === 0) return null;
  const key = JSON.stringify([folder, statSync(osPath(folder)).mtimeMs, kind.source, needle]);
  const known = answers.get(key);
  if (known !== undefined) return known;
  const found = await search(folder, names, needle, pause);
  answers.set(key, found);
  return found;
}

/** Lists take a second to look through, and are new when their folder is. */
const answers = new LRUCache<string, readonly FoundLine[]>({ max: 200 });

async function search(
  folder: ByteText,
  names: readonly string[],
  needle: string,
  pause: Pause,
): Promise<readonly FoundLine[]> {
  const found: FoundLine[] = [];
  for (const name of names) {
    const source = `${folder}/${name}`;
    for await (const line of matchingLines(source, Buffer.from(needle), pause)) {
      if (found.push({ line, source }) >= 20) return found;
    }
  }
  return found;
}

/** Names of all packages that apt's lists have; null: there are no lists. Read once for each state of the lists. */
export async function packageNames(root: ByteText, pause: Pause): Promise<ReadonlySet<string> | null> {
  const folder = `${root}${listFolder}`;
  const lists = namesIn(folder).filter(name => /_Packages(?:\.\w+)?$/u.test(name));
  if (lists.length === 0) return null;
  const key = JSON.stringify([folder, statSync(osPath(folder)).mtimeMs]);
  const known = allNames.get(key);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const list of lists) {
    for await (const line of matchingLines(`${folder}/${list}`, Buffer.from('Package: '), pause)) {
      if (line.startsWith('Package: ')) names.add(line.slice('Package: '.length));
    }
  }
  allNames.set(key, names);
  return names;
}

const allNames = new LRUCache<string, ReadonlySet<string>>({ max: 2 });

export interface FoundLine {
  readonly line: string;
  readonly source: ByteText;
}

async function* matchingLines(path: ByteText, needle: Buffer, pause: Pause): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunksOf(path)) {
    await pause();
    const text = Buffer.concat([rest, chunk]);
    const end = text.lastIndexOf(10) + 1;
    yield* linesWith(text.subarray(0, end), needle);
    rest = Buffer.from(text.subarray(end));
  }
  yield* linesWith(rest, needle);
}

function* linesWith(text: Buffer, needle: Buffer): Generator<string> {
  for (let at = text.indexOf(needle); at >= 0; ) {
    const start = text.lastIndexOf(10, Math.max(0, at - 1)) + 1;
    const found = text.indexOf(10, at + needle.length - 1);
    const end = found < 0 ? text.length : found;
    yield text.toString('utf8', needle[0] === 10 ? at + 1 : start, end);
    at = text.indexOf(needle, end);
  }
}

/** A list that cannot be read, or not to its end, has what could be read. */
async function* chunksOf(path: ByteText): AsyncGenerator<Buffer> {
  try {
    if (statSync(osPath(path)).size > maximumBytes) return;
    if (path.endsWith('.lz4')) {
      yield* decompressLz4(readFileSync(osPath(path)));
      return;
    }
    const file = createReadStream(osPath(path));
    const stream = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file;
    for await (const chunk of stream) yield chunk as Buffer;
  } catch {
    // As above.
  }
}
