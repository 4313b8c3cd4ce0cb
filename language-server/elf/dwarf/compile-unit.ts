import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ByteSource } from '../reader/byte-source.ts';
import type { Abbreviation, Abbreviations } from './abbreviations.ts';
import { attribute, form } from './constants.ts';
import { DwarfCursor } from './cursor.ts';
import type { DebugSections } from './debug-sections.ts';
import { type FormValue, readForm } from './forms.ts';
import type { UnitHeader } from './unit-header.ts';

/** What the first entry of a unit says (DWARF 5, section 3.1.1). */
export interface CompileUnit {
  readonly header: UnitHeader;
  /** Its bytes from its beginning on. */
  readonly bytes: Buffer;
  readonly abbreviations: Abbreviations;
  /** Where the entries behind the first one begin, from the beginning of the unit. */
  readonly entriesAt: number;
  readonly tag: number;
  /** As the compiler was given it; null: it says none, or says it in a file that is not here. */
  readonly name: ByteText | null;
  readonly folder: ByteText | null;
  /** The `.dwo` file with all else about it; null: it is not split. */
  readonly splitName: ByteText | null;
  /** Its name is in the file that `.gnu_debugaltlink` names (dwz), and that is not here. */
  readonly isNamedElsewhere: boolean;
  /** Of its line table in `.debug_line`; null: it has none. */
  readonly lineOffset: number | null;
  readonly lowAddress: bigint | null;
  /** Where its code ends, if it is in one piece. */
  readonly highAddress: bigint | null;
  readonly ranges: FormValue | null;
  readonly bases: UnitBases;
}

/** Where the tables of a unit begin that its indices count in. */
export interface UnitBases {
  readonly addresses: number;
  readonly stringOffsets: number;
  readonly rangeLists: number;
  /** What `.debug_ranges` offsets are counted from in the older form of split DWARF. */
  readonly gnuRanges: number;
}

/** Longer paths than any system takes; the rest is cut. */
export const maximumNameBytes = 4096;

/** Null: there is no entry that can be read. @param bytes The unit; its beginning is enough. */
export function readCompileUnit(
  sections: DebugSections,
  header: UnitHeader,
  bytes: Buffer,
  abbreviations: Abbreviations,
): CompileUnit | null {
  const cursor = new DwarfCursor(bytes, sections.isLittle, header.headerBytes);
  const abbreviation = abbreviations.get(cursor.uleb());
  if (abbreviation === undefined) return null;
  const values = readAttributes(cursor, abbreviation, header);
  if (values === null) return null;
  const number = (...names: readonly number[]): number | null => {
    for (const name of names) {
      const value = values.get(name);
      if (value !== undefined) return value.number;
    }
    return null;
  };
  // Without an attribute the table behind the header of the only one is meant.
  const firstTable = header.offsetBytes === 8 ? 16 : 8;
  const bases: UnitBases = {
    addresses: number(attribute.addressBase, attribute.gnuAddressBase) ?? (header.version < 5 ? 0 : firstTable),
    stringOffsets: number(attribute.stringOffsetsBase) ?? (header.version < 5 ? 0 : firstTable),
    rangeLists: number(attribute.rangeListsBase) ?? (header.offsetBytes === 8 ? 20 : 12),
    gnuRanges: number(attribute.gnuRangesBase) ?? 0,
  };
  const text = (name: number): ByteText | null => {
    const value = values.get(name);
    return value === undefined ? null : stringOf(sections, header, bases, value);
  };
  const address = (value: FormValue | undefined): bigint | null =>
    value === undefined ? null : addressOf(sections, header, bases, value);
  const lowAddress = address(values.get(attribute.lowAddress));
  const name = values.get(attribute.name);
  return {
    header,
    bytes,
    abbreviations,
    entriesAt: cursor.at,
    tag: abbreviation.tag,
    name: text(attribute.name),
    folder: text(attribute.compilationFolder),
    splitName: text(attribute.splitName) ?? text(attribute.gnuSplitName),
    isNamedElsewhere: name?.form === form.gnuStringAlternate || name?.form === form.stringSupplementary,
    lineOffset: number(attribute.statementList),
    lowAddress,
    highAddress: highAddress(sections, header, bases, lowAddress, values.get(attribute.highAddress)),
    ranges: values.get(attribute.ranges) ?? null,
    bases,
  };
}

/** The attributes of an entry by their names. Null: one is of a form that is not known, or they go beyond the bytes. */
export function readAttributes(
  cursor: DwarfCursor,
  { names, forms, constants }: Abbreviation,
  header: UnitHeader,
): ReadonlyMap<number, FormValue> | null {
  const values = new Map<number, FormValue>();
  for (let at = 0; at < names.length; at += 1) {
    const value = readForm(cursor, forms[at] ?? 0, header, constants[at] ?? 0);
    if (value === null || cursor.failed) return null;
    values.set(names[at] ?? 0, value);
  }
  return values;
}

function highAddress(
  sections: DebugSections,
  header: UnitHeader,
  bases: UnitBases,
  low: bigint | null,
  value: FormValue | undefined,
): bigint | null {
  if (value === undefined || low === null) return null;
  // A constant is the length (DWARF 4, section 2.17.2).
  return isAddress(value.form) ? addressOf(sections, header, bases, value) : low + value.address;
}

function isAddress(kind: number): boolean {
  return (
    kind === form.address ||
    kind === form.addressIndex ||
    kind === form.gnuAddressIndex ||
    (kind >= form.addressIndex1 && kind <= form.addressIndex4)
  );
}

/** Null: it is in no table that is here. */
export function addressOf(
  sections: DebugSections,
  header: UnitHeader,
  bases: UnitBases,
  { form: kind, number, address }: FormValue,
): bigint | null {
  if (kind === form.address) return address;
  return isAddress(kind) ? indexedAddress(sections, header, bases, number) : null;
}

/** An entry of `.debug_addr`. */
export function indexedAddress(
  { contents, isLittle }: DebugSections,
  { addressBytes }: UnitHeader,
  { addresses }: UnitBases,
  index: number,
): bigint | null {
  const bytes = contents.addr.read(addresses + index * addressBytes, addressBytes);
  return bytes.length < addressBytes ? null : new DwarfCursor(bytes, isLittle).address(addressBytes);
}

/** The text of a string attribute; null: it is none, or its text is not here. */
export function stringOf(
  { contents, alternateStrings, isLittle }: DebugSections,
  { offsetBytes }: UnitHeader,
  bases: Pick<UnitBases, 'stringOffsets'>,
  { form: kind, number, bytes }: FormValue,
): ByteText | null {
  switch (kind) {
    case form.string:
      return bytes === null ? null : decodeBytes(bytes.subarray(0, maximumNameBytes));
    case form.stringPointer:
      return textAt(contents.str, number);
    case form.lineString:
      return textAt(contents.line_str, number);
    case form.gnuStringAlternate:
    case form.stringSupplementary:
      return textAt(alternateStrings, number);
    case form.stringIndex:
    case form.stringIndex1:
    case form.stringIndex2:
    case form.stringIndex3:
    case form.stringIndex4:
    case form.gnuStringIndex: {
      const entry = contents.str_offsets.read(bases.stringOffsets + number * offsetBytes, offsetBytes);
      if (entry.length < offsetBytes) return null;
      const offset = new DwarfCursor(entry, isLittle).offset(offsetBytes);
      return textAt(contents.str, offset);
    }
    default:
      return null;
  }
}

function textAt(section: ByteSource, offset: number): ByteText | null {
  return offset < section.sizeBytes ? decodeBytes(section.string(offset, maximumNameBytes)) : null;
}
