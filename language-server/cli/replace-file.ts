import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { decodeBytes, encodeBytes } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

/**
 * Gives a file another text, all of it or nothing of it, whoever reads it meanwhile: written beside it and renamed. The file keeps
 * its mode and owner, and the bytes that are not UTF-8; of a link, what it leads to is replaced.
 * Throws UserError (unreadable): it may not be written, or somebody else has changed it since `before` was read.
 */
export function replaceFile(path: ByteText, before: string, after: string): void {
  const beside = { path: '' };
  try {
    const target = realpathSync.native(encodeBytes(path), { encoding: 'buffer' });
    // The rename asks only about the folder: a file that is not to be written would be replaced.
    accessSync(target, constants.W_OK);
    if (decodeBytes(readFileSync(target)) !== before) {
      throw new UserError('unreadable', `${displayText(path)} was changed meanwhile and is left as it is.`);
    }
    const { mode, uid, gid } = statSync(target);
    beside.path = `${decodeBytes(target)}.${process.pid}.fixed`;
    writeWhole(encodeBytes(beside.path), encodeBytes(after), { mode, uid, gid });
    renameSync(encodeBytes(beside.path), target);
  } catch (error) {
    if (beside.path !== '') removeQuietly(encodeBytes(beside.path));
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError('unreadable', `${displayText(path)} cannot be written (${code}).`);
  }
}

function writeWhole(
  path: Buffer,
  bytes: Buffer,
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(fd, bytes);
    // The owner first: a change of it takes set-user-ID bits off.
    try {
      fchownSync(fd, uid, gid);
    } catch {
      // A file of somebody else that this group may write becomes ours, as with any editor that writes this way.
    }
    fchmodSync(fd, mode & 0o7777);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function removeQuietly(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made, or is renamed already.
  }
}
