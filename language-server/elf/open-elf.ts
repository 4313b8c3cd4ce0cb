import { type BigIntStats, closeSync, constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText, FileVersion } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { type ArchiveMember, memberSource } from './archive/archive.ts';
import { type ArchiveFile, findMember, memberCommand, openArchive } from './archive/archive-file.ts';
import { externalMemberPath } from './archive/external-member.ts';
import { type MemberPlace, memberPath, memberPlaceOf, memberText } from './archive/member-path.ts';
import { createElfFile, type ElfFile, type FileVersions } from './elf-file.ts';
import { type ByteSource, createByteSource } from './reader/byte-source.ts';
import { readElfImage } from './reader/elf-image.ts';
import { type IrregularKind, irregularFile, readFailure, requireFileName, unusableContents } from './refusals.ts';

/** What a file that can be inspected is. */
export type InspectedFile = ElfFile | ArchiveFile;

/**
 * Opens an ELF file, or a member of an archive (`libx.a(part.o)`), for the time that `use` takes. A directory, fifo, socket or
 * device is never opened.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported.
 */
export function withElfFile<T>(path: ByteText, use: (file: ElfFile) => T | Promise<T>): Promise<T> {
  return withInspectedFile(path, file => {
    if (file.kind === 'elf') return use(file);
    const [member] = file.archive.members;
    const example = member === undefined ? '' : `, as in ${displayText(memberPath(file.path, member.name))}`;
    throw new UserError(
      'notSupported',
      `${displayText(path)} is an archive of object files (ar). Name one of its members behind it${example}.`,
    );
  });
}

/** The same for files of all kinds. Throws UserError notFound, unreadable, notRegularFile, notElf. */
export function withInspectedFile<T>(path: ByteText, use: (file: InspectedFile) => T | Promise<T>): Promise<T> {
  const place = memberPlaceOf(path);
  return place === null ? withOpenFile(path, opened => use(inspectedFileOf(path, opened))) : withMember(place, use);
}

/** A file that is open for reading. */
interface OpenedFile extends FileVersions {
  readonly source: ByteSource;
}

async function withOpenFile<T>(path: ByteText, use: (opened: OpenedFile) => T | Promise<T>): Promise<T> {
  const { fd, status } = openRegular(path);
  try {
    return await use({
      source: createByteSource(fd, Number(status.size)),
      version: versionOf(status),
      currentVersion: () => versionOf(fstatSync(fd, { bigint: true })),
    });
  } catch (error) {
    throw readFailure(path, error);
  } finally {
    closeSync(fd);
  }
}

async function withMember<T>(place: MemberPlace, use: (file: InspectedFile) => T | Promise<T>): Promise<T> {
  const { archive: path, member: text } = place;
  const elsewhere = await withOpenFile(path, async opened => {
    const { source } = opened;
    const file = openArchive(path, source, opened);
    if (file === null)
      throw new UserError(
        'notFound',
        `${displayText(path)} is no archive, so it has no member "${displayText(text)}".`,
      );
    const member = findMember(file.archive, text);
    if (member === undefined) {
      throw new UserError('notFound', `The archive ${displayText(path)} has no member "${displayText(text)}".`);
    }
    const contents = memberSource(source, member);
    if (contents === null) return { kind: 'external' as const, path: externalPath(path, member) };
    const shown = memberPath(path, member.name);
    const inner = {
      source: contents,
      version: `${opened.version}#${member.headerOffset}`,
      currentVersion: () => `${opened.currentVersion()}#${member.headerOffset}`,
    };
    const command = (args: readonly string[]): string => memberCommand(path, member, args);
    return { kind: 'done' as const, value: await use(inspectedFileOf(shown, inner, command)) };
  });
  return elsewhere.kind === 'done' ? elsewhere.value : await withInspectedFile(elsewhere.path, use);
}

/** Where a member of a thin archive is; in a thin archive of archives in one of these. */
function externalPath(archivePath: ByteText, member: ArchiveMember): ByteText {
  const path = externalMemberPath(archivePath, member);
  return member.nestedOffset === null ? path : memberPath(path, memberText('', member.nestedOffset));
}

/** Device, inode, size and times: while they are the same, so are the bytes. */
export function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileVersion {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/** A descriptor to read from; the caller closes it. A directory, fifo, socket or device is refused before it is opened. */
export function openRegularFile(path: ByteText): number {
  return openRegular(path).fd;
}

function openRegular(path: ByteText): { readonly fd: number; readonly status: BigIntStats } {
  requireFileName(path);
  try {
    // Looked at before it is opened: to open a fifo or a device can block, or act.
    refuseIrregular(path, statSync(osPath(path)));
    const fd = openSync(osPath(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const status = fstatSync(fd, { bigint: true });
      refuseIrregular(path, status);
      return { fd, status };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } catch (error) {
    throw readFailure(path, error);
  }
}

function refuseIrregular(path: ByteText, status: Stats | BigIntStats): void {
  if (!status.isFile()) throw irregularFile(path, irregularKind(status));
}

function irregularKind(status: Stats | BigIntStats): IrregularKind {
  if (status.isDirectory()) return 'folder';
  if (status.isFIFO()) return 'fifo';
  return status.isSocket() ? 'socket' : 'device';
}

function inspectedFileOf(path: ByteText, opened: OpenedFile, command?: ElfFile['command']): InspectedFile {
  const { source } = opened;
  const reading = readElfImage(source);
  if (reading.kind === 'image') return createElfFile(path, opened, reading.image, command);
  const archive = reading.kind === 'noMagic' ? openArchive(path, source, opened) : null;
  if (archive === null) throw unusableContents(path, reading, source);
  return archive;
}
