import { type CompileUnit, indexedAddress } from './compile-unit.ts';
import { form, rangeEntry } from './constants.ts';
import { DwarfCursor } from './cursor.ts';
import type { DebugSections } from './debug-sections.ts';

/** Takes the address where a piece of code begins, and that behind its end. */
export type AddRange = (start: bigint, end: bigint) => void;

/** How much of lists may still be read, in bytes: units can all name the same long one. */
export interface ReadBudget {
  bytes: number;
}

const firstBytes = 4096;

/**
 * The pieces of code of a unit: its range list, or from its low to its high address (DWARF 5, section 2.17).
 * @returns False: it names none, or a list that cannot be read to its end.
 */
export function unitRanges(sections: DebugSections, unit: CompileUnit, budget: ReadBudget, add: AddRange): boolean {
  if (unit.ranges === null) {
    if (unit.lowAddress === null || unit.highAddress === null) return false;
    add(unit.lowAddress, unit.highAddress);
    return true;
  }
  return unit.header.version < 5 ? oldRanges(sections, unit, budget, add) : rangeList(sections, unit, budget, add);
}

/** Reads at an offset as much as `read` needs, which tells by true that it came to the end. */
function reading(
  section: DebugSections['contents']['ranges'],
  isLittle: boolean,
  offset: number,
  budget: ReadBudget,
  read: (cursor: DwarfCursor) => boolean,
): boolean {
  for (let length = firstBytes; budget.bytes >= 0; length *= 8) {
    const bytes = section.read(offset, length);
    const cursor = new DwarfCursor(bytes, isLittle);
    const isComplete = read(cursor);
    budget.bytes -= cursor.at;
    if (isComplete) return true;
    if (bytes.length < length) return false;
  }
  return false;
}

/** `.debug_ranges` (DWARF 4, section 2.17.3). */
function oldRanges(
  { contents, isLittle }: DebugSections,
  unit: CompileUnit,
  budget: ReadBudget,
  add: AddRange,
): boolean {
  const { addressBytes } = unit.header;
  const mask = (1n << BigInt(8 * addressBytes)) - 1n;
  const offset = (unit.ranges?.number ?? 0) + unit.bases.gnuRanges;
  const found: (readonly [bigint, bigint])[] = [];
  const isComplete = reading(contents.ranges, isLittle, offset, budget, cursor => {
    found.length = 0;
    let base = unit.lowAddress ?? 0n;
    for (;;) {
      const start = cursor.address(addressBytes);
      const end = cursor.address(addressBytes);
      if (cursor.failed) return false;
      if (start === 0n && end === 0n) return true;
      if (start === mask) base = end;
      else if (start < end && base < mask - 1n) found.push([base + start, base + end]);
    }
  });
  for (const [start, end] of found) add(start, end);
  return isComplete;
}

/** `.debug_rnglists` (DWARF 5, section 2.17.3). */
function rangeList(sections: DebugSections, unit: CompileUnit, budget: ReadBudget, add: AddRange): boolean {
  const { contents, isLittle } = sections;
  const offset = rangeListOffset(sections, unit);
  if (offset === null) return false;
  const found: (readonly [bigint, bigint])[] = [];
  const isComplete = reading(contents.rnglists, isLittle, offset, budget, cursor => {
    found.length = 0;
    return readEntries(sections, unit, cursor, (start, end) => {
      if (start < end) found.push([start, end]);
    });
  });
  for (const [start, end] of found) add(start, end);
  return isComplete;
}

function rangeListOffset({ contents, isLittle }: DebugSections, { ranges, bases, header }: CompileUnit): number | null {
  if (ranges === null) return null;
  if (ranges.form !== form.rangeListIndex) return ranges.number;
  const { offsetBytes } = header;
  const entry = contents.rnglists.read(bases.rangeLists + ranges.number * offsetBytes, offsetBytes);
  return entry.length < offsetBytes ? null : bases.rangeLists + new DwarfCursor(entry, isLittle).offset(offsetBytes);
}

/** False: the end of the list is not there. */
function readEntries(sections: DebugSections, unit: CompileUnit, cursor: DwarfCursor, add: AddRange): boolean {
  const { addressBytes } = unit.header;
  // LLD leaves the last or the last but one address where it took code out.
  const tombstone = (1n << BigInt(8 * addressBytes)) - 2n;
  const indexed = (): bigint => indexedAddress(sections, unit.header, unit.bases, cursor.uleb()) ?? tombstone;
  const piece = (start: bigint, end: bigint): void => {
    if (start < tombstone) add(start, end);
  };
  let base = unit.lowAddress ?? 0n;
  for (;;) {
    const kind = cursor.u8();
    if (cursor.failed) return false;
    switch (kind) {
      case rangeEntry.endOfList:
        return true;
      case rangeEntry.baseAddressIndex:
        base = indexed();
        break;
      case rangeEntry.baseAddress:
        base = cursor.address(addressBytes);
        break;
      case rangeEntry.startIndexEndIndex:
        piece(indexed(), indexed());
        break;
      case rangeEntry.startIndexLength: {
        const start = indexed();
        piece(start, start + cursor.bigUleb());
        break;
      }
      case rangeEntry.offsetPair: {
        const start = cursor.bigUleb();
        const end = cursor.bigUleb();
        if (base < tombstone) piece(base + start, base + end);
        break;
      }
      case rangeEntry.startEnd:
        piece(cursor.address(addressBytes), cursor.address(addressBytes));
        break;
      case rangeEntry.startLength: {
        const start = cursor.address(addressBytes);
        piece(start, start + cursor.bigUleb());
        break;
      }
      default:
        return false;
    }
    if (cursor.failed) return false;
  }
}
