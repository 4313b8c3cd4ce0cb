import type { FieldReader } from '../reader/fields.ts';
import type { SymbolLayout } from '../reader/symbol-table.ts';
import type { FilterTerm } from './filter-term.ts';
import { searchNames } from './name-search.ts';
import { cellHolds, isBetween } from './row-predicate.ts';
import type { SymbolColumns } from './symbol-matcher.ts';

/** Whether a term holds by the name at an offset of the string table. */
export type NameTest = (offset: number) => boolean;

/** Whether a term holds by the number, value or size of a symbol. */
export type FieldTest = (bytes: Buffer, start: number, index: number) => boolean;

/** @param names The string table in lower case. */
export function createNameTest(names: string, term: FilterTerm, nameColumn: number): NameTest | null {
  if (term.kind === 'between' || (term.kind !== 'word' && term.column !== nameColumn)) return null;
  const { text } = term;
  if (term.kind !== 'equals') return text === '' ? () => true : searchNames(names, text).contains;
  return offset =>
    names.startsWith(text, offset) && (offset + text.length >= names.length || names[offset + text.length] === '\0');
}

/** Whether a term holds by the name at an offset together with the version behind it. */
export type JoinedTest = (offset: number, version: number, isDefined: boolean) => boolean;

/**
 * For texts that go on from the name into the version (`malloc@GLIBC`). Null: the text cannot, since versions begin with "@".
 * @param suffixOf The text of a version.
 */
export function createJoinedTest(
  names: string,
  term: FilterTerm,
  nameColumn: number,
  suffixOf: (version: number, isDefined: boolean) => string,
): JoinedTest | null {
  if (term.kind === 'between' || (term.kind !== 'word' && term.column !== nameColumn)) return null;
  const { kind, text } = term;
  const splits = [...text.matchAll(/(?!^)@/gu)].map(({ index }) => [text.slice(0, index), text.slice(index)] as const);
  if (splits.length === 0) return null;
  const suffixes = new Map<number, string>();
  const suffix = (version: number, isDefined: boolean): string => {
    const key = isDefined ? version : -1 - version;
    const known = suffixes.get(key) ?? suffixOf(version, isDefined).toLowerCase();
    suffixes.set(key, known);
    return known;
  };
  return (offset, version, isDefined) => {
    const behind = suffix(version, isDefined);
    return splits.some(([before, rest]) => {
      if (kind === 'equals' ? behind !== rest : !behind.startsWith(rest)) return false;
      const found = names.indexOf('\0', offset);
      const end = found < 0 ? names.length : found;
      const start = end - before.length;
      return kind === 'equals'
        ? start === offset && names.startsWith(before, start)
        : start >= offset && names.startsWith(before, start);
    });
  };
}

/** The digits of a number are made only where the text could occur in them. */
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
  const isDecimal = /^[0-9]*$/u.test(text);
  const isHexadecimal = /^(?:0?x)?[0-9a-f]*$/u.test(text);
  if (!isHexadecimal) return null;
  return (bytes, start, index) => {
    if (`0x${fields.wordDigits(bytes, start + layout.value)}`.includes(text)) return true;
    if (!isDecimal) return false;
    return (
      String(index).includes(text) ||
      fields
        .bigWord(bytes, start + layout.size)
        .toString()
        .includes(text)
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
