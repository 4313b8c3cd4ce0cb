import { createMemorySource } from '../../elf/reader/byte-source.ts';
import { objectType, readFileHeader } from '../../elf/reader/file-header.ts';
import { irregularFile, requireFileName, systemFailure, unusableContents } from '../../elf/refusals.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { LoaderFiles, RegularFile } from '../files/loader-files.ts';
import type { LoaderFile } from '../objects/loader-object.ts';
import type { ReadLoaderFile } from '../objects/verify-candidate.ts';
import { createLinkMap, folderOf, type LinkMap, type ObjectFile } from './link-map.ts';

/** The file that a tree is asked for. */
export interface RootFile extends ObjectFile {
  /** The absolute path on this machine, as it was asked for. */
  readonly shownPath: ByteText;
  /** The path as the loader has it: inside the sysroot, where there is one. */
  readonly path: ByteText;
  readonly file: RegularFile;
}

/** Throws a {@link UserError} for what cannot be looked at. */
export function openRoot(path: ByteText, shownPath: ByteText, files: LoaderFiles, read: ReadLoaderFile): RootFile {
  const { status, file } = openElfFile(path, shownPath, files, read);
  if (file.object === null) {
    const shown = displayText(shownPath);
    throw new UserError(
      'notElf',
      `${shown} is a damaged ELF file: its program headers lie outside of its ${file.sizeBytes} bytes.`,
    );
  }
  return { shownPath, path, file: status, header: file.header, object: file.object };
}

interface OpenedElfFile {
  readonly status: RegularFile;
  readonly file: Extract<LoaderFile, { kind: 'elf' }>;
}

/** A file that a person named. Throws a {@link UserError} for what is not there, not readable or no ELF file. */
export function openElfFile(
  path: ByteText,
  shownPath: ByteText,
  files: Pick<LoaderFiles, 'status'>,
  read: ReadLoaderFile,
): OpenedElfFile {
  requireFileName(path);
  const status = files.status(path);
  if (status.kind === 'error') throw systemFailure(shownPath, status.errno);
  if (status.kind !== 'file') throw irregularFile(shownPath, status.kind === 'directory' ? 'folder' : status.what);
  const file = read(status);
  if (file.kind === 'unreadable') throw systemFailure(shownPath, file.errno);
  if (file.kind === 'other') throw refusedContents(shownPath, file);
  return { status, file };
}

/** In the words in which the inspector refuses it. */
function refusedContents(shownPath: ByteText, { sizeBytes, start }: Extract<LoaderFile, { kind: 'other' }>): UserError {
  const source = { ...createMemorySource(Buffer.from(start, 'latin1')), sizeBytes };
  const reading = readFileHeader(source);
  // Only what has no usable header is `other`.
  if (reading.kind === 'header') throw new Error('A usable header of an unusable file');
  return unusableContents(shownPath, reading, source);
}

/** Whether the file is run, rather than loaded by something that is run. */
export function isProgram({ header, object }: ObjectFile): boolean {
  if (header.type === objectType.executable || object.positionIndependentExecutable) return true;
  // A PIE of a linker from before DF_1_PIE. libc.so.6, which can be run too, has a SONAME.
  return object.interpreter !== null && object.soname === null;
}

/** The first of the loader's objects. */
export function mainMap(root: RootFile, files: LoaderFiles): LinkMap {
  return createLinkMap('program', root, {
    name: '',
    shownPath: root.shownPath,
    origin: mainOrigin(root, files),
    loader: null,
  });
}

/**
 * `$ORIGIN` of the file that a tree is asked for: of a program the folder of the file itself, links followed, since glibc
 * asks the kernel (`/proc/self/exe`); of a library the folder of the path as it is given, as dlopen(3) would have it.
 */
function mainOrigin(root: RootFile, files: LoaderFiles): ByteText {
  const absolute = files.absolute(root.path);
  return folderOf(isProgram(root) ? (files.real(root.path) ?? absolute) : absolute);
}
