import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { errnoOf } from './errno.ts';
import { createFileWindow, type FileWindow } from './file-window.ts';
import type { RegularFile } from './loader-files.ts';
import type { LoaderFile, LoaderHeader, LoaderObject } from './loader-object.ts';
import { machineName } from './machine-names.ts';
import { readDynamicSection } from './read-dynamic.ts';

/**
 * Reads what a loader reads of a file: header, program headers, and of the dynamic section what names other objects. Only
 * those ranges are read. Never throws for what is in the file.
 */
export function readLoaderFile(file: RegularFile): LoaderFile {
  let fd: number;
  try {
    // O_NONBLOCK: should the file have been replaced by a fifo since it was looked at, the open must not wait.
    fd = openSync(osPath(file.hostPath), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { kind: 'unreadable', errno: errnoOf(error) };
  }
  try {
    if (!fstatSync(fd).isFile()) return { kind: 'unreadable', errno: 'ENOENT' };
    return readOpenFile(createFileWindow(fd, file.sizeBytes));
  } catch (error) {
    return { kind: 'unreadable', errno: errnoOf(error) };
  } finally {
    closeSync(fd);
  }
}

/** A field reader for one class and byte order. */
export interface FieldReader {
  readonly class: 32 | 64;
  u16(bytes: Buffer, at: number): number;
  u32(bytes: Buffer, at: number): number;
  /** An address, offset or size: 4 or 8 bytes. Values past 2^53 come out rounded, and lead out of any file all the same. */
  word(bytes: Buffer, at: number): number;
}

export interface ProgramHeader {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

const magic = '\x7fELF';
const segment = { load: 1, dynamic: 2, interpreter: 3 };
const sharedObjectType = 3;
/** DF_1_PIE of DT_FLAGS_1. */
const pieFlag = 0x08000000;
const noDefaultFoldersFlag = 0x800;
/** x86's, which is the smallest of all machines: what is aligned less is refused everywhere. */
const pageBytes = 4096;

function readOpenFile(window: FileWindow): LoaderFile {
  const start = window.read(0, 64);
  const elfClass = start[4] === 2 ? 64 : 32;
  if (start.toString('latin1', 0, 4) !== magic || start.length < (elfClass === 64 ? 64 : 52)) {
    return { kind: 'other', sizeBytes: window.sizeBytes, start: window.read(0, 512).toString('latin1') };
  }
  const fields = fieldReader(elfClass, start[5] === 2 ? 'big' : 'little');
  const tail = elfClass === 64 ? 48 : 36;
  const machine = fields.u16(start, 18);
  const header: LoaderHeader = {
    class: elfClass,
    byteOrder: start[5] === 2 ? 'big' : 'little',
    ident: Buffer.from(start.subarray(0, 16)),
    type: fields.u16(start, 16),
    machine,
    machineName: machineName(machine),
    version: fields.u32(start, 20),
    flags: fields.u32(start, tail),
    programHeaderBytes: fields.u16(start, tail + 6),
  };
  const tableOffset = fields.word(start, elfClass === 64 ? 32 : 28);
  const programHeaders = readProgramHeaders(window, fields, tableOffset, fields.u16(start, tail + 8));
  const object = programHeaders === null ? null : readObject(window, fields, header, programHeaders);
  return { kind: 'elf', sizeBytes: window.sizeBytes, header, object };
}

function fieldReader(elfClass: 32 | 64, byteOrder: 'little' | 'big'): FieldReader {
  const little = byteOrder === 'little';
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  return {
    class: elfClass,
    u16: (bytes, at) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)),
    u32,
    word: (bytes, at) => {
      if (elfClass === 32) return u32(bytes, at);
      return little ? u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32 : u32(bytes, at) * 2 ** 32 + u32(bytes, at + 4);
    },
  };
}

/** Null where the table does not lie within the file. */
function readProgramHeaders(
  window: FileWindow,
  fields: FieldReader,
  offset: number,
  count: number,
): readonly ProgramHeader[] | null {
  const entryBytes = fields.class === 64 ? 56 : 32;
  const table = window.read(offset, count * entryBytes);
  if (table.length < count * entryBytes) return null;
  const [offsetAt, addressAt, sizeAt] = fields.class === 64 ? [8, 16, 32] : [4, 8, 16];
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes;
    return {
      type: fields.u32(table, at),
      offset: fields.word(table, at + offsetAt),
      address: fields.word(table, at + addressAt),
      fileBytes: fields.word(table, at + sizeAt),
    };
  });
}

function readObject(
  window: FileWindow,
  fields: FieldReader,
  header: LoaderHeader,
  programHeaders: readonly ProgramHeader[],
): LoaderObject {
  const loads = programHeaders.filter(({ type }) => type === segment.load);
  const dynamic = programHeaders.findLast(({ type }) => type === segment.dynamic);
  const interpreter = programHeaders.findLast(({ type }) => type === segment.interpreter);
  const section = readDynamicSection(window, fields, loads, dynamic);
  const misaligned = loads.some(
    ({ address, offset }) => ((address % pageBytes) - (offset % pageBytes)) % pageBytes !== 0,
  );
  const mappingError = (): string | null => {
    if (misaligned) return 'ELF load command address/offset not page-aligned';
    if (loads.length === 0) return 'object file has no loadable segments';
    if (header.type !== sharedObjectType) return 'cannot dynamically load executable';
    // A separate debug file keeps the program header of the dynamic section, but not the section.
    if (dynamic === undefined || dynamic.fileBytes === 0) return 'object file has no dynamic section';
    if ((section.flags1 & pieFlag) === 0) return null;
    return 'cannot dynamically load position-independent executable';
  };
  return {
    soname: section.soname,
    dependencies: section.dependencies,
    rpath: section.runpath === null ? section.rpath : null,
    runpath: section.runpath,
    noDefaultFolders: (section.flags1 & noDefaultFoldersFlag) !== 0,
    interpreter: interpreter === undefined ? null : interpreterOf(window, interpreter),
    dynamicSection: dynamic === undefined ? 'none' : dynamic.fileBytes === 0 ? 'split off' : 'there',
    positionIndependentExecutable: (section.flags1 & pieFlag) !== 0,
    versionNeeds: section.versionNeeds,
    versionDefinitions: section.versionDefinitions,
    mappingError: mappingError(),
    truncated: loads.some(({ offset, fileBytes }) => offset + fileBytes > window.sizeBytes),
  };
}

/** Linux takes at most PATH_MAX bytes of it (fs/binfmt_elf.c). */
function interpreterOf(window: FileWindow, { offset, fileBytes }: ProgramHeader): ByteText {
  const bytes = window.read(offset, Math.min(fileBytes, 4096));
  const end = bytes.indexOf(0);
  return decodeBytes(end < 0 ? bytes : bytes.subarray(0, end));
}
