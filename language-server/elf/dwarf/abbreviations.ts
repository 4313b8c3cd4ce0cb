import type { ByteSource } from '../reader/byte-source.ts';
import { attribute, form, tag } from './constants.ts';
import { DwarfCursor } from './cursor.ts';
import { type Encoding, fixedFormBytes } from './forms.ts';

/** How the entries of one code look (DWARF 5, section 7.5.3). */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Names and forms of its attributes, and the values that stand here instead of in the entry. */
  readonly names: readonly number[];
  readonly forms: readonly number[];
  readonly constants: readonly number[];
  /** Bytes that the attributes of each entry take; -1: it differs. */
  readonly fixedBytes: number;
  /** Whether an entry tells where the next one beside it is, so that what is below need not be read. */
  readonly isSkippable: boolean;
}

export type Abbreviations = ReadonlyMap<number, Abbreviation>;

export interface AbbreviationReader {
  /** The table at an offset. Null: it cannot be read, or more tables than a compiler makes have been asked for. */
  at(offset: number, encoding: Encoding): Abbreviations | null;
}

const firstBytes = 16 << 10;
/** Compilers make one table a unit, dwz one for several. Tables that overlap are made to take time and memory. */
const maximumShare = 2;
const maximumAttributes = 1 << 12;

/** Tags below which no variable with a place of its own is. */
const withoutVariables: ReadonlySet<number> = new Set([
  tag.arrayType,
  tag.classType,
  tag.enumerationType,
  tag.structureType,
  tag.subroutineType,
  tag.unionType,
  tag.interfaceType,
  tag.callSite,
  tag.gnuCallSite,
]);

export function createAbbreviationReader(section: ByteSource, isLittle: boolean): AbbreviationReader {
  const tables = new Map<string, Abbreviations | null>();
  let budget = maximumShare * section.sizeBytes + (1 << 16);
  /** Of the tables that are kept. Those that do not overlap all are. */
  let keptBytes = 0;
  const read = (offset: number, encoding: Encoding): Abbreviations | null => {
    for (let length = firstBytes; ; length *= 8) {
      const bytes = section.read(offset, length);
      const cursor = new DwarfCursor(bytes, isLittle);
      const table = parse(cursor, encoding);
      budget -= cursor.at;
      if (budget < 0) return null;
      if (table === null && bytes.length === length) continue;
      if (keptBytes > section.sizeBytes) {
        tables.clear();
        keptBytes = 0;
      }
      keptBytes += cursor.at;
      return table;
    }
  };
  return {
    at(offset, encoding) {
      const key = `${offset} ${encoding.addressBytes} ${encoding.offsetBytes} ${encoding.version > 2}`;
      const known = tables.get(key);
      if (known !== undefined) return known;
      const table = budget < 0 ? null : read(offset, encoding);
      tables.set(key, table);
      return table;
    },
  };
}

/** Null: it does not end within the bytes. */
function parse(cursor: DwarfCursor, encoding: Encoding): Abbreviations | null {
  const table = new Map<number, Abbreviation>();
  for (;;) {
    const code = cursor.uleb();
    if (cursor.failed) return null;
    if (code === 0) return table;
    const entry = parseOne(cursor, encoding);
    if (entry === null) return null;
    if (!table.has(code)) table.set(code, entry);
  }
}

function parseOne(cursor: DwarfCursor, encoding: Encoding): Abbreviation | null {
  const entryTag = cursor.uleb();
  const hasChildren = cursor.u8() !== 0;
  const names: number[] = [];
  const forms: number[] = [];
  const constants: number[] = [];
  let fixedBytes = 0;
  for (;;) {
    const name = cursor.uleb();
    const kind = cursor.uleb();
    const constant = kind === form.implicitConstant ? cursor.sleb() : 0;
    if (cursor.failed || names.length > maximumAttributes) return null;
    if (name === 0 && kind === 0) break;
    names.push(name);
    forms.push(kind);
    constants.push(constant);
    const bytes = fixedFormBytes(kind, encoding);
    fixedBytes = bytes < 0 || fixedBytes < 0 ? -1 : fixedBytes + bytes;
  }
  const isSkippable = hasChildren && withoutVariables.has(entryTag) && names.includes(attribute.sibling);
  return { tag: entryTag, hasChildren, names, forms, constants, fixedBytes, isSkippable };
}
