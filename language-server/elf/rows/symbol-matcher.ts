import type { ElfImage } from '../reader/elf-image.ts';
import type { FieldReader } from '../reader/fields.ts';
import { type SymbolTable, sectionIndex, symbolType } from '../reader/symbol-table.ts';
import type { Cells, RowMatcher } from '../tables/table.ts';
import type { FilterTerm } from './filter-term.ts';
import { searchNames } from './name-search.ts';
import { numberInCell } from './number-cell.ts';
import { cellHolds, isBetween, rowMatches } from './row-predicate.ts';
import { createFieldTest, type JoinedTest, type NameTest, nameQuery } from './symbol-tests.ts';

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
const ascii = /^[\x20-\x7e]*$/u;

/**
 * Finds the symbols that have all that a filter asks for from the bytes of the table, without a text for each of their cells:
 * names by a search over the string table; type, binding, visibility, section and version once for each of their values.
 * Null for texts that are not ASCII. Throws what the signal is aborted with.
 */
export async function createSymbolMatcher(
  symbols: SearchedSymbols,
  terms: readonly FilterTerm[],
  signal: AbortSignal | undefined,
): Promise<RowMatcher | null> {
  const { image, table, columns, versionsOffset } = symbols;
  if (terms.length > maximumTerms || !terms.every(isAscii)) return null;
  const { fields, source } = image;
  const { layout } = table;
  const namesBytes = table.strings.sizeBytes;
  const { nameTests, joinedTests } = await testsOfNames(symbols, terms, signal);
  const fieldTests = terms.map(term => createFieldTest(fields, layout, columns, term));
  const bitsOf = (holds: (term: FilterTerm, at: number) => boolean): number =>
    terms.reduce((bits, term, at) => (holds(term, at) ? bits | (1 << at) : bits), 0);
  const negated = bitsOf(({ isNegated }) => isNegated);
  const asked = bitsOf((_, at) => nameTests[at] !== null || fieldTests[at] !== null || joinedTests[at] !== null);
  const all = bitsOf(() => true);
  const shared = createSharedBits(symbols, terms);

  /** The terms that the shared cells did not decide. */
  const holdRest = (pending: number, symbol: SymbolFields, bytes: Buffer, start: number): boolean => {
    for (let rest = pending; rest !== 0; rest &= rest - 1) {
      const at = 31 - Math.clz32(rest & -rest);
      const holds =
        nameTests[at]?.(symbol.name) === true ||
        fieldTests[at]?.(bytes, start, symbol.index) === true ||
        joinedTests[at]?.(symbol.name, symbol.version, symbol.isDefined) === true;
      if (holds === ((negated & (1 << at)) !== 0)) return false;
    }
    return true;
  };
  const matchesCells = (index: number): boolean => {
    const [cells] = symbols.page(index, 1);
    return cells !== undefined && rowMatches(cells, terms, symbols.joined);
  };
  const isLittle = fields.byteOrder === 'little';
  return (first, count) => {
    const bytes = table.block(first, count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = bytes.length / layout.bytes;
    const numbers = versionsOffset < 0 ? null : source.read(versionsOffset + 2 * first, 2 * length);
    const matching: number[] = [];
    const symbol: SymbolFields = { index: 0, name: 0, version: 0, isDefined: false };
    for (let at = 0; at < length; at += 1) {
      const start = at * layout.bytes;
      const name = view.getUint32(start, isLittle);
      const section = view.getUint16(start + layout.sectionIndex, isLittle);
      const info = view.getUint8(start + layout.info);
      const version = numbers === null ? 0 : versionAt(fields, numbers, at);
      if (name >= namesBytes || isSpecial(name, section, info, version)) {
        if (matchesCells(first + at)) matching.push(first + at);
        continue;
      }
      const known = shared(info, view.getUint8(start + layout.other), section, version);
      const pending = all & ~known;
      symbol.index = first + at;
      symbol.name = name;
      symbol.version = version;
      symbol.isDefined = section !== sectionIndex.undefined;
      const isRefused = (known & negated) !== 0 || (pending & ~asked & ~negated) !== 0;
      if (!isRefused && holdRest(pending & asked, symbol, bytes, start)) matching.push(first + at);
    }
    return matching;
  };
}

interface TestsOfNames {
  readonly nameTests: readonly (NameTest | null)[];
  readonly joinedTests: readonly (JoinedTest | null)[];
}

/** All texts are looked for in one pass over the names. */
async function testsOfNames(
  { table, columns, joined, version }: SearchedSymbols,
  terms: readonly FilterTerm[],
  signal: AbortSignal | undefined,
): Promise<TestsOfNames> {
  const queries = terms.map(term => nameQuery(term, columns.name, joined === undefined ? null : version));
  const patterns = queries.flatMap(query => query?.patterns ?? []);
  const searches = patterns.length === 0 ? [] : await searchNames(table.strings, patterns, signal);
  let first = 0;
  const tests = queries.map(query => {
    const own = searches.slice(first, first + (query?.patterns.length ?? 0));
    first += own.length;
    return query?.test(own) ?? null;
  });
  return { nameTests: tests.map(test => test?.name ?? null), joinedTests: tests.map(test => test?.joined ?? null) };
}

function versionAt(fields: FieldReader, numbers: Buffer, at: number): number {
  return 2 * at + 2 > numbers.length ? 0 : fields.u16(numbers, 2 * at);
}

/** What the tests of one symbol need; one object for all of them. */
interface SymbolFields {
  index: number;
  name: number;
  version: number;
  isDefined: boolean;
}

function isAscii(term: FilterTerm): boolean {
  return term.kind === 'between' || ascii.test(term.text);
}

/**
 * Rows whose cells come from elsewhere too: names of sections, indices beyond 16 bits; and the symbols that linkers define for
 * versions, which show no version.
 */
function isSpecial(name: number, section: number, info: number, version: number): boolean {
  if (section === sectionIndex.extended || (section === sectionIndex.absolute && version > 1)) return true;
  return name === 0 && (info & 15) === symbolType.section;
}

const values16 = 1 << 16;
const unknown = -1;

/** Which terms hold by the cells that many symbols share: worked out once for each value of a field. */
function createSharedBits(
  symbols: SearchedSymbols,
  terms: readonly FilterTerm[],
): (info: number, other: number, section: number, version: number) => number {
  const { columns, versionsOffset } = symbols;
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
  const versionBits = (known: Int32Array, section: number, version: number): number => {
    const isDefined = section !== sectionIndex.undefined;
    const place = isDefined ? version + values16 : version;
    let found = known[place] ?? 0;
    if (found === unknown) {
      found = bits([symbols.version(version, isDefined)], [columns.version]);
      known[place] = found;
    }
    return found;
  };
  return (info, other, section, version) => {
    const marks = (info << 8) | other;
    let found = ofMarks[marks] ?? 0;
    if (found === unknown) {
      found = bits(symbols.marks(info, other), markColumns);
      ofMarks[marks] = found;
    }
    let more = ofSection[section] ?? 0;
    if (more === unknown) {
      more = bits(symbols.section(section), sectionColumns);
      ofSection[section] = more;
    }
    return ofVersion === null ? found | more : found | more | versionBits(ofVersion, section, version);
  };
}

function holdsIn(term: FilterTerm, cell: string, column: number): boolean {
  if (term.kind === 'word') return cellHolds(term, cell);
  if (term.column !== column) return false;
  return term.kind === 'between' ? isBetween(numberInCell(cell), term.low, term.high) : cellHolds(term, cell);
}
