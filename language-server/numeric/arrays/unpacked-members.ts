import { fstatSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import type { NpzMember } from './npz.ts';
import type { RangedFile } from './ranged-file.ts';

/** An unpacked member, and how many read it now. */
interface Unpacked {
  readonly file: RangedFile;
  readers: number;
  isForgotten: boolean;
}

const mostBytes = 8 * 2 ** 30;
const keptForMs = 5 * 60_000;

/**
 * What is compressed is unpacked once for the many windows that are asked of it, by device, inode, size and times of the archive. It
 * takes room on disk until it is forgotten: after some minutes, or for others.
 */
const unpacked = new LRUCache<string, Unpacked>({
  maxSize: mostBytes,
  max: 16,
  ttl: keptForMs,
  ttlAutopurge: true,
  sizeCalculation: ({ file }) => Math.max(1, file.sizeBytes),
  dispose: entry => {
    entry.isForgotten = true;
    closeUnread(entry);
  },
});

function closeUnread(entry: Unpacked): void {
  if (entry.isForgotten && entry.readers === 0) entry.file.close();
}

/** A member as a file, for one who closes it when done. @param fd of the archive. */
export async function openMember(member: NpzMember, fd: number, signal: AbortSignal): Promise<RangedFile> {
  if (!member.isCompressed) return await member.open(signal);
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  const key = `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}:${member.name}`;
  let entry = unpacked.get(key);
  if (entry === undefined) {
    entry = { file: await member.open(signal), readers: 0, isForgotten: false };
    unpacked.set(key, entry);
    // What is too large to be kept is not.
    if (unpacked.peek(key) !== entry) entry.isForgotten = true;
  }
  return borrowed(entry);
}

function borrowed(entry: Unpacked): RangedFile {
  entry.readers += 1;
  let isOpen = true;
  return {
    sizeBytes: entry.file.sizeBytes,
    read: (offset, length) => entry.file.read(offset, length),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      entry.readers -= 1;
      closeUnread(entry);
    },
  };
}
