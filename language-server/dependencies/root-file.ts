import { realpathSync } from 'node:fs';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { folderOf, type ObjectFile } from './link-map.ts';
import type { LoaderFiles } from './loader-files.ts';

const executableType = 2;

/** Whether the file is run, rather than loaded by something that is run. */
export function isProgram({ header, object }: ObjectFile): boolean {
  if (header.type === executableType || object.positionIndependentExecutable) return true;
  // A PIE of a linker from before DF_1_PIE. libc.so.6, which can be run too, has a SONAME.
  return object.interpreter !== null && object.soname === null;
}

/**
 * `$ORIGIN` of the file that a tree is asked for: of a program the folder of the file itself, links followed, since glibc
 * asks the kernel (`/proc/self/exe`); of a library the folder of the path as it is given, as dlopen(3) would have it.
 */
export function mainOrigin(root: ObjectFile & { readonly path: ByteText }, files: LoaderFiles): ByteText {
  if (!isProgram(root)) return folderOf(files.absolute(root.path));
  try {
    return folderOf(decodeBytes(realpathSync(osPath(files.absolute(root.path)), { encoding: 'buffer' })));
  } catch {
    return folderOf(files.absolute(root.path));
  }
}
