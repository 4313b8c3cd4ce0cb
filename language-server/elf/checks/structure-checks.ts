import type { ElfFile } from '../elf-file.ts';
import { isDebugFile } from '../identity.ts';
import { segmentTypeName } from '../names/segment-types.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { segmentType } from '../reader/program-headers.ts';
import { sectionType } from '../reader/section-headers.ts';

/** Adds a finding for each part of the file's structure that contradicts itself or the size of the file. */
export function checkStructure({ image }: ElfFile): void {
  checkHeader(image);
  checkSegments(image);
  checkSections(image);
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
  }
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
  }
}
