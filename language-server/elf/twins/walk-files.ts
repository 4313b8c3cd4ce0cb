import { type BigIntStats, lstatSync } from 'node:fs';
import { osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type FolderEntries, kernelFolders, pathIn, readFolder, regularFileAt } from './read-folder.ts';

export interface WalkedFile {
  readonly path: ByteText;
  readonly status: BigIntStats;
}

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
    for (const name of entries.files) {
      const path = pathIn(folder, name);
      const status = regularFileAt(path, () => onUnreadable(path));
      // It may have been removed, or replaced, since the folder was read.
      if (status !== null) yield { path, status };
    }
    for (const name of entries.folders.toReversed()) pending.push(pathIn(folder, name));
  }
}

const nothing: FolderEntries = { files: [], folders: [] };

/** What is in a folder; nothing where it has been seen already. */
function entriesOf(folder: ByteText, seen: Set<string>): FolderEntries | 'unreadable' {
  if (kernelFolders.has(folder)) return nothing;
  try {
    const { dev, ino } = lstatSync(osPath(folder), { bigint: true });
    if (seen.has(`${dev}:${ino}`)) return nothing;
    seen.add(`${dev}:${ino}`);
    return readFolder(folder);
  } catch {
    return 'unreadable';
  }
}
