import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { maximumNameBytes, stringOf, type UnitBases } from './compile-unit.ts';
import { form, lineContent } from './constants.ts';
import type { DwarfCursor } from './cursor.ts';
import type { DebugSections } from './debug-sections.ts';
import { type Encoding, type FormValue, readForm, skipForm } from './forms.ts';
import { initialLength, type UnitHeader } from './unit-header.ts';

/** The header of a line table (DWARF 5, section 6.2.4). */
export interface LineHeader extends Encoding {
  readonly minimumInstructionBytes: number;
  /** More than 1 on machines that put several into a bundle (VLIW). */
  readonly operationsPerInstruction: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly operationBase: number;
  /** How many operands each standard operation has. */
  readonly operandCounts: readonly number[];
  /** Of version 5 the first one is the folder of the compilation; before, that one is left out, and the first has number 1. */
  readonly folders: readonly ByteText[];
  /** Of version 5 they count from 0. */
  readonly files: readonly LineFile[];
  /** Where the program begins and ends, in the section. */
  readonly programAt: number;
  readonly endAt: number;
}

export interface LineFile {
  readonly name: ByteText;
  readonly folder: number;
}

const maximumFiles = 1 << 20;
/** Of the names of one table: entries can all lead to one long text. A table of 100,000 files has a third of it. */
const maximumCharacters = 16 << 20;

/**
 * @param cursor At the beginning of the table. Null: it cannot be read.
 * @param bases Of the unit that it is of, for names by index.
 */
export function readLineHeader(
  sections: DebugSections,
  cursor: DwarfCursor,
  unit: { readonly header: UnitHeader; readonly bases: UnitBases },
): LineHeader | null {
  const initial = initialLength(cursor);
  if (initial === null) return null;
  const endAt = Math.min(cursor.at + initial.length, cursor.end);
  const { offsetBytes } = initial;
  const version = cursor.u16();
  if (version < 2 || version > 5) return null;
  let addressBytes = unit.header.addressBytes;
  if (version === 5) {
    addressBytes = cursor.u8();
    cursor.u8();
  }
  const headerBytes = cursor.offset(offsetBytes);
  const programAt = Math.min(cursor.at + headerBytes, endAt);
  const minimumInstructionBytes = cursor.u8();
  const operationsPerInstruction = version < 4 ? 1 : Math.max(1, cursor.u8());
  cursor.u8();
  const lineBase = cursor.i8();
  const lineRange = cursor.u8();
  const operationBase = cursor.u8();
  const operandCounts = [0, ...cursor.block(Math.max(0, operationBase - 1))];
  const encoding = { version, addressBytes, offsetBytes };
  const names = version < 5 ? oldNames(cursor) : newNames(sections, cursor, encoding, unit);
  if (cursor.failed || names === null || cursor.at > endAt || lineRange === 0) return null;
  return {
    ...encoding,
    minimumInstructionBytes,
    operationsPerInstruction,
    lineBase,
    lineRange,
    operationBase,
    operandCounts,
    ...names,
    programAt,
    endAt,
  };
}

type Names = Pick<LineHeader, 'folders' | 'files'>;

function oldNames(cursor: DwarfCursor): Names | null {
  const folders: ByteText[] = [];
  for (let text = cursor.string(); text.length > 0; text = cursor.string()) {
    if (folders.push(nameOf(text)) > maximumFiles) return null;
  }
  const files: LineFile[] = [];
  for (let text = cursor.string(); text.length > 0; text = cursor.string()) {
    if (files.push(readOldFile(cursor, text)) > maximumFiles) return null;
  }
  return { folders, files };
}

/** What follows the name of a file before version 5: folder, time, length. */
export function readOldFile(cursor: DwarfCursor, text: Buffer): LineFile {
  const folder = cursor.uleb();
  cursor.uleb();
  cursor.uleb();
  return { name: nameOf(text), folder };
}

function nameOf(bytes: Buffer): ByteText {
  return decodeBytes(bytes.subarray(0, maximumNameBytes));
}

function newNames(
  sections: DebugSections,
  cursor: DwarfCursor,
  encoding: Encoding,
  unit: { readonly header: UnitHeader; readonly bases: UnitBases },
): Names | null {
  const folders = readEntries(sections, cursor, encoding, unit);
  const files = folders === null ? null : readEntries(sections, cursor, encoding, unit);
  if (folders === null || files === null) return null;
  return { folders: folders.map(({ name }) => name), files };
}

type Format = readonly [content: number, form: number];

/** A table of names, whose form it tells itself. */
function readEntries(
  sections: DebugSections,
  cursor: DwarfCursor,
  encoding: Encoding,
  unit: { readonly header: UnitHeader; readonly bases: UnitBases },
): readonly LineFile[] | null {
  const formats: Format[] = [];
  const formatCount = cursor.u8();
  for (let at = 0; at < formatCount; at += 1) formats.push([cursor.uleb(), cursor.uleb()]);
  const count = cursor.uleb();
  const entries: LineFile[] = [];
  // Entries that take no bytes could be as many as they like.
  const isEmpty = formats.every(([, kind]) => kind === form.flagPresent || kind === form.implicitConstant);
  if (isEmpty) return count === 0 ? entries : null;
  const text = (value: FormValue): ByteText =>
    stringOf(sections, { ...unit.header, offsetBytes: encoding.offsetBytes }, unit.bases, value) ?? '';
  let left = maximumCharacters;
  for (let at = 0; at < count; at += 1) {
    const entry = readEntry(cursor, encoding, formats, text);
    left -= entry?.name.length ?? 0;
    if (entry === null || cursor.failed || left < 0 || entries.push(entry) > maximumFiles) return null;
  }
  return entries;
}

function readEntry(
  cursor: DwarfCursor,
  encoding: Encoding,
  formats: readonly Format[],
  text: (value: FormValue) => ByteText,
): LineFile | null {
  let name: ByteText = '';
  let folder = 0;
  for (const [content, kind] of formats) {
    if (content !== lineContent.path && content !== lineContent.folderIndex) {
      if (!skipForm(cursor, kind, encoding)) return null;
      continue;
    }
    const value = readForm(cursor, kind, encoding, 0);
    if (value === null) return null;
    if (content === lineContent.folderIndex) folder = value.number;
    else name = text(value);
  }
  return { name, folder };
}
