import { form } from './constants.ts';
import type { DwarfCursor } from './cursor.ts';

/** How a unit writes its numbers. */
export interface Encoding {
  readonly version: number;
  readonly addressBytes: number;
  /** 4, or 8 in 64-bit DWARF. */
  readonly offsetBytes: 4 | 8;
}

/** Bytes of a value of a form (DWARF 5, section 7.5.6); -1: it differs, or the form is not known. */
export function fixedFormBytes(kind: number, { version, addressBytes, offsetBytes }: Encoding): number {
  switch (kind) {
    case form.address:
      return addressBytes;
    case form.referenceAddress:
      // Version 2 had the size of an address here.
      return version <= 2 ? addressBytes : offsetBytes;
    case form.stringPointer:
    case form.sectionOffset:
    case form.lineString:
    case form.stringSupplementary:
    case form.gnuReferenceAlternate:
    case form.gnuStringAlternate:
      return offsetBytes;
    case form.flagPresent:
    case form.implicitConstant:
      return 0;
    case form.data1:
    case form.flag:
    case form.reference1:
    case form.stringIndex1:
    case form.addressIndex1:
      return 1;
    case form.data2:
    case form.reference2:
    case form.stringIndex2:
    case form.addressIndex2:
      return 2;
    case form.stringIndex3:
    case form.addressIndex3:
      return 3;
    case form.data4:
    case form.reference4:
    case form.referenceSupplementary4:
    case form.stringIndex4:
    case form.addressIndex4:
      return 4;
    case form.data8:
    case form.reference8:
    case form.referenceSignature:
    case form.referenceSupplementary8:
      return 8;
    case form.data16:
      return 16;
    default:
      return -1;
  }
}

/** False: the form is not known, so that nothing behind it can be read. */
export function skipForm(cursor: DwarfCursor, kind: number, encoding: Encoding): boolean {
  const bytes = fixedFormBytes(kind, encoding);
  if (bytes >= 0) {
    cursor.skip(bytes);
    return true;
  }
  switch (kind) {
    case form.block1:
      cursor.skip(cursor.u8());
      return true;
    case form.block2:
      cursor.skip(cursor.u16());
      return true;
    case form.block4:
      cursor.skip(cursor.u32());
      return true;
    case form.block:
    case form.expression:
      cursor.skip(cursor.uleb());
      return true;
    case form.string:
      cursor.string();
      return true;
    case form.sdata:
    case form.udata:
    case form.referenceUdata:
    case form.stringIndex:
    case form.addressIndex:
    case form.locationListIndex:
    case form.rangeListIndex:
    case form.gnuAddressIndex:
    case form.gnuStringIndex:
      cursor.uleb();
      return true;
    case form.indirect:
      return skipIndirect(cursor, encoding);
    default:
      cursor.failed = true;
      return false;
  }
}

function skipIndirect(cursor: DwarfCursor, encoding: Encoding): boolean {
  const kind = cursor.uleb();
  // One that leads to itself could go on for ever.
  return kind !== form.indirect && kind !== form.implicitConstant && skipForm(cursor, kind, encoding);
}

/** A value as it stands in an entry: what a number in it means, its form says. */
export interface FormValue {
  readonly form: number;
  /** A constant, an offset, an index or a reference; past 2^53 rounded. */
  readonly number: number;
  /** The same, exact: of an address. */
  readonly address: bigint;
  /** Of strings and blocks that stand in the entry itself. */
  readonly bytes: Buffer | null;
}

/** Null: the form is not known. */
export function readForm(cursor: DwarfCursor, kind: number, encoding: Encoding, constant: number): FormValue | null {
  const value = (number: number): FormValue => ({
    form: kind,
    number,
    address: BigInt(Math.trunc(number)),
    bytes: null,
  });
  const block = (length: number): FormValue => ({ ...value(length), bytes: cursor.block(length) });
  switch (kind) {
    case form.address:
    case form.data8: {
      const address = cursor.address(kind === form.address ? encoding.addressBytes : 8);
      return { form: kind, number: Number(address), address, bytes: null };
    }
    case form.implicitConstant:
      return value(constant);
    case form.flagPresent:
      return value(1);
    case form.string:
      return { ...value(0), bytes: cursor.string() };
    case form.block1:
      return block(cursor.u8());
    case form.block2:
      return block(cursor.u16());
    case form.block4:
      return block(cursor.u32());
    case form.block:
    case form.expression:
      return block(cursor.uleb());
    case form.data16:
      return block(16);
    case form.sdata:
      return value(cursor.sleb());
    case form.indirect: {
      const real = cursor.uleb();
      if (real === form.indirect || real === form.implicitConstant) return null;
      return readForm(cursor, real, encoding, 0);
    }
    default:
      return readNumber(cursor, kind, encoding);
  }
}

function readNumber(cursor: DwarfCursor, kind: number, encoding: Encoding): FormValue | null {
  const bytes = fixedFormBytes(kind, encoding);
  const start = cursor.at;
  if (bytes < 0) {
    if (!skipForm(cursor, kind, encoding)) return null;
    cursor.at = start;
    const number = cursor.uleb();
    return { form: kind, number, address: BigInt(number), bytes: null };
  }
  const number = bytes === 8 ? cursor.offset(8) : cursor.unsigned(Math.max(bytes, 1));
  return { form: kind, number, address: BigInt(number), bytes: null };
}
