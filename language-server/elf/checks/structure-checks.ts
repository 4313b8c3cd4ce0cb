import type { ElfFile } from '../elf-file.ts';
import { isDebugFile } from '../identity.ts';
import { segmentTypeName } from '../names/segment-types.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { objectType } from '../reader/file-header.ts';
import { type Segment, segmentType } from '../reader/program-headers.ts';
import { type Section, sectionType } from '../reader/section-headers.ts';
import { symbolLayout } from '../reader/symbol-table.ts';
import { checkDynamic } from './dynamic-checks.ts';
import { checkHashTables } from './hash-checks.ts';

/** Adds a finding for each part of the file's structure that contradicts itself or the size of the file. */
export function checkStructure(file: ElfFile): void {
  const { image } = file;
  checkHeader(image);
  checkSegments(image);
  checkSections(image);
  checkDynamic(file);
  checkHashTables(file);
}

function checkHeader({ header, fields, findings }: ElfImage): void {
  const headerBytes = fields.class === 64 ? 64 : 52;
  const byteOrder = header.ident[5] ?? 0;
  const version = header.ident[6] ?? 0;
  const check = (what: string, offset: number, expected: string, actual: number, holds: boolean): void => {
    if (holds) return;
    const evidence = { rule: 'gABI: ELF Header' };
    const message = `The header says ${what}.`;
    findings.add({ code: 'elf/header', severity: 'warning', message, offset, expected, actual: hex(actual), evidence });
  };
  check('a byte order that does not exist (EI_DATA)', 5, '1 or 2', byteOrder, byteOrder === 1 || byteOrder === 2);
  check('a version of ELF that does not exist (EI_VERSION)', 6, '0x1', version, version === 1);
  check('a version of ELF that does not exist (e_version)', 20, '0x1', header.version, header.version === 1);
  const sizeOffset = fields.class === 64 ? 52 : 40;
  check(
    'another size of itself than it has (e_ehsize)',
    sizeOffset,
    hex(headerBytes),
    header.headerBytes,
    header.headerBytes === headerBytes,
  );
}

/** More are not looked at: each would only be one more of the same. */
const maximumCheckedSegments = 1 << 16;

function checkSegments(image: ElfImage): void {
  const { source, header, findings } = image;
  // A separate debug file keeps the program headers of the file that it was taken from.
  const isHollow = isDebugFile(image);
  for (const segment of image.segments) {
    if (segment.index >= maximumCheckedSegments) break;
    const name = segmentTypeName(segment.type, header.machine, header.osAbi);
    const end = segment.offset + segment.fileBytes;
    const offset = segment.headerOffset;
    if (!isHollow && segment.fileBytes > 0n && end > BigInt(source.sizeBytes) && segment.type !== segmentType.null) {
      findings.add({
        code: 'elf/segment-beyond-end',
        severity: 'error',
        message: `Segment ${segment.index} (${name}) ends behind the end of the file: the file is truncated, or its header is broken.`,
        offset,
        expected: `an end at ${hex(source.sizeBytes)} or before`,
        actual: hex(end),
        evidence: { rule: 'gABI: Program Header' },
      });
    }
    if (segment.type === segmentType.load && segment.fileBytes > segment.memoryBytes) {
      findings.add({
        code: 'elf/segment-size',
        severity: 'error',
        message: `Segment ${segment.index} (LOAD) has more bytes in the file than in memory; no loader takes that.`,
        offset,
        expected: `at most ${hex(segment.memoryBytes)}`,
        actual: hex(segment.fileBytes),
        evidence: { rule: 'gABI: Program Header, p_filesz' },
      });
    }
    if (segment.type === segmentType.load && !isHollow) checkAlignment(image, segment);
  }
}

/** Cores and object files are not loaded, and nobody aligns them. */
const loadedTypes: ReadonlySet<number> = new Set([objectType.executable, objectType.shared]);

function checkAlignment({ header, findings }: ElfImage, segment: Segment): void {
  if (!loadedTypes.has(header.type)) return;
  const { alignment, virtualAddress, offset } = segment;
  const isPower = (alignment & (alignment - 1n)) === 0n;
  if (isPower && (alignment === 0n || (virtualAddress - offset) % alignment === 0n)) return;
  findings.add({
    code: 'elf/segment-alignment',
    severity: 'warning',
    message: isPower
      ? `Segment ${segment.index} (LOAD) cannot be mapped where it says: its address and its offset do not fit each other.`
      : `Segment ${segment.index} (LOAD) has an alignment that is no power of two; loaders refuse it.`,
    offset: segment.headerOffset,
    expected: isPower
      ? `an address that differs from ${hex(offset)} by a multiple of ${hex(alignment)}`
      : 'a power of two',
    actual: hex(isPower ? virtualAddress : alignment),
    evidence: { rule: 'gABI: Program Header, p_align' },
  });
}

function checkSections(image: ElfImage): void {
  const { source, findings, sections } = image;
  for (const section of image.firstSections()) {
    // Read for its finding, where the name is not in the table of names.
    image.sectionName(section);
    const end = section.offset + section.sizeBytes;
    const isEmpty =
      section.type === sectionType.nobits || section.type === sectionType.null || section.sizeBytes === 0n;
    if (!isEmpty && end > BigInt(source.sizeBytes)) {
      findings.add({
        code: 'elf/section-beyond-end',
        severity: 'error',
        message: `Section ${section.index} (${image.sectionName(section)}) ends behind the end of the file: the file is truncated, or its header is broken.`,
        offset: section.headerOffset,
        expected: `an end at ${hex(source.sizeBytes)} or before`,
        actual: hex(end),
        evidence: { rule: 'gABI: Sections' },
      });
    }
    if (section.index > 0 && section.type !== sectionType.null && section.link >= sections.count) {
      findings.add({
        code: 'elf/section-link',
        severity: 'warning',
        message: `Section ${section.index} (${image.sectionName(section)}) refers to a section that does not exist (sh_link).`,
        offset: section.headerOffset,
        expected: `less than ${sections.count}`,
        actual: String(section.link),
        evidence: { rule: 'gABI: Sections, sh_link' },
      });
    }
    if (section.index > 0) checkSectionFields(image, section);
  }
}

function checkSectionFields(image: ElfImage, section: Section): void {
  const { sections, findings, fields } = image;
  const wrong = (code: string, field: string, expected: string, actual: bigint | number): void =>
    findings.add({
      code,
      severity: 'warning',
      message: `Section ${section.index} (${image.sectionName(section)}) contradicts its type or itself (${field}).`,
      offset: section.headerOffset,
      expected,
      actual: String(actual),
      evidence: { rule: `gABI: Sections, ${field}` },
    });
  const { alignment, type, info, entryBytes } = section;
  if ((alignment & (alignment - 1n)) !== 0n) {
    wrong('elf/section-alignment', 'sh_addralign', 'a power of two', alignment);
  }
  if (relocationTypes.has(type) && info >= sections.count) {
    wrong('elf/section-info', 'sh_info', `a section below ${sections.count}`, info);
  }
  if (symbolTypes.has(type)) {
    const symbols = section.sizeBytes / BigInt(symbolLayout(fields).bytes);
    if (BigInt(info) > symbols) wrong('elf/section-info', 'sh_info', `at most ${symbols}, its symbols`, info);
  }
  const bytes = type === sectionType.dynamic ? 2 * fields.wordBytes : type === sectionType.versionSymbols ? 2 : null;
  if (bytes !== null && entryBytes !== BigInt(bytes)) wrong('elf/entry-size', 'sh_entsize', String(bytes), entryBytes);
}

const relocationTypes: ReadonlySet<number> = new Set([sectionType.rel, sectionType.rela]);
const symbolTypes: ReadonlySet<number> = new Set([sectionType.symbolTable, sectionType.dynamicSymbols]);
