import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { type ByteSource, createByteSource } from '../../elf/reader/byte-source.ts';
import { osPath } from '../../native/byte-text.ts';
import { displayText } from '../../protocol/display-text.ts';
import { UserError } from '../../protocol/errors.ts';
import type { RegularFile } from '../files/loader-files.ts';

/** Ranged reads of more files than may be open at a time: those that were not read for longest are closed, and opened again. */
export interface FilePool {
  source(file: RegularFile): ByteSource;
  close(): void;
}

/** Far from the 1,024 descriptors that a process may have by default. */
const mostOpen = 128;
/** Of 4,096 bytes: all open files together keep 64 MB at most. */
const maximumPages = 128;

interface OpenFile {
  readonly fd: number;
  readonly source: ByteSource;
}

/** Reading throws a {@link UserError} where a file is no longer the one that was resolved: the question is to be asked anew. */
export function createFilePool(): FilePool {
  const open = new LRUCache<string, OpenFile>({ max: mostOpen, dispose: ({ fd }) => closeSync(fd) });
  const opened = (file: RegularFile): ByteSource => {
    const known = open.get(file.version);
    if (known !== undefined) return known.source;
    const fd = openSame(file);
    const source = createByteSource(fd, file.sizeBytes, { maximumPages });
    open.set(file.version, { fd, source });
    return source;
  };
  return {
    source: file => ({
      sizeBytes: file.sizeBytes,
      read: (offset, length) => opened(file).read(offset, length),
      string: (offset, limit) => opened(file).string(offset, limit),
      bytesRead: () => opened(file).bytesRead(),
      hasShrunk: () => opened(file).hasShrunk(),
    }),
    close: () => open.clear(),
  };
}

function openSame(file: RegularFile): number {
  let fd: number;
  try {
    // O_NONBLOCK: should the file have been replaced by a fifo since it was looked at, the open must not wait.
    fd = openSync(osPath(file.hostPath), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    throw changed(file);
  }
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  if (`${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}` === file.version) return fd;
  closeSync(fd);
  throw changed(file);
}

function changed({ hostPath }: RegularFile): UserError {
  return new UserError('unreadable', `${displayText(hostPath)} was changed or removed while it was read. Ask again.`);
}
