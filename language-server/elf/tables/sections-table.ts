import { sectionFlagLetters } from '../names/section-flags.ts';
import { sectionTypeName } from '../names/section-types.ts';
import { type Compression, compressionOf } from '../reader/compressed-section.ts';
import { hex } from '../reader/fields.ts';
import type { Section } from '../reader/section-headers.ts';
import { segmentsOfSections } from '../reader/segment-sections.ts';
import { digits } from './number-text.ts';
import { type Cells, column, type ElfTable } from './table.ts';

/** Section headers, as `readelf -SW` prints them, and the segments that each lies in; sizes in decimal. */
export const sectionsTable: ElfTable = {
  id: 'sections',
  title: 'Sections',
  columns: [
    column('number', 'Nr', 'number'),
    column('name', 'Name', 'name'),
    column('type', 'Type', 'text'),
    column('address', 'Address', 'address'),
    column('offset', 'Offset', 'address'),
    column('size', 'Size', 'size'),
    column('entrySize', 'Entry Size', 'size'),
    column('flags', 'Flags', 'flags'),
    column('link', 'Link', 'number'),
    column('info', 'Info', 'number'),
    column('alignment', 'Align', 'number'),
    column('segments', 'Segments', 'text'),
    column('compression', 'Compression', 'text'),
    column('uncompressedSize', 'Uncompressed Size', 'size'),
  ],
  command: ['readelf', '-SW'],
  open({ image }) {
    const { sections, header, fields } = image;
    if (sections.count === 0) return null;
    const cells = (section: Section, segments: readonly number[], compression: Compression | null): Cells => [
      String(section.index),
      image.sectionName(section),
      sectionTypeName(section.type, header.machine),
      digits(section.address, fields),
      hex(section.offset),
      String(section.sizeBytes),
      String(section.entryBytes),
      sectionFlagLetters(section.flags, header.machine, header.osAbi),
      String(section.link),
      String(section.info),
      String(section.alignment),
      segments.map(segmentNumber).join(' '),
      compression?.method ?? '',
      compression?.uncompressedBytes.toString() ?? '',
    ];
    return {
      count: sections.count,
      page(first, count) {
        const wanted: Section[] = [];
        for (let index = first; index < Math.min(first + count, sections.count); index += 1) {
          const section = sections.at(index);
          if (section !== undefined) wanted.push(section);
        }
        const segments = segmentsOfSections(image, wanted);
        return wanted.map((section, at) => cells(section, segments[at] ?? [], compressionOf(image, section)));
      },
    };
  },
};

/** As the section to segment mapping of readelf numbers them: "02". */
function segmentNumber(index: number): string {
  return String(index).padStart(2, '0');
}
