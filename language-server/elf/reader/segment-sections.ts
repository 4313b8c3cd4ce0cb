import type { ByteText } from '../../protocol/elf.ts';
import type { ElfImage } from './elf-image.ts';
import { type Segment, segmentType } from './program-headers.ts';
import { type Section, sectionFlag, sectionType } from './section-headers.ts';

/** Beyond, finding the sections of each segment would take long, and nobody could read them. */
const maximumSections = 1 << 14;
const maximumSegments = 1 << 10;

/** For each segment the names of the sections that lie in it, by the rules of binutils (ELF_SECTION_IN_SEGMENT_STRICT). */
export function sectionsInSegments(image: ElfImage, segments: readonly Segment[]): readonly (readonly ByteText[])[] {
  if (image.sections.count > maximumSections) return segments.map(() => []);
  const candidates = [...image.sections]
    .slice(1)
    .filter(({ sizeBytes, type }) => sizeBytes > 0n || type !== sectionType.null);
  return segments.map(segment =>
    candidates.filter(section => liesIn(section, segment)).map(section => image.sectionName(section)),
  );
}

/** The other way round: for each section the numbers of the segments that it lies in. */
export function segmentsOfSections(image: ElfImage, sections: readonly Section[]): readonly (readonly number[])[] {
  if (image.segments.count > maximumSegments) return sections.map(() => []);
  const segments = [...image.segments];
  return sections.map(section =>
    section.index === 0 || (section.sizeBytes === 0n && section.type === sectionType.null)
      ? []
      : segments.filter(segment => liesIn(section, segment)).map(({ index }) => index),
  );
}

function liesIn(section: Section, segment: Segment): boolean {
  if (isUninitializedTls(section) && segment.type !== segmentType.tls) return false;
  return (
    fitsByKind(section, segment) &&
    fitsByOffset(section, segment) &&
    fitsByAddress(section, segment) &&
    fitsAtEdge(section, segment)
  );
}

/** `.tbss` takes no room where its address is: it only says how large a thread's own memory is (binutils: tbss special). */
function isUninitializedTls({ flags, type }: Section): boolean {
  return (flags & sectionFlag.tls) !== 0n && type === sectionType.nobits;
}

const allocatedOnly: ReadonlySet<number> = new Set([
  segmentType.load,
  segmentType.dynamic,
  segmentType.gnuEhFrame,
  segmentType.gnuStack,
  segmentType.gnuRelro,
  0x6474e554,
]);
const withTls: ReadonlySet<number> = new Set([segmentType.tls, segmentType.gnuRelro, segmentType.load]);
const firstGnuBind = 0x6474e555;
const lastGnuBind = firstGnuBind + 4095;

/** TLS sections lie in the segments that are made for them; sections that are not loaded lie in none that is. */
function fitsByKind(section: Section, { type }: Segment): boolean {
  const isTls = (section.flags & sectionFlag.tls) !== 0n;
  if (isTls && !withTls.has(type)) return false;
  if (!isTls && (type === segmentType.tls || type === 6)) return false;
  const isAllocated = (section.flags & sectionFlag.alloc) !== 0n;
  return isAllocated || !(allocatedOnly.has(type) || (type >= firstGnuBind && type <= lastGnuBind));
}

function fitsByOffset(section: Section, segment: Segment): boolean {
  if (section.type === sectionType.nobits) return true;
  return within(section.offset - segment.offset, section.sizeBytes, segment.fileBytes);
}

function fitsByAddress(section: Section, segment: Segment): boolean {
  if ((section.flags & sectionFlag.alloc) === 0n) return true;
  return within(section.address - segment.virtualAddress, section.sizeBytes, segment.memoryBytes);
}

/** Strict: a section that begins exactly at the end of a segment is not in it, unless both are empty. */
function within(distance: bigint, sizeBytes: bigint, segmentBytes: bigint): boolean {
  if (distance < 0n || distance + sizeBytes > segmentBytes) return false;
  return segmentBytes === 0n || distance < segmentBytes;
}

/** An empty section at the edge of PT_DYNAMIC or PT_NOTE belongs to its neighbour. */
function fitsAtEdge(section: Section, segment: Segment): boolean {
  if (segment.type !== segmentType.dynamic && segment.type !== segmentType.note) return true;
  if (section.sizeBytes !== 0n || segment.memoryBytes === 0n) return true;
  const inside = (distance: bigint, size: bigint): boolean => distance > 0n && distance < size;
  const byOffset = section.type === sectionType.nobits || inside(section.offset - segment.offset, segment.fileBytes);
  const byAddress =
    (section.flags & sectionFlag.alloc) === 0n || inside(section.address - segment.virtualAddress, segment.memoryBytes);
  return byOffset && byAddress;
}
