import { DwarfCursor } from './cursor.ts';
import type { DebugSections } from './debug-sections.ts';
import type { AddRange } from './ranges.ts';
import { initialLength } from './unit-header.ts';

const longestTable = 64 << 20;

/** The tables of `.debug_aranges` by the offsets of their units (DWARF 5, section 6.1.2); those that cannot be read are left out. */
export function addressRangeTables({
  contents,
  isLittle,
}: DebugSections): ReadonlyMap<number, readonly AddressTable[]> {
  const tables = new Map<number, AddressTable[]>();
  const section = contents.aranges;
  for (let offset = 0; offset < section.sizeBytes; ) {
    const cursor = new DwarfCursor(section.read(offset, 32), isLittle);
    const initial = initialLength(cursor);
    if (initial === null) break;
    const sizeBytes = Math.min(cursor.at + initial.length, section.sizeBytes - offset);
    cursor.u16();
    const unit = cursor.offset(initial.offsetBytes);
    const addressBytes = cursor.u8();
    cursor.u8();
    if (!cursor.failed && (addressBytes === 4 || addressBytes === 8)) {
      // Tuples are aligned to their own size, from the beginning of the table.
      const tuples = Math.ceil(cursor.at / (2 * addressBytes)) * 2 * addressBytes;
      const table = { offset: offset + tuples, sizeBytes: Math.min(sizeBytes - tuples, longestTable), addressBytes };
      const known = tables.get(unit);
      if (known === undefined) tables.set(unit, [table]);
      else known.push(table);
    }
    offset += Math.max(sizeBytes, 4);
  }
  return tables;
}

export interface AddressTable {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly addressBytes: number;
}

export function readAddressTable({ contents, isLittle }: DebugSections, table: AddressTable, add: AddRange): void {
  const cursor = new DwarfCursor(contents.aranges.read(table.offset, table.sizeBytes), isLittle);
  for (;;) {
    const start = cursor.address(table.addressBytes);
    const length = cursor.address(table.addressBytes);
    if (cursor.failed || (start === 0n && length === 0n)) return;
    if (length > 0n) add(start, start + length);
  }
}
