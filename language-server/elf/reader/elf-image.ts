import type { ByteText } from '../../protocol/elf.ts';
import type { ByteSource } from './byte-source.ts';
import { type FieldReader, hex } from './fields.ts';
import { type FileHeader, type HeaderReading, readFileHeader } from './file-header.ts';
import { createFindingList, type FindingList } from './finding-list.ts';
import { programHeaderLayout, type Segment, segmentType } from './program-headers.ts';
import {
  countWithin,
  createRecordTable,
  emptyRecordTable,
  type RecordLayout,
  type RecordTable,
} from './record-table.ts';
import { type Section, sectionHeaderLayout, sectionType } from './section-headers.ts';
import { createStringTable, type StringTable } from './string-table.ts';

/**
 * The skeleton of an ELF file: its header and its two header tables. All else is reached through it, by range and when asked
 * for. What does not fit becomes a finding in `findings`; nothing throws for what is in the file.
 */
export interface ElfImage {
  readonly source: ByteSource;
  readonly fields: FieldReader;
  readonly header: FileHeader;
  readonly segments: RecordTable<Segment>;
  readonly sections: RecordTable<Section>;
  readonly findings: FindingList;
  /** PT_LOAD segments, in the order of the table. */
  readonly loads: readonly Segment[];
  /** The sections from 0 on, decoded once: {@link maximumScannedSections} of them at most. */
  firstSections(): readonly Section[];
  /** The first section of a name. */
  sectionNamed(name: ByteText): Section | undefined;
  /** Name of a section; empty where the file has no section names. */
  sectionName(section: Section): ByteText;
  /** Where the byte at a virtual address lies in the file, through the loadable segments; -1: nowhere. */
  offsetOfAddress(address: bigint): number;
}

/** Loops over the header tables stop here: no compiler makes more, even with a section for each function. */
const maximumLoads = 1 << 16;
export const maximumScannedSections = 1 << 17;
/** Names of sections that are read in one go: far more than those of a library. */
const maximumNamesBytes = 16 << 10;
const printableAscii = /^[ -~]*$/u;

const extendedProgramHeaderCount = 0xffff;
const extendedSectionIndex = 0xffff;

export type ImageReading =
  | { readonly kind: 'image'; readonly image: ElfImage }
  | Exclude<HeaderReading, { kind: 'header' }>;

export function readElfImage(source: ByteSource): ImageReading {
  const reading = readFileHeader(source);
  if (reading.kind !== 'header') return reading;
  const { header, fields } = reading;
  const findings = createFindingList();
  const sections = openSectionHeaders(source, fields, header, findings);
  const segments = openProgramHeaders(source, fields, header, sections, findings);
  const loads: Segment[] = [];
  for (const segment of segments) {
    if (segment.type === segmentType.load && loads.push(segment) >= maximumLoads) break;
  }
  let names: StringTable | null | undefined;
  const sectionNames = (): StringTable | null => {
    if (names === undefined) names = openSectionNames(source, header, sections, findings);
    return names;
  };
  const sectionName = (section: Section): ByteText => sectionNames()?.at(section.name) ?? '';
  let scanned: readonly Section[] | undefined;
  const firstSections = (): readonly Section[] => {
    if (scanned === undefined) {
      readAhead(source, sections);
      scanned = scan(sections);
    }
    return scanned;
  };
  let nameOffsets: readonly number[] | undefined;
  const sectionNamed = (name: ByteText): Section | undefined => {
    const table = sectionNames();
    if (table === null || !printableAscii.test(name))
      return firstSections().find(section => sectionName(section) === name);
    nameOffsets ??= firstSections().map(section => section.name);
    for (let index = 0; index < nameOffsets.length; index += 1) {
      if (table.is(nameOffsets[index] ?? 0, name)) return firstSections()[index];
    }
    return undefined;
  };
  let mappings: readonly Mapping[] | undefined;
  const offsetOfAddress = (address: bigint): number => {
    mappings ??= loads.map(mappingOf);
    for (const { start, end, offset } of mappings) {
      if (address >= start && address < end) return Number(address - start + offset);
    }
    return -1;
  };
  return {
    kind: 'image',
    image: {
      source,
      fields,
      header,
      segments,
      sections,
      findings,
      loads,
      firstSections,
      sectionNamed,
      sectionName,
      offsetOfAddress,
    },
  };
}

/** The bytes of the file that a PT_LOAD segment brings to an address. */
interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  readonly offset: bigint;
}

function mappingOf({ virtualAddress: start, fileBytes, offset }: Segment): Mapping {
  return { start, end: start + fileBytes, offset };
}

/** The last segment of a type, which is the one that loaders go by where there are several. */
export function lastSegment({ segments }: ElfImage, type: number): Segment | undefined {
  let found: Segment | undefined;
  for (const segment of segments) if (segment.type === type) found = segment;
  return found;
}

/** The part of a section that lies within the file, in bytes; nothing where it occupies no bytes of it. */
export function sectionRange(
  image: ElfImage,
  section: Section,
): { readonly offset: number; readonly sizeBytes: number } {
  const offset = Number(section.offset);
  if (section.type === sectionType.nobits || offset >= image.source.sizeBytes) return { offset: 0, sizeBytes: 0 };
  return { offset, sizeBytes: Math.min(Number(section.sizeBytes), image.source.sizeBytes - offset) };
}

/** The first section that fits. */
export function findSection(image: ElfImage, matches: (section: Section) => boolean): Section | undefined {
  return image.firstSections().find(matches);
}

const bytesBeforeHeaders = 1024;
const maximumHeaderBytes = 8 << 10;

/**
 * Linkers put the names of the sections, and often `.comment` and `.gnu_debuglink`, right in front of the section headers: read
 * together with them, they cost no read of their own.
 */
function readAhead(source: ByteSource, { offset, count, entryBytes }: RecordTable<Section>): void {
  const headerBytes = count * entryBytes;
  const before = Math.min(offset, bytesBeforeHeaders);
  if (headerBytes <= maximumHeaderBytes) source.read(offset - before, before + headerBytes);
}

function scan(sections: RecordTable<Section>): readonly Section[] {
  const found: Section[] = [];
  for (const section of sections) if (found.push(section) >= maximumScannedSections) break;
  return found;
}

function openSectionHeaders(
  source: ByteSource,
  fields: FieldReader,
  header: FileHeader,
  findings: FindingList,
): RecordTable<Section> {
  const offset = Number(header.sectionHeaderOffset);
  if (offset === 0) {
    if (header.sectionHeaderCount === 0) return emptyRecordTable();
    const actual = '0 (no table)';
    findings.add({ ...tableFinding('section'), offset: 0, expected: 'an offset (e_shoff)', actual });
    return emptyRecordTable();
  }
  const layout = sectionHeaderLayout(fields);
  // Section 0 is read only where it is needed: it is at the other end of the file.
  const first = createRecordTable(source, layout, { offset, count: 1, entryBytes: layout.bytes });
  // Where there is not even that one, the table was meant to have it.
  const extended = (): number => Number(first.at(0)?.sizeBytes ?? 1n);
  const claimed = header.sectionHeaderCount === 0 ? extended() : header.sectionHeaderCount;
  return openTable(source, layout, findings, {
    what: 'section',
    offset,
    claimed,
    entryBytes: header.sectionHeaderBytes,
  });
}

function openProgramHeaders(
  source: ByteSource,
  fields: FieldReader,
  header: FileHeader,
  sections: RecordTable<Section>,
  findings: FindingList,
): RecordTable<Segment> {
  const isExtended = header.programHeaderCount === extendedProgramHeaderCount;
  const extended = isExtended ? (sections.at(0)?.info ?? 0) : 0;
  const claimed = extended === 0 ? header.programHeaderCount : extended;
  if (claimed === 0) return emptyRecordTable();
  return openTable(source, programHeaderLayout(fields), findings, {
    what: 'program',
    offset: Number(header.programHeaderOffset),
    claimed,
    entryBytes: header.programHeaderBytes,
  });
}

interface ClaimedTable {
  readonly what: 'program' | 'section';
  readonly offset: number;
  readonly claimed: number;
  readonly entryBytes: number;
}

function openTable<T>(
  source: ByteSource,
  layout: RecordLayout<T>,
  findings: FindingList,
  { what, offset, claimed, entryBytes }: ClaimedTable,
): RecordTable<T> {
  if (claimed > 0 && entryBytes !== layout.bytes) {
    findings.add({
      code: `elf/${what}-header-size`,
      severity: 'error',
      message: `The header says that a ${what} header has ${entryBytes} bytes (${what === 'program' ? 'e_phentsize' : 'e_shentsize'}).`,
      offset: 0,
      expected: String(layout.bytes),
      actual: String(entryBytes),
      evidence: { rule: 'gABI: ELF Header' },
    });
    // A larger one could have grown at its end; a smaller one would make the records overlap.
    if (entryBytes < layout.bytes) return emptyRecordTable();
  }
  const count = countWithin(source.sizeBytes, offset, entryBytes, claimed);
  if (count < claimed) {
    findings.add({
      ...tableFinding(what),
      offset,
      expected: `${claimed} headers from offset ${hex(offset)}`,
      actual: `${count} before the end of the file at ${hex(source.sizeBytes)}`,
    });
  }
  return createRecordTable(source, layout, { offset, count, entryBytes });
}

function tableFinding(what: 'program' | 'section') {
  return {
    code: `elf/${what}-headers-truncated`,
    severity: 'error',
    message: `The table of ${what} headers does not lie within the file: the file is truncated, or its header is broken.`,
    evidence: { rule: 'gABI: ELF Header' },
  } as const;
}

function openSectionNames(
  source: ByteSource,
  header: FileHeader,
  sections: RecordTable<Section>,
  findings: FindingList,
): StringTable | null {
  const extended = header.sectionNameIndex === extendedSectionIndex;
  const index = extended ? (sections.at(0)?.link ?? 0) : header.sectionNameIndex;
  if (index === 0) return null;
  const section = sections.at(index);
  if (section === undefined || section.type === sectionType.nobits) {
    findings.add({
      code: 'elf/section-names',
      severity: 'warning',
      message: 'The section that should hold the names of the sections does not exist (e_shstrndx).',
      offset: 0,
      expected: `a section below ${sections.count}`,
      actual: String(index),
      evidence: { rule: 'gABI: ELF Header' },
    });
    return null;
  }
  const { offset, sizeBytes } = section;
  const names = createStringTable(source, findings, {
    name: `of section ${index}`,
    offset: Number(offset),
    sizeBytes: Number(sizeBytes),
  });
  if (names.sizeBytes <= maximumNamesBytes) names.preload();
  return names;
}
