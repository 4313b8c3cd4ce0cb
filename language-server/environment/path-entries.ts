import { statSync } from 'node:fs';
import { absolutePath, type LoaderFiles } from '../dependencies/files/loader-files.ts';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { PathEntry } from '../protocol/environment.ts';

/** What the elements of a variable are. */
export type EntryKind = 'folder' | 'file';

/** How a list is separated, and what an empty element is: for the loader and for the compiler the working directory. */
export interface ListRules {
  readonly separator: RegExp;
  readonly emptyIs: 'working directory' | 'nothing';
}

/** The elements of a variable as the one who reads it takes them apart. */
export function pathEntries(
  value: ByteText,
  kind: EntryKind,
  rules: ListRules,
  files: LoaderFiles,
  cwd: ByteText,
): readonly PathEntry[] {
  const parts = value.split(rules.separator).map((written, index) => ({ written, number: index + 1 }));
  return parts
    .filter(({ written }) => written !== '' || rules.emptyIs === 'working directory')
    .map(({ written, number }) => entryOf(written, number, kind, files, cwd));
}

function entryOf(written: ByteText, number: number, kind: EntryKind, files: LoaderFiles, cwd: ByteText): PathEntry {
  const path = written === '' ? cwd : absolutePath(written, cwd);
  const isName = kind === 'file' && !written.includes('/');
  const notes = notesOf(written, kind, files.shown(path));
  return {
    number,
    written,
    path: files.shown(path),
    state: isName ? 'found' : stateOf(path, kind, files),
    objects: [],
    notes,
  };
}

function stateOf(path: ByteText, kind: EntryKind, files: LoaderFiles): PathEntry['state'] {
  const status = files.status(path);
  switch (status.kind) {
    case 'error':
      return status.errno === 'EACCES' || status.errno === 'EPERM' ? 'unreadable' : 'missing';
    case 'directory':
      return kind === 'folder' ? 'found' : 'other-kind';
    case 'file':
      return kind === 'file' ? 'found' : 'other-kind';
    case 'special':
      return 'other-kind';
  }
}

function notesOf(written: ByteText, kind: EntryKind, hostPath: ByteText): readonly string[] {
  const isToken = /\$\{?(?:ORIGIN|LIB|PLATFORM)\b/u.test(written);
  const notes: string[] = [];
  if (written === '') notes.push('an empty element: the working directory, whatever that is when a program is started');
  else if (!written.startsWith('/') && !isToken && (kind === 'folder' || written.includes('/')))
    notes.push('a relative path: it is another one in each working directory');
  if (written.startsWith('~'))
    notes.push('the loader knows no ~: only a shell expands it, and not within quotes or behind a colon');
  if (/\$(?!\{?(?:ORIGIN|LIB|PLATFORM)\b)/u.test(written)) notes.push('a variable that was not expanded');
  if (written !== '' && isWritableByAll(hostPath)) notes.push('anybody may write there, and so decide what is loaded');
  return notes;
}

/** Without the sticky bit: with it, nobody can replace what another one put there, but put new files. */
function isWritableByAll(path: ByteText): boolean {
  try {
    return (statSync(osPath(path)).mode & 0o002) !== 0;
  } catch {
    return false;
  }
}
