import type { ElfImage } from '../reader/elf-image.ts';
import { objectType } from '../reader/file-header.ts';
import { type Section, sectionFlag, sectionType } from '../reader/section-headers.ts';

/** A place in a section: its number, and the offset from its beginning. */
export interface SectionPlace {
  readonly section: number;
  readonly offset: number;
  /** Bytes from there to the end of the section. */
  readonly room: number;
  readonly isCode: boolean;
}

/** Which section an address of a file is in. Those of a relocatable file get addresses of our own, one behind the other. */
export interface AddressSpace {
  /** Where the section of this number begins; 0 of one that is not loaded. */
  baseOf(section: number): bigint;
  /** Null: in none; at address 0, which is what linkers leave in the debug information of code that they took out. */
  locate(address: bigint): SectionPlace | null;
}

interface PlacedSection {
  readonly start: bigint;
  readonly end: bigint;
  readonly section: Section;
}

const firstBase = 0x1000n;

export function createAddressSpace(image: ElfImage): AddressSpace {
  const placed = placedSections(image);
  const bases = new Map(placed.map(({ start, section }) => [section.index, start]));
  const sorted = placed.sort((left, right) => (left.start < right.start ? -1 : left.start > right.start ? 1 : 0));
  let last: PlacedSection | undefined;
  const find = (address: bigint): PlacedSection | undefined => {
    if (last !== undefined && address >= last.start && address < last.end) return last;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.start ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    const found = sorted[low - 1];
    return found !== undefined && address < found.end ? found : undefined;
  };
  return {
    baseOf: section => bases.get(section) ?? 0n,
    locate(address) {
      if (address === 0n) return null;
      last = find(address) ?? last;
      if (last === undefined || address < last.start || address >= last.end) return null;
      const { section, start, end } = last;
      return {
        section: section.index,
        offset: Number(address - start),
        room: Number(end - address),
        isCode: (section.flags & sectionFlag.execute) !== 0n,
      };
    },
  };
}

function placedSections(image: ElfImage): PlacedSection[] {
  const isRelocatable = image.header.type === objectType.relocatable;
  const placed: PlacedSection[] = [];
  let next = firstBase;
  for (const section of image.firstSections()) {
    const { flags, type, sizeBytes, address, alignment } = section;
    if ((flags & sectionFlag.alloc) === 0n || sizeBytes === 0n || section.index === 0) continue;
    // The zeros of threads are not where their addresses seem to be.
    if ((flags & sectionFlag.tls) !== 0n && type === sectionType.nobits) continue;
    const step = alignment > 1n && alignment <= 1n << 20n ? alignment : 1n;
    const start = isRelocatable ? ((next + step - 1n) / step) * step : address;
    placed.push({ start, end: start + sizeBytes, section });
    next = start + sizeBytes;
  }
  return placed;
}
