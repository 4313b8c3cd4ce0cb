import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { cythonFileKind } from '../cython/project/files.ts';
import { decodeBytes, encodeBytes, osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

/** Folders that hold no sources of the person's own. */
const skippedFolders = new Set(['.git', '.hg', 'node_modules', '.tox', '.venv', '__pycache__']);

/** A file that is named by hand, whatever it is called; of a folder all Cython sources in it and below, in order of name. */
export function* cythonSources(path: ByteText, onError: (error: UserError) => void): Generator<ByteText> {
  if (!isFolder(path)) {
    yield path;
    return;
  }
  const pending = [path.length > 1 ? path.replace(/\/+$/u, '') : path];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const folders: ByteText[] = [];
    for (const entry of entriesOf(folder, onError)) {
      const name = decodeBytes(entry.name);
      const child = folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
      // Links are not followed: they can lead back up.
      if (entry.isDirectory() && !skippedFolders.has(name)) folders.push(child);
      else if (entry.isFile() && cythonFileKind(name) !== null) yield child;
    }
    pending.push(...folders.reverse());
  }
}

function isFolder(path: ByteText): boolean {
  try {
    return lstatSync(osPath(path.replace(/\/*$/u, '/'))).isDirectory();
  } catch {
    return false;
  }
}

function entriesOf(folder: ByteText, onError: (error: UserError) => void): readonly Dirent<Buffer>[] {
  try {
    const entries = readdirSync(encodeBytes(folder), { withFileTypes: true, encoding: 'buffer' });
    return entries.toSorted((first, second) => Buffer.compare(first.name, second.name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    onError(new UserError('unreadable', `The folder ${displayText(folder)} cannot be read (${code}).`));
    return [];
  }
}
