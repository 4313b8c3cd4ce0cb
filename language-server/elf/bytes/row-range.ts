import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ElfRowRange, FileRange } from '../../protocol/elf-bytes.ts';
import { UserError } from '../../protocol/errors.ts';
import type { ElfFile } from '../elf-file.ts';
import { withElfFile } from '../open-elf.ts';
import { dynamicTag } from '../reader/dynamic-section.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { objectType } from '../reader/file-header.ts';
import { initializerArrays } from '../reader/initializers.ts';
import { programHeaderLayout, segmentType } from '../reader/program-headers.ts';
import { type Section, sectionHeaderLayout, sectionType } from '../reader/section-headers.ts';
import { type SymbolTable, sectionIndex, symbolType } from '../reader/symbol-table.ts';
import { openRelocations } from '../relocations/open-relocations.ts';
import { entryBytes, type RelocationSection, relocationSections } from '../relocations/relocation-sections.ts';
import { noteBytes } from './notes-at.ts';
import { relativeWordOf } from './relative-word.ts';

interface RowPlace {
  readonly entry: FileRange;
  readonly contents: FileRange | null;
}

/** Undefined: the table has no such row. */
type FindRow = (file: ElfFile, index: number) => RowPlace | undefined;

/** By the id of the table. */
const finders: Readonly<Record<string, FindRow>> = {
  sections: sectionRow,
  segments: segmentRow,
  dynamic: dynamicRow,
  'dynamic-symbols': (file, index) => symbolRow(file, file.dynamicSymbols(), index),
  symbols: (file, index) => symbolRow(file, file.staticSymbols(), index),
  notes: noteRow,
  relocations: relocationRow,
  versions: versionRow,
  initializers: initializerRow,
};

/**
 * Where a row of a table is in the file.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported; invalidParams for a table or row that there is
 * not; what the signal is aborted with.
 */
export async function readRowRange(
  path: ByteText,
  { table, index }: { readonly table: string; readonly index: number },
  signal?: AbortSignal,
): Promise<ElfRowRange> {
  signal?.throwIfAborted();
  const find = Object.hasOwn(finders, table) ? finders[table] : undefined;
  if (find === undefined) {
    const known = Object.keys(finders).join(', ');
    throw new UserError('invalidParams', `The rows of "${displayText(table)}" have no bytes; those of ${known} have.`);
  }
  return await withElfFile(path, (file): ElfRowRange => {
    const place = find(file, index);
    if (place === undefined) {
      throw new UserError('invalidParams', `The table "${table}" of ${displayText(path)} has no row ${index}.`);
    }
    return { version: file.version, ...place };
  });
}

function sectionRow({ image }: ElfFile, index: number): RowPlace | undefined {
  const section = image.sections.at(index);
  if (section === undefined) return undefined;
  const entry = { offset: section.headerOffset, length: sectionHeaderLayout(image.fields).bytes };
  const { offset, sizeBytes: length } = sectionRange(image, section);
  return { entry, contents: length === 0 ? null : { offset, length } };
}

function segmentRow({ image }: ElfFile, index: number): RowPlace | undefined {
  const segment = image.segments.at(index);
  if (segment === undefined) return undefined;
  const entry = { offset: segment.headerOffset, length: programHeaderLayout(image.fields).bytes };
  return { entry, contents: withinFile(image, Number(segment.offset), Number(segment.fileBytes)) };
}

function dynamicRow(file: ElfFile, index: number): RowPlace | undefined {
  const dynamic = file.dynamic();
  if (dynamic?.entries.at(index) === undefined) return undefined;
  const length = 2 * file.image.fields.wordBytes;
  return { entry: { offset: dynamic.offset + index * length, length }, contents: null };
}

function noteRow(file: ElfFile, index: number): RowPlace | undefined {
  const note = file.notes()[index];
  if (note === undefined) return undefined;
  const { offset, descriptorOffset, descriptorBytes } = note;
  const entry = { offset, length: noteBytes(note) };
  return { entry, contents: withinFile(file.image, descriptorOffset, descriptorBytes) };
}

const versionBytes = { needed: 16, defined: 20 };

/** In the order of the table: what the file defines, then what it needs. */
function versionRow(file: ElfFile, index: number): RowPlace | undefined {
  const { definitions, needs } = file.versions();
  const records = [
    ...definitions.map(({ offset }) => ({ offset, length: versionBytes.defined })),
    ...needs.flatMap(({ versions }) => versions.map(({ offset }) => ({ offset, length: versionBytes.needed }))),
  ];
  const entry = records[index];
  return entry === undefined ? undefined : { entry, contents: null };
}

/** A pointer, or the entry of the dynamic section that has the address of the function: of it, the first bytes. */
function initializerRow(file: ElfFile, index: number): RowPlace | undefined {
  const { wordBytes } = file.image.fields;
  let first = 0;
  for (const array of initializerArrays(file)) {
    const own = index - first;
    first += array.count;
    if (own >= array.count) continue;
    if (array.function === null) {
      if (array.offset < 0) return undefined;
      return { entry: { offset: array.offset + own * wordBytes, length: wordBytes }, contents: null };
    }
    const tag = array.kind === 'init' ? dynamicTag.init : dynamicTag.fini;
    const place = dynamicRow(file, file.dynamic()?.entries.lastIndexOf(tag) ?? -1);
    return place === undefined ? undefined : { ...place, contents: atAddress(file.image, array.function, wordBytes) };
  }
  return undefined;
}

function symbolRow({ image }: ElfFile, table: SymbolTable | null, index: number): RowPlace | undefined {
  if (table === null || index >= table.count) return undefined;
  const { layout } = table;
  const bytes = table.block(index, 1);
  if (bytes.length < layout.bytes) return undefined;
  const entry = { offset: table.offset + index * layout.bytes, length: layout.bytes };
  return { entry, contents: symbolContents(image, table, bytes, index) };
}

/** The bytes that a symbol names: its value is an address; in a relocatable file an offset in its section (gABI, "Symbol Values"). */
function symbolContents(image: ElfImage, table: SymbolTable, bytes: Buffer, index: number): FileRange | null {
  const { fields, header, source } = image;
  const { layout, sectionIndicesOffset } = table;
  let section = fields.u16(bytes, layout.sectionIndex);
  if (section === sectionIndex.extended && sectionIndicesOffset >= 0) {
    const extended = source.read(sectionIndicesOffset + 4 * index, 4);
    if (extended.length === 4) section = fields.u32(extended, 0);
  } else if (section === sectionIndex.undefined || section >= sectionIndex.reserved) return null;
  const type = bytes.readUInt8(layout.info) & 15;
  const definedIn = image.sections.at(section);
  if (definedIn !== undefined && type === symbolType.section) {
    const { offset, sizeBytes: length } = sectionRange(image, definedIn);
    return length === 0 ? null : { offset, length };
  }
  const value = fields.bigWord(bytes, layout.value);
  const size = Number(fields.bigWord(bytes, layout.size));
  if (header.type === objectType.relocatable) {
    return definedIn === undefined ? null : withinSection(image, definedIn, Number(value), size);
  }
  // A thread-local symbol's value is no address, but where it is in the segment of initial values.
  if (type === symbolType.tls) return threadLocalContents(image, definedIn, Number(value), size);
  return atAddress(image, value, size);
}

function threadLocalContents(
  image: ElfImage,
  section: Section | undefined,
  value: number,
  size: number,
): FileRange | null {
  for (const segment of image.segments) {
    if (segment.type !== segmentType.tls) continue;
    if (section?.type === sectionType.nobits || value + size > Number(segment.fileBytes)) return null;
    return withinFile(image, Number(segment.offset) + value, size);
  }
  return null;
}

function relocationRow(file: ElfFile, index: number): RowPlace | undefined {
  const { image } = file;
  let first = 0;
  for (const section of relocationSections(image, file.dynamic())) {
    const list = openRelocations(image, section);
    const own = index - first;
    first += list.count;
    if (own >= list.count) continue;
    const target = list.block(own, 1).offsets[0];
    const entry = relocationEntry(image, section, own);
    return { entry, contents: target === undefined ? null : relocated(image, section, target) };
  }
  return undefined;
}

/** Of compact relocations, whose entries depend on those before them, all of them. */
function relocationEntry(image: ElfImage, section: RelocationSection, index: number): FileRange {
  const { offset, sizeBytes } = section;
  if (section.kind === 'crel') return { offset, length: sizeBytes };
  const length = entryBytes(section.kind, image.fields.wordBytes);
  const entry = section.kind === 'relr' ? relativeWordOf(image, section, index) : index;
  return { offset: offset + entry * length, length };
}

/** The bytes that a relocation changes: a word, as a type of fewer bytes changes the first of them. */
function relocated(image: ElfImage, section: RelocationSection, target: bigint): FileRange | null {
  const length = image.fields.wordBytes;
  if (image.header.type !== objectType.relocatable) return atAddress(image, target, length);
  const changed = image.sections.at(section.targetSection);
  return changed === undefined ? null : withinSection(image, changed, Number(target), length);
}

function atAddress(image: ElfImage, address: bigint, length: number): FileRange | null {
  const load = image.loads.find(
    ({ virtualAddress, fileBytes }) => address >= virtualAddress && address < virtualAddress + fileBytes,
  );
  if (load === undefined) return null;
  const within = Math.min(length, Number(load.virtualAddress + load.fileBytes - address));
  return withinFile(image, Number(address - load.virtualAddress + load.offset), within);
}

function withinSection(image: ElfImage, section: Section, at: number, length: number): FileRange | null {
  const { offset, sizeBytes } = sectionRange(image, section);
  return at >= sizeBytes ? null : withinFile(image, offset + at, Math.min(length, sizeBytes - at));
}

/** Null: no byte of it is in the file. */
function withinFile({ source }: ElfImage, offset: number, length: number): FileRange | null {
  const within = Math.min(length, source.sizeBytes - offset);
  return within > 0 ? { offset, length: within } : null;
}
