import type { ElfImage } from '../reader/elf-image.ts';
import { objectType } from '../reader/file-header.ts';
import type { Segment } from '../reader/program-headers.ts';
import { type Section, sectionFlag, sectionType } from '../reader/section-headers.ts';
import { type Claim, cover, coverRest } from './cover.ts';

/** Who a byte belongs to: a section by its number, or one of the other parts by its name. */
export type PartKey = number | string;

export interface PartSizes {
  fileBytes: number;
  memoryBytes: number;
}

export const unmapped = '[unmapped]';

/** The sizes of all parts on the first level: their sums are the size of the file and of its loadable segments. */
export function partSizes(image: ElfImage): ReadonlyMap<PartKey, PartSizes> {
  const sizes = new Map<PartKey, PartSizes>();
  const of = (key: PartKey): PartSizes => {
    const known = sizes.get(key);
    if (known !== undefined) return known;
    const fresh = { fileBytes: 0, memoryBytes: 0 };
    sizes.set(key, fresh);
    return fresh;
  };
  for (const { start, end, owner } of filePieces(image)) of(owner ?? unmapped).fileBytes += end - start;
  for (const [key, bytes] of memoryBytes(image)) of(key).memoryBytes += bytes;
  return sizes;
}

/** Sections that are there: 0 is none. */
function realSections(image: ElfImage): readonly Section[] {
  return image.firstSections().slice(1);
}

function filePieces(image: ElfImage): readonly Claim<PartKey | null>[] {
  const total = image.source.sizeBytes;
  const sections = realSections(image)
    .filter(({ type }) => type !== sectionType.nobits && type !== sectionType.null)
    .map(section => range(Number(section.offset), Number(section.sizeBytes), section.index));
  const loads = image.loads.map(load => range(Number(load.offset), Number(load.fileBytes), segmentName(load)));
  return coverRest(cover<PartKey>([...headerRanges(image), ...sections], total), cover(loads, total));
}

function headerRanges({ header, segments, sections }: ElfImage): readonly Claim<string>[] {
  return [
    range(0, header.headerBytes, '[ELF header]'),
    range(segments.offset, segments.count * segments.entryBytes, '[program headers]'),
    range(sections.offset, sections.count * sections.entryBytes, '[section headers]'),
  ];
}

function range<Owner>(start: number, sizeBytes: number, owner: Owner): Claim<Owner> {
  return { start, end: start + sizeBytes, owner };
}

export function segmentName({ index, flags }: Segment): string {
  const letters = `${(flags & 4) === 0 ? '' : 'R'}${(flags & 2) === 0 ? '' : 'W'}${(flags & 1) === 0 ? '' : 'X'}`;
  return `[LOAD #${index} ${letters}]`;
}

/** Memory by part: what the loadable segments map; of an object file, what its sections ask for. */
function memoryBytes(image: ElfImage): ReadonlyMap<PartKey, number> {
  const bytes = new Map<PartKey, number>();
  const add = (key: PartKey, count: number): void => void bytes.set(key, (bytes.get(key) ?? 0) + count);
  const allocated = realSections(image).filter(takesMemory);
  if (image.header.type === objectType.relocatable) {
    for (const { index, sizeBytes } of allocated) add(index, Number(sizeBytes));
    return bytes;
  }
  const loads = image.loads.filter(load => load.memoryBytes > 0n);
  let base = loads[0]?.virtualAddress ?? 0n;
  for (const { virtualAddress } of loads) if (virtualAddress < base) base = virtualAddress;
  const placed = <Owner>(address: bigint, sizeBytes: bigint, owner: Owner): Claim<Owner> =>
    range(Number(address - base), Number(sizeBytes), owner);
  const segments = loads.map(load => placed(load.virtualAddress, load.memoryBytes, segmentName(load)));
  const total = segments.reduce((most, { end }) => Math.max(most, end), 0);
  const headers = headerRanges(image).flatMap(({ start, end, owner }) => {
    const load = loads.find(({ offset, fileBytes }) => start >= Number(offset) && end <= Number(offset + fileBytes));
    if (load === undefined) return [];
    return [placed(load.virtualAddress + BigInt(start) - load.offset, BigInt(end - start), owner)];
  });
  const sections = allocated.map(({ address, sizeBytes, index }) => placed<PartKey>(address, sizeBytes, index));
  const parts = cover<PartKey>([...headers, ...sections], total);
  for (const { start, end, owner } of within(parts, cover(segments, total)))
    if (owner !== null) add(owner, end - start);
  return bytes;
}

/** `.tbss` is only the size that each thread's own memory needs: what lies at its address is something else. */
function takesMemory({ flags, type }: Section): boolean {
  const isThreadZeros = (flags & sectionFlag.tls) !== 0n && type === sectionType.nobits;
  return (flags & sectionFlag.alloc) !== 0n && !isThreadZeros;
}

/** The pieces as far as they are in a segment; what only the segment knows of is the segment's. */
function within(
  parts: readonly Claim<PartKey | null>[],
  segments: readonly Claim<string | null>[],
): readonly Claim<PartKey | null>[] {
  const result: Claim<PartKey | null>[] = [];
  let first = 0;
  for (const { start, end, owner } of parts) {
    while (first < segments.length && (segments[first]?.end ?? 0) <= start) first += 1;
    for (let index = first; index < segments.length; index += 1) {
      const segment = segments[index];
      if (segment === undefined || segment.start >= end) break;
      if (segment.owner === null) continue;
      result.push({
        start: Math.max(start, segment.start),
        end: Math.min(end, segment.end),
        owner: owner ?? segment.owner,
      });
    }
  }
  return result;
}
