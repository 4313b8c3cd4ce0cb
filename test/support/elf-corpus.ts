import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { decodeBytes, encodeBytes } from '../../language-server/native/byte-text.ts';

/** An ELF file of this machine. */
export interface CorpusFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Class, byte order, type, machine and what its name says: files of one variety are much alike. */
  readonly variety: string;
}

/** Names looked at in all; some machines have millions. */
const maximumWalked = 200_000;

/** All ELF files below the folders, in the order of their paths; each once. Links are not followed. */
export function elfFilesBelow(folders: readonly string[]): readonly CorpusFile[] {
  const found = new Map<string, CorpusFile>();
  let walked = 0;
  const walk = (folder: string): void => {
    for (const name of namesIn(folder)) {
      walked += 1;
      if (walked > maximumWalked) return;
      const path = `${folder}/${name}`;
      const status = lstatSync(encodeBytes(path), { throwIfNoEntry: false });
      if (status?.isDirectory() === true) walk(path);
      if (status?.isFile() !== true || status.size < 52) continue;
      const variety = varietyOf(path);
      if (variety !== null) found.set(`${status.dev}:${status.ino}`, { path, sizeBytes: status.size, variety });
    }
  };
  for (const folder of folders) walk(folder);
  return [...found.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** At most `count` of them: of each variety as many as there is room for, spread over the list. The same every time. */
export function chooseVaried(files: readonly CorpusFile[], count: number): readonly CorpusFile[] {
  const varieties = new Map<string, CorpusFile[]>();
  for (const file of files) varieties.set(file.variety, [...(varieties.get(file.variety) ?? []), file]);
  const queues = [...varieties.values()].map(spread);
  const chosen: CorpusFile[] = [];
  for (let round = 0; chosen.length < count; round += 1) {
    const more = queues.flatMap(queue => queue.slice(round, round + 1));
    if (more.length === 0) break;
    chosen.push(...more.slice(0, count - chosen.length));
  }
  return chosen;
}

/** First, last, middle, quarters …: the ends and then ever finer steps. */
function spread<T>(items: readonly T[]): readonly T[] {
  const order = new Set<number>();
  for (let parts = 1; order.size < items.length; parts *= 2) {
    for (let part = 0; part <= parts; part += 1)
      order.add(Math.min(items.length - 1, Math.round((part * items.length) / parts)));
    if (parts > items.length) for (let index = 0; index < items.length; index += 1) order.add(index);
  }
  return [...order].flatMap(index => items.slice(index, index + 1));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(encodeBytes(folder), { encoding: 'buffer' }).map(decodeBytes).sort();
  } catch {
    return [];
  }
}

function varietyOf(path: string): string | null {
  const head = Buffer.alloc(20);
  try {
    const fd = openSync(encodeBytes(path), 'r');
    try {
      if (readSync(fd, head, 0, 20, 0) < 20 || head.toString('latin1', 0, 4) !== '\x7fELF') return null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  const suffix = /\.(?:so(?=[.\d]*$)|o$|ko$|debug$|node$)/u.exec(name)?.[0] ?? '';
  return `${head.toString('hex', 4, 8)} ${head.toString('hex', 16, 20)} ${suffix} ${path.split('/').slice(1, 3).join('/')}`;
}
