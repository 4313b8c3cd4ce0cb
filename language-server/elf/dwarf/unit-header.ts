import type { ByteSource } from '../reader/byte-source.ts';
import { unitType } from './constants.ts';
import { DwarfCursor } from './cursor.ts';
import type { Encoding } from './forms.ts';

/** The header of a unit (DWARF 5, section 7.5.1). */
export interface UnitHeader extends Encoding {
  /** Where the unit begins in `.debug_info`. */
  readonly offset: number;
  /** With its header and the length before it, as far as the section goes. */
  readonly sizeBytes: number;
  /** Where its first entry is, from the beginning of the unit. */
  readonly headerBytes: number;
  readonly abbreviationOffset: number;
  readonly isTypeUnit: boolean;
  /** It claims more bytes than the section has. */
  readonly isCut: boolean;
}

/** Why the bytes at an offset are no unit that can be read; its length, where that much is known, tells where the next begins. */
export interface UnreadableUnit {
  readonly problem: string;
  readonly sizeBytes: number | null;
}

const longestHeader = 48;
const addressSizes: ReadonlySet<number> = new Set([1, 2, 4, 8]);

/** The length before a unit or a table, which tells by its form whether offsets have 4 or 8 bytes. Null: neither. */
export function initialLength(cursor: DwarfCursor): { readonly length: number; readonly offsetBytes: 4 | 8 } | null {
  const short = cursor.u32();
  if (cursor.failed || (short >= 0xfffffff0 && short !== 0xffffffff)) return null;
  if (short !== 0xffffffff) return { length: short, offsetBytes: 4 };
  const length = cursor.offset(8);
  return cursor.failed ? null : { length, offsetBytes: 8 };
}

export function readUnitHeader(section: ByteSource, isLittle: boolean, offset: number): UnitHeader | UnreadableUnit {
  const cursor = new DwarfCursor(section.read(offset, longestHeader), isLittle);
  const initial = initialLength(cursor);
  if (initial === null) return { problem: 'its length is not one', sizeBytes: null };
  const claimed = initial.length + cursor.at;
  const sizeBytes = Math.min(claimed, section.sizeBytes - offset);
  const { offsetBytes } = initial;
  const version = cursor.u16();
  if (version < 2 || version > 5) return { problem: `it is of version ${version}`, sizeBytes };
  let kind: number = unitType.compile;
  let addressBytes = 0;
  let abbreviationOffset = 0;
  if (version === 5) {
    kind = cursor.u8();
    addressBytes = cursor.u8();
    abbreviationOffset = cursor.offset(offsetBytes);
    if (kind === unitType.skeleton || kind === unitType.splitCompile) cursor.skip(8);
  } else {
    abbreviationOffset = cursor.offset(offsetBytes);
    addressBytes = cursor.u8();
  }
  if (cursor.failed || cursor.at > sizeBytes) return { problem: 'it ends within its header', sizeBytes };
  if (!addressSizes.has(addressBytes)) return { problem: `its addresses have ${addressBytes} bytes`, sizeBytes };
  return {
    offset,
    sizeBytes,
    headerBytes: cursor.at,
    version,
    addressBytes,
    offsetBytes,
    abbreviationOffset,
    isTypeUnit: kind === unitType.type || kind === unitType.splitType,
    isCut: claimed > sizeBytes,
  };
}
