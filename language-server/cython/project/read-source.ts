import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { companionName } from '../binding/modules.ts';
import { maximumSourceLength } from '../syntax/tokens.ts';

/** Generated sources of a few MB exist; what is larger is no source that a person lints. No character takes more than four bytes. */
const maximumBytes = 4 * maximumSourceLength;

/**
 * The text of a Cython source. Bytes that are not UTF-8 stay apart from all text ({@link decodeBytes}), so that every column is
 * that of an editor.
 * Throws UserError: notFound, unreadable, notRegularFile, notSupported (too large).
 */
export function readSource(path: ByteText): string {
  const shown = displayText(path);
  let fd: number;
  try {
    // O_NONBLOCK: opening a fifo must not wait for somebody who writes to it.
    fd = openSync(osPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError('notFound', `There is no file ${shown}.`);
    throw new UserError('unreadable', `${shown} cannot be read (${code}).`);
  }
  try {
    const { size } = requireRegular(fd, shown);
    if (size > maximumBytes) throw tooLarge(shown);
    const text = decodeBytes(readFileSync(fd));
    if (text.length > maximumSourceLength) throw tooLarge(shown);
    return text;
  } finally {
    closeSync(fd);
  }
}

function tooLarge(shown: string): UserError {
  return new UserError(
    'notSupported',
    `${shown} is too large for a Cython source (more than ${maximumSourceLength >> 20} MB).`,
  );
}

function requireRegular(fd: number, shown: string): { readonly size: number } {
  const status = fstatSync(fd);
  if (!status.isFile()) throw new UserError('notRegularFile', `${shown} is not a regular file.`);
  return status;
}

/**
 * Reads what a source names beside itself (its `.pxd`, an included `.pxi`): the text that is open in the editor before the
 * one on disk.
 *
 * @param openText The text of an absolute path where an editor has it open.
 */
export function createSourceReader(
  source: ByteText,
  openText: (path: ByteText) => string | undefined = () => undefined,
): (name: string) => string | null {
  const folder = source.slice(0, source.lastIndexOf('/') + 1);
  return name => {
    const path =
      name === companionName ? source.replace(/\.[^./]*$/u, '.pxd') : name.startsWith('/') ? name : `${folder}${name}`;
    try {
      return openText(path) ?? readSource(path);
    } catch (error) {
      // A file that is not there, or cannot be read, declares nothing.
      if (error instanceof UserError) return null;
      throw error;
    }
  };
}
