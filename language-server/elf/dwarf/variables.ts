import type { Abbreviation } from './abbreviations.ts';
import { type CompileUnit, indexedAddress, readAttributes } from './compile-unit.ts';
import { attribute, form, operation, tag } from './constants.ts';
import { DwarfCursor } from './cursor.ts';
import type { DebugSections } from './debug-sections.ts';
import { type FormValue, readForm, skipForm } from './forms.ts';

export interface VariableWalk {
  /** Goes on for about that many bytes. False: all has been looked at. */
  step(bytes: number): boolean;
  /** Whether an entry could not be read, so that those behind it are not known. */
  readonly isBroken: boolean;
}

/** Takes the address of a variable, and the number of the file that declares it in the line table of the unit; null: not told. */
export type AddVariable = (address: bigint, file: number | null) => void;

/** Looks for the variables of a unit that have an address of their own: at its top level, in namespaces, in functions. */
export function createVariableWalk(sections: DebugSections, unit: CompileUnit, add: AddVariable): VariableWalk {
  const { header, abbreviations, bytes } = unit;
  const cursor = new DwarfCursor(bytes, sections.isLittle, unit.entriesAt, header.sizeBytes);
  let isBroken = false;
  const readOne = (): void => {
    const code = cursor.uleb();
    if (code === 0) return;
    const abbreviation = abbreviations.get(code);
    if (abbreviation === undefined) isBroken = true;
    else if (abbreviation.tag === tag.variable) isBroken = !readVariable(sections, unit, cursor, abbreviation, add);
    else if (abbreviation.isSkippable) isBroken = !skipBelow(cursor, abbreviation, unit);
    else isBroken = !skipEntry(cursor, abbreviation, unit);
  };
  return {
    step(count) {
      const end = cursor.at + count;
      while (!isBroken && cursor.left > 0 && cursor.at < end) {
        readOne();
        isBroken ||= cursor.failed;
      }
      return !isBroken && cursor.left > 0;
    },
    get isBroken() {
      return isBroken;
    },
  };
}

function skipEntry(cursor: DwarfCursor, { fixedBytes, forms }: Abbreviation, { header }: CompileUnit): boolean {
  if (fixedBytes >= 0) {
    cursor.skip(fixedBytes);
    return true;
  }
  for (const kind of forms) if (!skipForm(cursor, kind, header)) return false;
  return true;
}

/** To the entry behind all that is below this one. */
function skipBelow(cursor: DwarfCursor, { names, forms, constants }: Abbreviation, { header }: CompileUnit): boolean {
  let sibling = 0;
  for (let at = 0; at < names.length; at += 1) {
    const kind = forms[at] ?? 0;
    if (names[at] !== attribute.sibling) {
      if (!skipForm(cursor, kind, header)) return false;
      continue;
    }
    const value = readForm(cursor, kind, header, constants[at] ?? 0);
    if (value === null) return false;
    if (isUnitReference(value)) sibling = value.number;
  }
  // Only forwards: what leads back would never end.
  if (sibling > cursor.at) cursor.at = Math.min(sibling, cursor.end);
  return true;
}

function isUnitReference({ form: kind }: FormValue): boolean {
  return kind >= form.reference1 && kind <= form.referenceUdata;
}

function readVariable(
  sections: DebugSections,
  unit: CompileUnit,
  cursor: DwarfCursor,
  abbreviation: Abbreviation,
  add: AddVariable,
): boolean {
  if (!abbreviation.names.includes(attribute.location)) return skipEntry(cursor, abbreviation, unit);
  const values = readAttributes(cursor, abbreviation, unit.header);
  if (values === null) return false;
  const expression = values.get(attribute.location)?.bytes;
  const address = expression === null || expression === undefined ? null : addressIn(sections, unit, expression);
  if (address !== null) add(address, declaringFile(sections, unit, values));
  return true;
}

/** An address, with a constant added to it at most: all else is computed while the program runs (DWARF 5, section 2.6). */
function addressIn(sections: DebugSections, { header, bases }: CompileUnit, expression: Buffer): bigint | null {
  const cursor = new DwarfCursor(expression, sections.isLittle);
  let address: bigint | null;
  switch (cursor.u8()) {
    case operation.address:
      address = cursor.address(header.addressBytes);
      break;
    case operation.addressIndex:
    case operation.gnuAddressIndex:
      address = indexedAddress(sections, header, bases, cursor.uleb());
      break;
    default:
      return null;
  }
  if (cursor.left > 0 && address !== null) {
    if (cursor.u8() !== operation.plusConstant) return null;
    address += cursor.bigUleb();
  }
  return cursor.failed || cursor.left > 0 ? null : address;
}

const maximumReferences = 4;

/** A definition leaves out what its declaration says already. */
function declaringFile(
  sections: DebugSections,
  unit: CompileUnit,
  values: ReadonlyMap<number, FormValue>,
): number | null {
  let current: ReadonlyMap<number, FormValue> | null = values;
  for (let left = maximumReferences; current !== null && left > 0; left -= 1) {
    const file = current.get(attribute.declaredInFile);
    if (file !== undefined) return file.number;
    const reference: FormValue | undefined =
      current.get(attribute.specification) ?? current.get(attribute.abstractOrigin);
    current = reference !== undefined && isUnitReference(reference) ? entryAt(sections, unit, reference.number) : null;
  }
  return null;
}

function entryAt(
  { isLittle }: DebugSections,
  { header, bytes, abbreviations }: CompileUnit,
  offset: number,
): ReadonlyMap<number, FormValue> | null {
  if (!(offset >= header.headerBytes && offset < header.sizeBytes)) return null;
  const cursor = new DwarfCursor(bytes, isLittle, offset, header.sizeBytes);
  const abbreviation = abbreviations.get(cursor.uleb());
  return abbreviation === undefined ? null : readAttributes(cursor, abbreviation, header);
}
