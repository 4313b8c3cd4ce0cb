import type { ElfImage } from '../elf-image.ts';
import { type SymbolTable, sectionIndex, symbolType } from '../symbol-table.ts';
import type { Cells, RowMatcher } from '../tables/table.ts';
import type { FilterTerm } from './filter-term.ts';
import { numberInCell } from './number-cell.ts';
import { cellHolds, isBetween, rowMatches } from './row-predicate.ts';
import { createFieldTest, createNameTest, type FieldTest } from './symbol-tests.ts';

/** What the columns of a table of symbols are made of; -1: there is no such column. */
export interface SymbolColumns {
  readonly number: number;
  readonly name: number;
  readonly version: number;
  readonly value: number;
  readonly size: number;
  readonly type: number;
  readonly binding: number;
  readonly visibility: number;
  readonly sectionNumber: number;
  readonly section: number;
}

/** The symbols to search, and how their cells look that many of them share. */
export interface SearchedSymbols {
  readonly image: ElfImage;
  readonly table: SymbolTable;
  readonly columns: SymbolColumns;
  /** The string table in lower case, one character a byte; null where it is too large to be held. */
  names(): string | null;
  /** Where the entries of .gnu.version are; -1: the symbols have no versions. */
  readonly versionsOffset: number;
  /** Cells of type, binding and visibility. */
  marks(info: number, other: number): readonly [type: string, binding: string, visibility: string];
  /** Cells of the section's number and name. */
  section(index: number): readonly [number: string, name: string];
  version(number: number, isDefined: boolean): string;
  page(first: number, count: number): readonly Cells[];
  readonly joined?: readonly [number, number];
}

/** One bit a term. */
const maximumTerms = 30;
/** Printable ASCII but "@", which joins a name and its version. */
const plainText = /^[\x20-\x3f\x41-\x7e]*$/u;

/**
 * Finds the symbols that have all that a filter asks for from the bytes of the table, without a text for each of their cells:
 * names by a search over the string table; type, binding, visibility, section and version once for each of their values.
 * Null for terms that could hold across name and version, or that are not ASCII.
 */
export function createSymbolMatcher(symbols: SearchedSymbols, terms: readonly FilterTerm[]): RowMatcher | null {
  const { image, table, columns, versionsOffset } = symbols;
  if (terms.length > maximumTerms || terms.some(term => term.kind !== 'between' && !plainText.test(term.text)))
    return null;
  const names = symbols.names();
  if (names === null) return null;
  const nameTests = terms.map(term => createNameTest(names, term, columns.name));
  const fieldTests = terms.map(term => createFieldTest(image.fields, table.layout, columns, term));
  const shared = createSharedBits(symbols, terms);
  const negated = terms.reduce((bits, { isNegated }, at) => (isNegated ? bits | (1 << at) : bits), 0);
  const { fields, source } = image;
  const { layout } = table;

  const matches = (bytes: Buffer, start: number, index: number, version: number): boolean => {
    if (isSpecial(image, table, bytes, start, names.length, version)) {
      const [cells] = symbols.page(index, 1);
      return cells !== undefined && rowMatches(cells, terms, symbols.joined);
    }
    const known = shared(bytes, start, version);
    const name = fields.u32(bytes, start);
    for (let at = 0; at < terms.length; at += 1) {
      const bit = 1 << at;
      const holds =
        (known & bit) !== 0 ||
        nameTests[at]?.(name) === true ||
        (fieldTests[at] as FieldTest | null)?.(bytes, start, index) === true;
      if (holds === ((negated & bit) !== 0)) return false;
    }
    return true;
  };
  return (first, count) => {
    const bytes = table.block(first, count);
    const length = bytes.length / layout.bytes;
    const numbers = versionsOffset < 0 ? null : source.read(versionsOffset + 2 * first, 2 * length);
    const matching: number[] = [];
    for (let at = 0; at < length; at += 1) {
      const version = numbers === null || 2 * at + 2 > numbers.length ? 0 : fields.u16(numbers, 2 * at);
      if (matches(bytes, at * layout.bytes, first + at, version)) matching.push(first + at);
    }
    return matching;
  };
}

/**
 * Rows whose cells come from elsewhere too: names of sections, indices beyond 16 bits, names that are not there; and the
 * symbols that linkers define for versions, which show no version.
 */
function isSpecial(
  { fields }: ElfImage,
  { layout }: SymbolTable,
  bytes: Buffer,
  start: number,
  namesBytes: number,
  version: number,
): boolean {
  const name = fields.u32(bytes, start);
  if (name >= namesBytes) return true;
  const section = fields.u16(bytes, start + layout.sectionIndex);
  if (section === sectionIndex.extended || (section === sectionIndex.absolute && version > 1)) return true;
  return name === 0 && ((bytes[start + layout.info] ?? 0) & 15) === symbolType.section;
}

const values16 = 1 << 16;
const unknown = -1;

/** Which terms hold by the cells that many symbols share: worked out once for each value of a field. */
function createSharedBits(
  symbols: SearchedSymbols,
  terms: readonly FilterTerm[],
): (bytes: Buffer, start: number, version: number) => number {
  const { image, table, columns, versionsOffset } = symbols;
  const { fields } = image;
  const { layout } = table;
  const ofMarks = new Int32Array(values16).fill(unknown);
  const ofSection = new Int32Array(values16).fill(unknown);
  const ofVersion = versionsOffset < 0 ? null : new Int32Array(2 * values16).fill(unknown);
  const bits = (cells: readonly string[], places: readonly number[]): number =>
    terms.reduce(
      (found, term, at) =>
        cells.some((cell, which) => holdsIn(term, cell, places[which] ?? -1)) ? found | (1 << at) : found,
      0,
    );
  const markColumns = [columns.type, columns.binding, columns.visibility];
  const sectionColumns = [columns.sectionNumber, columns.section];
  return (bytes, start, version) => {
    const info = bytes[start + layout.info] ?? 0;
    const other = bytes[start + layout.other] ?? 0;
    const marks = (info << 8) | other;
    let found = ofMarks[marks] ?? 0;
    if (found === unknown) {
      found = bits(symbols.marks(info, other), markColumns);
      ofMarks[marks] = found;
    }
    const section = fields.u16(bytes, start + layout.sectionIndex);
    let more = ofSection[section] ?? 0;
    if (more === unknown) {
      more = bits(symbols.section(section), sectionColumns);
      ofSection[section] = more;
    }
    found |= more;
    if (ofVersion === null) return found;
    const isDefined = section !== sectionIndex.undefined;
    const place = isDefined ? version + values16 : version;
    more = ofVersion[place] ?? 0;
    if (more === unknown) {
      more = bits([symbols.version(version, isDefined)], [columns.version]);
      ofVersion[place] = more;
    }
    return found | more;
  };
}

function holdsIn(term: FilterTerm, cell: string, column: number): boolean {
  if (term.kind === 'word') return cellHolds(term, cell);
  if (term.column !== column) return false;
  return term.kind === 'between' ? isBetween(numberInCell(cell), term.low, term.high) : cellHolds(term, cell);
}
