import { elfMagic, objectType } from '../elf/reader/file-header.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { describeErrno, type Errno } from './errno.ts';
import { createLinkMap, folderOf, type LinkMap, type ObjectFile } from './link-map.ts';
import { isScriptForLinkEditor } from './linker-script.ts';
import type { LoaderFiles, RegularFile } from './loader-files.ts';
import type { ReadLoaderFile } from './verify-candidate.ts';

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
  const status = files.status(path);
  const shown = displayText(shownPath);
  switch (status.kind) {
    case 'error':
      throw systemError(status.errno, shown);
    case 'directory':
      throw new UserError('notRegularFile', `${shown} is a directory. Choose a program or a shared library in it.`);
    case 'special':
      throw new UserError('notRegularFile', `${shown} is a ${status.what}, not a regular file. It was not opened.`);
    case 'file':
      break;
  }
  const file = read(status);
  if (file.kind === 'unreadable') throw systemError(file.errno, shown);
  if (file.kind === 'other') throw new UserError('notElf', `${shown} is not an ELF file: ${otherKind(file)}.`);
  if (file.object === null) {
    throw new UserError(
      'notElf',
      `${shown} is a damaged ELF file: its program headers lie outside of its ${file.sizeBytes} bytes.`,
    );
  }
  return { shownPath, path, file: status, header: file.header, object: file.object };
}

function systemError(errno: Errno, shown: string): UserError {
  const kind = errno === 'ENOENT' || errno === 'ENOTDIR' ? 'notFound' : 'unreadable';
  return new UserError(kind, `${shown} cannot be read: ${describeErrno(errno)}.`);
}

function otherKind({ sizeBytes, start }: { readonly sizeBytes: number; readonly start: string }): string {
  if (sizeBytes === 0) return 'it is empty';
  if (start.startsWith(elfMagic) && sizeBytes >= 64) return 'its class is neither 32-bit nor 64-bit';
  if (start.startsWith(elfMagic)) return `it ends after ${sizeBytes} bytes, within the header`;
  if (start.startsWith('!<arch>\n') || start.startsWith('!<thin>\n')) return 'it is an archive, for the link editor';
  if (isScriptForLinkEditor(start)) return 'it is a GNU ld script, which only the link editor reads';
  if (start.startsWith('#!')) return `it is a script for ${displayText(/^#!\s*(\S*)/u.exec(start)?.[1] ?? '')}`;
  return 'it does not begin with the ELF magic';
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
