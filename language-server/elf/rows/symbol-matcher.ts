import type { ElfImage } from './elf-image.ts';
import { lowerCaseTable, searchNames } from './name-search.ts';
import { rowMatches } from './row-filter.ts';
import { type SymbolLayout, type SymbolTable, sectionIndex, symbolType } from './symbol-table.ts';
import type { SymbolVersions } from './symbol-versions.ts';
import type { Cells, RowMatcher } from './tables/table.ts';

/** The symbols to search, and how their rows look. */
export interface SearchedSymbols {
  readonly image: ElfImage;
  readonly table: SymbolTable;
  /** Null: the rows have no column of versions. */
  readonly versions: (() => SymbolVersions) | null;
  page(first: number, count: number): readonly Cells[];
  readonly joined?: readonly [number, number];
}

/** One bit a word. */
const maximumWords = 30;
/** The last columns of a row: type, binding, visibility, section. */
const sharedColumns = 4;

/**
 * Finds the symbols in whose rows all words occur from the bytes of the table, without a text for each of its cells: names
 * by a search over the string table, type, binding, visibility, section and version once for each combination of them.
 * Null for words that could occur across name and version, or that are not ASCII.
 */
export function createSymbolMatcher(symbols: SearchedSymbols, words: readonly string[]): RowMatcher | null {
  const { image, table, versions } = symbols;
  if (words.length > maximumWords || words.some(word => !/^[\x21-\x3f\x41-\x7e]+$/u.test(word))) return null;
  const names = lowerCaseTable(table.strings);
  if (names === null) return null;
  const searches = words.map(word => searchNames(names, word));
  const isInNumbers = createNumberMatcher(symbols, words);
  const maskOfKind = createKindMasks(symbols, words);
  const all = 2 ** words.length - 1;
  const { fields, source } = image;
  const { layout } = table;
  const versionsOffset = versions?.().symbolsOffset ?? -1;

  const hasAll = (known: number, bytes: Buffer, start: number, index: number): boolean => {
    const name = fields.u32(bytes, start);
    let mask = known;
    for (let word = 0; mask !== all; word += 1) {
      const bit = 1 << word;
      if ((mask & bit) !== 0) continue;
      if (searches[word]?.contains(name) !== true && !isInNumbers(word, bytes, start, index)) return false;
      mask |= bit;
    }
    return true;
  };
  const matches = (bytes: Buffer, start: number, index: number, version: number): boolean => {
    if (isSpecial(image, layout, bytes, start, names.length)) {
      const [cells] = symbols.page(index, 1);
      return cells !== undefined && rowMatches(cells, words, symbols.joined);
    }
    return hasAll(maskOfKind(bytes, start, version, index), bytes, start, index);
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

/** Rows whose cells come from elsewhere too: names of sections, indices beyond 16 bits, names that are not there. */
function isSpecial(
  { fields }: ElfImage,
  layout: SymbolLayout,
  bytes: Buffer,
  start: number,
  namesBytes: number,
): boolean {
  const name = fields.u32(bytes, start);
  if (name >= namesBytes) return true;
  if (fields.u16(bytes, start + layout.sectionIndex) === sectionIndex.extended) return true;
  return name === 0 && ((bytes[start + layout.info] ?? 0) & 15) === symbolType.section;
}

/** Which words occur in the cells that all symbols of one kind share: worked out once a kind. */
function createKindMasks(
  { image, table, versions, page }: SearchedSymbols,
  words: readonly string[],
): (bytes: Buffer, start: number, version: number, index: number) => number {
  const { layout } = table;
  const masks = new Map<number, number>();
  const sharedText = (section: number, version: number, index: number): string => {
    const suffix = versions?.().suffix(version, section !== sectionIndex.undefined) ?? '';
    return [suffix, ...(page(index, 1)[0] ?? []).slice(-sharedColumns)].join('\n').toLowerCase();
  };
  return (bytes, start, version, index) => {
    const section = image.fields.u16(bytes, start + layout.sectionIndex);
    const marks = ((bytes[start + layout.info] ?? 0) << 8) | (bytes[start + layout.other] ?? 0);
    // 48 bits, exact in a number.
    const kind = (marks * 65_536 + section) * 65_536 + version;
    const known = masks.get(kind);
    if (known !== undefined) return known;
    const text = sharedText(section, version, index);
    const mask = words.reduce((bits, word, at) => (text.includes(word) ? bits | (1 << at) : bits), 0);
    masks.set(kind, mask);
    return mask;
  };
}

/** Whether a word occurs in the number, value or size of a symbol. Their digits are made for words of digits only. */
function createNumberMatcher(
  { image, table }: SearchedSymbols,
  words: readonly string[],
): (word: number, bytes: Buffer, start: number, index: number) => boolean {
  const { fields } = image;
  const { layout } = table;
  const isDecimal = words.map(word => /^[0-9]+$/u.test(word));
  const isHexadecimal = words.map(word => /^(?:0?x)?[0-9a-f]*$/u.test(word));
  return (word, bytes, start, index) => {
    const text = words[word] ?? '';
    if (isHexadecimal[word] === true && `0x${fields.wordDigits(bytes, start + layout.value)}`.includes(text))
      return true;
    if (isDecimal[word] !== true) return false;
    return (
      String(index).includes(text) ||
      fields
        .bigWord(bytes, start + layout.size)
        .toString()
        .includes(text)
    );
  };
}
