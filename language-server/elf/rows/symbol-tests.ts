import type { FieldReader } from '../reader/fields.ts';
import type { SymbolLayout } from '../reader/symbol-table.ts';
import { decimalDigitTest, hexDigitTest } from './digit-search.ts';
import type { FilterTerm } from './filter-term.ts';
import type { NamePattern, NameSearch } from './name-search.ts';
import { cellHolds, isBetween } from './row-predicate.ts';
import type { SymbolColumns } from './searched-symbols.ts';

/**
 * Sets a bit for each symbol whose name fulfils a term.
 * @param names Offsets in the string table. @param found As many numbers, which get the bit.
 */
export type NameMark = (names: Uint32Array, bit: number, found: Int32Array) => void;

/** Whether a term holds by the number, value or size of a symbol. */
export type FieldTest = (bytes: Buffer, start: number, index: number) => boolean;

/** What to look for in the names of the table, for a term. Null: the term does not look at names. */
export interface NameQuery {
  readonly patterns: readonly NamePattern[];
  /** @param searches Those of the patterns, in their order. */
  test(searches: readonly NameSearch[]): { readonly name: NameMark | null; readonly joined: JoinedTest | null };
}

/** Whether a term holds by the name at an offset together with the version behind it. */
export type JoinedTest = (offset: number, version: number, isDefined: boolean) => boolean;

/** @param suffixOf The text of a version; null: the symbols have none. */
export function nameQuery(
  term: FilterTerm,
  nameColumn: number,
  suffixOf: ((version: number, isDefined: boolean) => string) | null,
): NameQuery | null {
  if (term.kind === 'between' || (term.kind !== 'word' && term.column !== nameColumn)) return null;
  const { kind, text } = term;
  // Texts that go on from the name into the version (`malloc@GLIBC`): versions begin with "@".
  const splits =
    suffixOf === null
      ? []
      : [...text.matchAll(/(?!^)@/gu)].map(({ index }) => [text.slice(0, index), text.slice(index)] as const);
  if (text === '' && kind !== 'equals') return { patterns: [], test: () => ({ name: markAll, joined: null }) };
  return {
    patterns: [
      { text, place: kind === 'equals' ? 'end' : 'anywhere' },
      ...splits.map(([before]) => ({ text: before, place: 'end' }) as const),
    ],
    test([own, ...befores]) {
      const name = (kind === 'equals' ? own?.markEqual : own?.markContaining) ?? null;
      if (suffixOf === null || splits.length === 0) return { name, joined: null };
      const suffix = rememberedSuffix(suffixOf);
      return {
        name,
        joined: (offset, version, isDefined) => {
          const behind = suffix(version, isDefined);
          return splits.some(([, rest], at) =>
            kind === 'equals'
              ? behind === rest && befores[at]?.equals(offset) === true
              : behind.startsWith(rest) && befores[at]?.contains(offset) === true,
          );
        },
      };
    },
  };
}

function markAll(_names: Uint32Array, bit: number, found: Int32Array): void {
  for (let at = 0; at < found.length; at += 1) found[at] = (found[at] ?? 0) | bit;
}

function rememberedSuffix(
  suffixOf: (version: number, isDefined: boolean) => string,
): (version: number, isDefined: boolean) => string {
  const suffixes = new Map<number, string>();
  return (version, isDefined) => {
    const key = isDefined ? version : -1 - version;
    const known = suffixes.get(key) ?? suffixOf(version, isDefined).toLowerCase();
    suffixes.set(key, known);
    return known;
  };
}

/** Null: the term holds by none of these. */
export function createFieldTest(
  fields: FieldReader,
  layout: SymbolLayout,
  columns: SymbolColumns,
  term: FilterTerm,
): FieldTest | null {
  if (term.kind === 'word') return wordTest(fields, layout, term.text);
  const { column } = term;
  if (column === columns.number) {
    return term.kind === 'between'
      ? (_bytes, _start, index) => isBetween(BigInt(index), term.low, term.high)
      : (_bytes, _start, index) => cellHolds(term, String(index));
  }
  if (column !== columns.value && column !== columns.size) return null;
  const place = column === columns.value ? layout.value : layout.size;
  if (term.kind === 'between') return rangeTest(fields, place, term.low, term.high);
  if (column === columns.value)
    return (bytes, start) => cellHolds(term, `0x${fields.wordDigits(bytes, start + place)}`);
  return (bytes, start) => cellHolds(term, fields.bigWord(bytes, start + place).toString());
}

function wordTest(fields: FieldReader, layout: SymbolLayout, text: string): FieldTest | null {
  if (!/^(?:0?x)?[0-9a-f]*$/u.test(text)) return null;
  if (text === '') return () => true;
  const isWide = fields.class === 64;
  const inHex = hexDigitTest(text, isWide ? 16 : 8);
  const inDecimal = /^[0-9]*$/u.test(text) ? decimalDigitTest(text) : null;
  const high = isWide && fields.byteOrder === 'little' ? 4 : 0;
  const low = isWide ? 4 - high : 0;
  return (bytes, start, index) => {
    const value = start + layout.value;
    if (inHex(fields.u32(bytes, value + high), fields.u32(bytes, value + low))) return true;
    if (inDecimal === null) return false;
    const size = fields.word(bytes, start + layout.size);
    return (
      inDecimal(index) ||
      (size <= Number.MAX_SAFE_INTEGER
        ? inDecimal(size)
        : String(fields.bigWord(bytes, start + layout.size)).includes(text))
    );
  };
}

function rangeTest(fields: FieldReader, place: number, low: bigint | null, high: bigint | null): FieldTest {
  const exact = BigInt(Number.MAX_SAFE_INTEGER);
  const isSmall = (limit: bigint | null): boolean => limit === null || (limit >= -exact && limit <= exact);
  if (!isSmall(low) || !isSmall(high)) {
    return (bytes, start) => isBetween(fields.bigWord(bytes, start + place), low, high);
  }
  // Larger numbers come out rounded, but stay larger than any limit.
  const from = low === null ? 0 : Number(low);
  const to = high === null ? Number.POSITIVE_INFINITY : Number(high);
  return (bytes, start) => {
    const value = fields.word(bytes, start + place);
    return value >= from && value <= to;
  };
}
