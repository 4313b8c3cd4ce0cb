import type { ByteText } from '../../protocol/elf.ts';

/** A folder that the loader searches. One record per name and resolution, as in glibc's `dl_all_dirs`. */
export interface SearchFolder {
  /** With a slash at its end; '' for the working directory. */
  readonly name: ByteText;
  /** For each capability's subfolder whether it is there, learnt as candidates in it are tried. */
  readonly status: ('unknown' | 'existing' | 'missing')[];
}

export interface SearchEntry {
  readonly folder: SearchFolder;
  /** As it is written in the path, before tokens are expanded. */
  readonly written: ByteText;
  /** Place in the path, from 1. */
  readonly number: number;
}

export interface SearchFolders {
  folder(name: ByteText): SearchFolder;
}

export function createSearchFolders(subfolderCount: number): SearchFolders {
  const known = new Map<ByteText, SearchFolder>();
  return {
    folder: name => {
      const folder = known.get(name);
      if (folder !== undefined) return folder;
      // glibc never doubts relative folders, since the working directory may change.
      const status = name.startsWith('/') ? 'unknown' : 'existing';
      const created: SearchFolder = { name, status: Array.from({ length: subfolderCount }, () => status) };
      known.set(name, created);
      return created;
    },
  };
}

/**
 * The folders of a search path (glibc `fillin_rpath`): elements whose tokens have no value are dropped, an empty element is
 * the working directory, and an element that comes out as an earlier one is not searched twice.
 *
 * @param expand gives the element with its tokens expanded, or null to drop it.
 */
export function decomposePath(
  path: ByteText,
  separator: RegExp,
  folders: SearchFolders,
  expand: (element: ByteText) => ByteText | null,
): readonly SearchEntry[] {
  const entries = new Map<SearchFolder, SearchEntry>();
  for (const [index, written] of path.split(separator).entries()) {
    const name = folderName(written, expand);
    if (name === null) continue;
    const folder = folders.folder(name);
    if (!entries.has(folder)) entries.set(folder, { folder, written, number: index + 1 });
  }
  return [...entries.values()];
}

function folderName(written: ByteText, expand: (element: ByteText) => ByteText | null): ByteText | null {
  if (written === '') return '';
  const expanded = expand(written);
  if (expanded === null || expanded === '') return null;
  let end = expanded.length;
  while (end > 1 && expanded[end - 1] === '/') end -= 1;
  const trimmed = expanded.slice(0, end);
  return trimmed.endsWith('/') ? trimmed : `${trimmed}/`;
}
