import type { ByteText } from '../../protocol/elf.ts';
import { segmentTypeName } from '../names/segment-types.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { type Segment, segmentFlag } from '../reader/program-headers.ts';
import { sectionsInSegments } from '../reader/segment-sections.ts';
import { digits } from './number-text.ts';
import { type Cells, column, type ElfTable } from './table.ts';

/** Program headers and the sections that lie in each, as `readelf -lW` prints them; sizes in decimal. */
export const segmentsTable: ElfTable = {
  id: 'segments',
  title: 'Segments',
  columns: [
    column('number', 'Nr', 'number'),
    column('type', 'Type', 'name'),
    column('offset', 'Offset', 'address'),
    column('virtualAddress', 'Virtual Address', 'address'),
    column('physicalAddress', 'Physical Address', 'address'),
    column('fileSize', 'File Size', 'size'),
    column('memorySize', 'Memory Size', 'size'),
    column('flags', 'Flags', 'flags'),
    column('alignment', 'Align', 'number'),
    column('sections', 'Sections', 'text'),
  ],
  command: ['readelf', '-lW'],
  open({ image }) {
    const { segments } = image;
    if (segments.count === 0) return null;
    return {
      count: segments.count,
      page(first, count) {
        const wanted: Segment[] = [];
        for (let index = first; index < Math.min(first + count, segments.count); index += 1) {
          const segment = segments.at(index);
          if (segment !== undefined) wanted.push(segment);
        }
        const names = sectionsInSegments(image, wanted);
        return wanted.map((segment, at) => segmentCells(image, segment, names[at] ?? []));
      },
    };
  },
};

function segmentCells({ header, fields }: ElfImage, segment: Segment, sections: readonly ByteText[]): Cells {
  return [
    String(segment.index),
    segmentTypeName(segment.type, header.machine, header.osAbi),
    hex(segment.offset),
    digits(segment.virtualAddress, fields),
    digits(segment.physicalAddress, fields),
    String(segment.fileBytes),
    String(segment.memoryBytes),
    segmentFlagLetters(segment.flags),
    hex(segment.alignment),
    sections.join(' '),
  ];
}

/** "R E", "RW ": a fixed place for each, as readelf has it. */
export function segmentFlagLetters(flags: number): string {
  const read = (flags & segmentFlag.read) === 0 ? ' ' : 'R';
  const write = (flags & segmentFlag.write) === 0 ? ' ' : 'W';
  const execute = (flags & segmentFlag.execute) === 0 ? ' ' : 'E';
  return `${read}${write}${execute}`.trimEnd();
}
