import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { type ByteSource, createByteSource } from '../../elf/reader/byte-source.ts';
import type { FieldReader } from '../../elf/reader/fields.ts';
import { objectType, readFileHeader } from '../../elf/reader/file-header.ts';
import { segmentType } from '../../elf/reader/program-headers.ts';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { errnoOf } from '../files/errno.ts';
import type { RegularFile } from '../files/loader-files.ts';
import type { LoaderFile, LoaderHeader, LoaderObject } from './loader-object.ts';
import { machineName } from './machine-names.ts';
import { type ProgramHeader, readDynamicSection } from './read-dynamic.ts';

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
    return readOpenFile(createByteSource(fd, file.sizeBytes));
  } catch (error) {
    return { kind: 'unreadable', errno: errnoOf(error) };
  } finally {
    closeSync(fd);
  }
}

/** DF_1_PIE of DT_FLAGS_1. */
const pieFlag = 0x08000000;
const noDefaultFoldersFlag = 0x800;
/** x86's, which is the smallest of all machines: what is aligned less is refused everywhere. */
const pageBytes = 4096;

function readOpenFile(source: ByteSource): LoaderFile {
  const { sizeBytes } = source;
  const reading = readFileHeader(source);
  if (reading.kind !== 'header') return { kind: 'other', sizeBytes, start: source.read(0, 512).toString('latin1') };
  const { header, fields } = reading;
  const loaderHeader: LoaderHeader = {
    class: fields.class,
    byteOrder: fields.byteOrder,
    ident: header.ident,
    type: header.type,
    machine: header.machine,
    machineName: machineName(header.machine),
    version: header.version,
    flags: header.flags,
    programHeaderBytes: header.programHeaderBytes,
  };
  const table = readProgramHeaders(source, fields, Number(header.programHeaderOffset), header.programHeaderCount);
  const object = table === null ? null : readObject(source, fields, loaderHeader, table);
  return { kind: 'elf', sizeBytes, header: loaderHeader, object };
}

/** Null where the table does not lie within the file. */
function readProgramHeaders(
  source: ByteSource,
  fields: FieldReader,
  offset: number,
  count: number,
): readonly ProgramHeader[] | null {
  const entryBytes = fields.class === 64 ? 56 : 32;
  const table = source.read(offset, count * entryBytes);
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
  source: ByteSource,
  fields: FieldReader,
  header: LoaderHeader,
  programHeaders: readonly ProgramHeader[],
): LoaderObject {
  const loads = programHeaders.filter(({ type }) => type === segmentType.load);
  const dynamic = programHeaders.findLast(({ type }) => type === segmentType.dynamic);
  const interpreter = programHeaders.findLast(({ type }) => type === segmentType.interpreter);
  const section = readDynamicSection(source, fields, loads, dynamic);
  const misaligned = loads.some(
    ({ address, offset }) => ((address % pageBytes) - (offset % pageBytes)) % pageBytes !== 0,
  );
  const mappingError = (): string | null => {
    if (misaligned) return 'ELF load command address/offset not page-aligned';
    if (loads.length === 0) return 'object file has no loadable segments';
    if (header.type !== objectType.shared) return 'cannot dynamically load executable';
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
    interpreter: interpreter === undefined ? null : interpreterOf(source, interpreter),
    dynamicSection: dynamic === undefined ? 'none' : dynamic.fileBytes === 0 ? 'split off' : 'there',
    positionIndependentExecutable: (section.flags1 & pieFlag) !== 0,
    versionNeeds: section.versionNeeds,
    versionDefinitions: section.versionDefinitions,
    mappingError: mappingError(),
    truncated: loads.some(({ offset, fileBytes }) => offset + fileBytes > source.sizeBytes),
  };
}

/** Linux takes at most PATH_MAX bytes of it (fs/binfmt_elf.c). */
function interpreterOf(source: ByteSource, { offset, fileBytes }: ProgramHeader): ByteText {
  const bytes = source.read(offset, Math.min(fileBytes, 4096));
  const end = bytes.indexOf(0);
  return decodeBytes(end < 0 ? bytes : bytes.subarray(0, end));
}
