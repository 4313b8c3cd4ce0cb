import { elfMagic, objectType } from '../../elf/reader/file-header.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { describeErrno, type Errno } from '../files/errno.ts';
import type { FileStatus, LoaderFiles, RegularFile } from '../files/loader-files.ts';
import { isScriptForLinkEditor, librariesOfScript } from './linker-script.ts';
import type { LoaderFile, LoaderHeader, LoaderObject, LoaderTarget } from './loader-object.ts';

/** What becomes of a path that the loader tries. */
export type Verdict =
  | { readonly kind: 'taken'; readonly file: RegularFile; readonly header: LoaderHeader; readonly object: LoaderObject }
  /** The search goes on. `errno` is what open(2) left, which for some errors ends the search of the list at hand. */
  | { readonly kind: 'passed'; readonly errno: Errno; readonly outcome: string; readonly wrongClass?: string }
  /** The search ends: the loader gives up on the whole program with this message. */
  | { readonly kind: 'refused'; readonly outcome: string };

export type ReadLoaderFile = (file: RegularFile) => LoaderFile;

/**
 * Opens a candidate as glibc's `open_verify` does: a file of another class or machine is passed over, anything else that is
 * wrong is an error that ends the search. Fifos, sockets and devices are never opened.
 */
export function verifyCandidate(
  path: ByteText,
  files: LoaderFiles,
  read: ReadLoaderFile,
  expected: LoaderTarget,
): Verdict {
  const status = files.status(path);
  if (status.kind !== 'file') return verdictWithoutFile(status);
  const file = read(status);
  if (file.kind === 'unreadable') return passed(file.errno);
  if (file.sizeBytes < headerBytes(expected)) return { kind: 'refused', outcome: 'file too short' };
  if (file.kind === 'other' && file.start.startsWith(elfMagic)) return ofClass(expected.class === 64 ? 32 : 64);
  if (file.kind === 'other') return { kind: 'refused', outcome: `invalid ELF header${scriptNote(file.start)}` };
  const { header, object } = file;
  if (header.class !== expected.class) return ofClass(header.class);
  const error = identError(header, expected);
  if (error !== null) return { kind: 'refused', outcome: error };
  if (header.machine !== expected.machine) {
    return { kind: 'passed', errno: 'ENOENT', outcome: `incompatible ELF machine: ${header.machineName}` };
  }
  if (header.type !== objectType.executable && header.type !== objectType.shared) {
    return { kind: 'refused', outcome: 'only ET_DYN and ET_EXEC can be loaded' };
  }
  if (header.programHeaderBytes !== (expected.class === 64 ? 56 : 32)) {
    return { kind: 'refused', outcome: "ELF file's phentsize not the expected size" };
  }
  if (object === null) return { kind: 'refused', outcome: 'cannot read file data' };
  return { kind: 'taken', file: status, header, object };
}

const gnuAbi = 3;
/** LIBC_ABI_MAX: later values of EI_ABIVERSION ask for a glibc that is not written yet. */
const unknownAbiVersion = 4;

/** What is neither of the two classes is the other one to glibc. */
function ofClass(elfClass: 32 | 64): Verdict {
  const wrongClass = `wrong ELF class: ELFCLASS${elfClass}`;
  return { kind: 'passed', errno: 'ENOENT', outcome: wrongClass, wrongClass };
}

function passed(errno: Errno): Verdict {
  return { kind: 'passed', errno, outcome: describeErrno(errno) };
}

function verdictWithoutFile(status: Exclude<FileStatus, RegularFile>): Verdict {
  if (status.kind === 'error') return passed(status.errno);
  if (status.kind === 'directory') return { kind: 'refused', outcome: 'cannot read file data: Is a directory' };
  switch (status.what) {
    case 'socket':
      return passed('ENXIO');
    case 'fifo':
      return { kind: 'refused', outcome: 'a fifo: the loader would wait here until something writes to it' };
    case 'device':
      return { kind: 'refused', outcome: 'a device: the loader would read from it' };
  }
}

function headerBytes(target: LoaderTarget): number {
  return target.class === 64 ? 64 : 52;
}

/** The checks of `e_ident` and `e_version` behind magic and class, in glibc's order and words. */
function identError(header: LoaderHeader, expected: LoaderTarget): string | null {
  const [order, identVersion, abi, abiVersion] = header.ident.subarray(5, 9);
  if (order !== (expected.byteOrder === 'little' ? 1 : 2)) {
    return `ELF file data encoding not ${expected.byteOrder}-endian`;
  }
  if (identVersion !== 1) return 'ELF file version ident does not match current one';
  if (abi !== 0 && abi !== gnuAbi) return 'ELF file OS ABI invalid';
  if (abiVersion !== 0 && !(abi === gnuAbi && (abiVersion ?? 0) < unknownAbiVersion)) {
    return 'ELF file ABI version invalid';
  }
  if (header.ident.subarray(9, 16).some(byte => byte !== 0)) return 'nonzero padding in e_ident';
  return header.version === 1 ? null : 'ELF file version does not match current one';
}

function scriptNote(start: string): string {
  if (!isScriptForLinkEditor(start)) return '';
  const libraries = librariesOfScript(start);
  return ` (a GNU ld script, which only the link editor reads${libraries.length > 0 ? `; it names ${libraries.join(', ')}` : ''})`;
}
