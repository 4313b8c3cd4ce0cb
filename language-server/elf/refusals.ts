import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { ByteSource } from './reader/byte-source.ts';
import type { HeaderReading } from './reader/file-header.ts';
import { foreignFormat } from './reader/foreign-format.ts';

/**
 * Why a file cannot be looked at, in the same words whatever it was asked for: what it is, and where there is something, what
 * to do instead.
 */

const irregularKinds = {
  folder: 'a folder; choose a program or a library in it',
  fifo: 'a named pipe (fifo), not a file with contents to inspect; it was not opened',
  socket: 'a socket, not a file with contents to inspect; it was not opened',
  device: 'a device, not a file with contents to inspect; it was not opened',
} as const;

export type IrregularKind = keyof typeof irregularKinds;

export function irregularFile(path: ByteText, kind: IrregularKind): UserError {
  return new UserError('notRegularFile', `${displayText(path)} is ${irregularKinds[kind]}.`);
}

/** Throws a UserError for what no system takes as a name. */
export function requireFileName(path: ByteText): void {
  if (path.includes('\0')) throw new UserError('notFound', 'A file name cannot hold a NUL byte.');
}

/**
 * @param reading What became of its header.
 * @param source Its beginning; all of it need not be there.
 */
export function unusableContents(
  path: ByteText,
  reading: Exclude<HeaderReading, { readonly kind: 'header' }>,
  source: ByteSource,
): UserError {
  return new UserError('notElf', `${displayText(path)} ${contentsText(reading, source)}.`);
}

function contentsText(reading: Exclude<HeaderReading, { readonly kind: 'header' }>, source: ByteSource): string {
  switch (reading.kind) {
    case 'noMagic':
      return `is ${foreignFormat(source).description}`;
    case 'unknownClass':
      return `begins like an ELF file, but its class byte is ${reading.class} where 1 (32-bit) or 2 (64-bit) is expected, so that nothing behind it can be read`;
    case 'tooShort':
      return `begins like an ELF file, but is too short to be one: it has ${source.sizeBytes} bytes, and the header alone has ${reading.needed}`;
  }
}

const reasons: Readonly<Record<string, readonly ['notFound' | 'unreadable', string]>> = {
  ENOENT: ['notFound', 'does not exist'],
  ENOTDIR: ['notFound', 'does not exist: a part of its path is not a folder'],
  ENAMETOOLONG: ['notFound', 'has a name that is longer than the system allows'],
  ELOOP: ['notFound', 'leads through too many symbolic links'],
  EACCES: ['unreadable', 'may not be read (permission denied)'],
  EPERM: ['unreadable', 'may not be read (operation not permitted)'],
  EIO: ['unreadable', 'cannot be read: the disk or the network reports an error (EIO)'],
  ESTALE: ['notFound', 'went away on its network drive'],
  EMFILE: ['unreadable', 'cannot be opened: too many files are open'],
  ENFILE: ['unreadable', 'cannot be opened: too many files are open'],
};

/** The sentence for an errno; all other errors are ours and stay as they are. */
export function readFailure(path: ByteText, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof UserError || typeof code !== 'string' || !/^E[A-Z0-9]+$/u.test(code)) return error;
  return systemFailure(path, code);
}

/** @param code The errno's name. */
export function systemFailure(path: ByteText, code: string): UserError {
  const [kind, reason] = reasons[code] ?? ['unreadable', `cannot be read (${code})`];
  return new UserError(kind, `${displayText(path)} ${reason}.`);
}
