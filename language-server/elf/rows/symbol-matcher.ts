import type { FieldReader } from '../reader/fields.ts';
import { sectionIndex, symbolType } from '../reader/symbol-table.ts';
import type { RowMatcher } from '../tables/table.ts';
import type { FilterTerm } from './filter-term.ts';
import { searchNames } from './name-search.ts';
import { numberInCell } from './number-cell.ts';
import { cellHolds, isBetween, rowMatches } from './row-predicate.ts';
import type { SearchedSymbols } from './searched-symbols.ts';
import { decodeSymbolBlock } from './symbol-block.ts';
import { createFieldTest, type FieldTest, type JoinedTest, type NameMark, nameQuery } from './symbol-tests.ts';

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
  if (terms.length > maximumTerms || !terms.every(isAscii)) return null;
  const { image, table, columns } = symbols;
  const { nameMarks, joinedTests } = await testsOfNames(symbols, terms, signal);
  const fieldTests = terms.map(term => createFieldTest(image.fields, table.layout, columns, term));
  const bitsOf = (holds: (term: FilterTerm, at: number) => boolean): number =>
    terms.reduce((bits, term, at) => (holds(term, at) ? bits | (1 << at) : bits), 0);
  const search: SymbolSearch = {
    symbols,
    terms,
    nameMarks,
    fieldTests,
    joinedTests,
    shared: createSharedBits(symbols, terms),
    namesBytes: table.strings.sizeBytes,
    all: bitsOf(() => true),
    negated: bitsOf(({ isNegated }) => isNegated),
    asked: bitsOf((_, at) => fieldTests[at] !== null || joinedTests[at] !== null),
  };
  let memory = Buffer.alloc(0);
  return (first, count) => {
    const wanted = Math.max(0, Math.min(count, table.count - first)) * table.layout.bytes;
    if (memory.length < wanted) memory = Buffer.allocUnsafeSlow(wanted);
    return matchBlock(search, first, table.block(first, count, memory));
  };
}

/**
 * What a filter asks for; of terms in sets, one bit each. It is handed to the functions below, rather than held by closures made
 * for each filter, so that they are compiled but once: the first filters shall be as quick as the later ones.
 */
interface SymbolSearch extends TestsOfNames {
  readonly symbols: SearchedSymbols;
  readonly terms: readonly FilterTerm[];
  readonly fieldTests: readonly (FieldTest | null)[];
  readonly shared: SharedBits;
  readonly namesBytes: number;
  readonly all: number;
  readonly negated: number;
  /** Those that fields, or the name together with the version, may yet fulfil. */
  readonly asked: number;
}

/** @param bytes Whole symbols, from `first` on. */
function matchBlock(search: SymbolSearch, first: number, bytes: Buffer): readonly number[] {
  const { symbols, nameMarks } = search;
  const { fields, source } = symbols.image;
  const { layout } = symbols.table;
  const { length, names, marks } = decodeSymbolBlock(bytes, fields, layout);
  const found = new Int32Array(length);
  for (const [at, mark] of nameMarks.entries()) mark?.(names, 1 << at, found);
  const { versionsOffset } = symbols;
  const versions = versionsOffset < 0 ? null : source.read(versionsOffset + 2 * first, 2 * length);
  const matching: number[] = [];
  let symbol = noSymbol;
  for (let at = 0; at < length; at += 1) {
    const version = versions === null ? 0 : versionAt(fields, versions, at);
    // Neighbours are mostly alike in all but their names and places.
    if (marks[at] !== marks[at - 1] || version !== symbol.version) symbol = readAlike(search, bytes, at, version);
    const name = names[at] ?? 0;
    const isMatch =
      name >= search.namesBytes || isSpecial(symbol, name)
        ? matchesCells(search, first + at)
        : matches(search, symbol, name, found[at] ?? 0, first + at, bytes, at * layout.bytes);
    if (isMatch) matching.push(first + at);
  }
  return matching;
}

function matchesCells({ symbols, terms }: SymbolSearch, index: number): boolean {
  const [cells] = symbols.page(index, 1);
  return cells !== undefined && rowMatches(cells, terms, symbols.joined);
}

/** @param byName The terms that its name fulfils. @param start Where it begins in `bytes`. */
function matches(
  search: SymbolSearch,
  { version, isDefined, byMarks }: Alike,
  name: number,
  byName: number,
  index: number,
  bytes: Buffer,
  start: number,
): boolean {
  const { all, negated, asked, fieldTests, joinedTests } = search;
  const known = byMarks | byName;
  const pending = all & ~known;
  if ((known & negated) !== 0 || (pending & ~asked & ~negated) !== 0) return false;
  for (let rest = pending & asked; rest !== 0; rest &= rest - 1) {
    const at = 31 - Math.clz32(rest & -rest);
    const holds =
      fieldTests[at]?.(bytes, start, index) === true || joinedTests[at]?.(name, version, isDefined) === true;
    if (holds === ((negated & (1 << at)) !== 0)) return false;
  }
  return true;
}

/** What symbols have in common that are alike in all but their names and places. */
interface Alike {
  readonly version: number;
  readonly isDefined: boolean;
  readonly special: Special;
  /** The terms that hold by these. */
  readonly byMarks: number;
}

const noSymbol: Alike = { version: 0, isDefined: false, special: 'none', byMarks: 0 };

function readAlike({ symbols, shared }: SymbolSearch, bytes: Buffer, at: number, version: number): Alike {
  const { layout } = symbols.table;
  const start = at * layout.bytes;
  const info = bytes[start + layout.info] ?? 0;
  const section = symbols.image.fields.u16(bytes, start + layout.sectionIndex);
  return {
    version,
    isDefined: section !== sectionIndex.undefined,
    special: specialOf(section, info, version),
    byMarks: shared(info, bytes[start + layout.other] ?? 0, section, version),
  };
}

interface TestsOfNames {
  readonly nameMarks: readonly (NameMark | null)[];
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
  return { nameMarks: tests.map(test => test?.name ?? null), joinedTests: tests.map(test => test?.joined ?? null) };
}

function versionAt(fields: FieldReader, numbers: Buffer, at: number): number {
  return 2 * at + 2 > numbers.length ? 0 : fields.u16(numbers, 2 * at);
}

function isAscii(term: FilterTerm): boolean {
  return term.kind === 'between' || ascii.test(term.text);
}

/** Whether a row's cells must be read: always, or where the symbol has no name of its own. */
type Special = 'none' | 'nameless' | 'always';

/**
 * Rows whose cells come from elsewhere too: names of sections, indices beyond 16 bits; and the symbols that linkers define for
 * versions, which show no version.
 */
function specialOf(section: number, info: number, version: number): Special {
  if (section === sectionIndex.extended || (section === sectionIndex.absolute && version > 1)) return 'always';
  return (info & 15) === symbolType.section ? 'nameless' : 'none';
}

function isSpecial({ special }: Alike, name: number): boolean {
  return special !== 'none' && (name === 0 || special === 'always');
}

const values16 = 1 << 16;
const unknown = -1;

type SharedBits = (info: number, other: number, section: number, version: number) => number;

/** Which terms hold by the cells that many symbols share: worked out once for each value of a field. */
function createSharedBits(symbols: SearchedSymbols, terms: readonly FilterTerm[]): SharedBits {
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
