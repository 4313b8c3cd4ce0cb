import { hex } from '../fields.ts';
import { sectionFlagLetters } from '../names/section-flags.ts';
import { sectionTypeName } from '../names/section-types.ts';
import type { Section } from '../section-headers.ts';
import { digits } from './number-text.ts';
import { type Cells, column, type ElfTable } from './table.ts';

/** Section headers, as `readelf -SW` prints them; sizes in decimal. */
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
  ],
  command: ['readelf', '-SW'],
  open({ image }) {
    const { sections, header, fields } = image;
    if (sections.count === 0) return null;
    const cells = (section: Section): Cells => [
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
    ];
    return {
      count: sections.count,
      page(first, count) {
        const rows: Cells[] = [];
        for (let index = first; index < Math.min(first + count, sections.count); index += 1) {
          const section = sections.at(index);
          if (section !== undefined) rows.push(cells(section));
        }
        return rows;
      },
    };
  },
};
