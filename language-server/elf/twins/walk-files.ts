import { type BigIntStats, type Dirent, lstatSync, readdirSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';

export interface WalkedFile {
  readonly path: ByteText;
  readonly status: BigIntStats;
}

/** Views of the kernel, not files: their sizes are made up, and reading some of them acts. */
const kernelFolders: ReadonlySet<ByteText> = new Set(['/proc', '/sys', '/dev']);

/**
 * The regular files below some folders, folder by folder in the order of their names, each once, even where the folders lie
 * within each other. Symbolic links are not followed, so that there are no circles.
 * @param onUnreadable Called for a file or folder that cannot be read.
 */
export function* walkFiles(
  folders: readonly ByteText[],
  onUnreadable: (path: ByteText) => void,
): Generator<WalkedFile> {
  const seen = new Set<string>();
  const pending = [...folders].reverse();
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = entriesOf(folder, seen);
    if (entries === 'unreadable') {
      onUnreadable(folder);
      continue;
    }
    const pathOf = (entry: Dirent<Buffer>): ByteText => `${folder === '/' ? '' : folder}/${decodeBytes(entry.name)}`;
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const path = pathOf(entry);
      const status = lstatSync(osPath(path), { bigint: true, throwIfNoEntry: false });
      // It may have been removed, or replaced, since the folder was read.
      if (status?.isFile() === true) yield { path, status };
    }
    pending.push(
      ...entries
        .filter(entry => entry.isDirectory())
        .map(pathOf)
        .reverse(),
    );
  }
}

/** What is in a folder, by name; nothing where it has been seen already. */
function entriesOf(folder: ByteText, seen: Set<string>): readonly Dirent<Buffer>[] | 'unreadable' {
  if (kernelFolders.has(folder)) return [];
  try {
    const { dev, ino } = lstatSync(osPath(folder), { bigint: true });
    if (seen.has(`${dev}:${ino}`)) return [];
    seen.add(`${dev}:${ino}`);
    const entries = readdirSync(osPath(folder), { withFileTypes: true, encoding: 'buffer' });
    return entries.sort((a, b) => a.name.compare(b.name));
  } catch {
    return 'unreadable';
  }
}
