import { displayText } from '../../protocol/display-text.ts';
import type { FilterError, TableColumn } from '../../protocol/elf.ts';
import type { FilterCondition, FilterTerm } from './filter-term.ts';
import { parseNumber, parseRange } from './number-range.ts';

export type ParsedFilter =
  | { readonly kind: 'terms'; readonly terms: readonly FilterTerm[] }
  | { readonly kind: 'error'; readonly error: FilterError };

/** The language of filters, as `ElfRowsParams.filter` describes it. Never throws: what is wrong is said with its place. */
export function parseFilter(filter: string, columns: readonly TableColumn[]): ParsedFilter {
  const cursor: Cursor = { filter, at: 0, columns };
  const terms: FilterTerm[] = [];
  for (;;) {
    skipSpaces(cursor);
    if (cursor.at >= filter.length) return { kind: 'terms', terms };
    const term = readTerm(cursor);
    if ('message' in term) return { kind: 'error', error: term };
    terms.push(term);
  }
}

interface Cursor {
  readonly filter: string;
  readonly columns: readonly TableColumn[];
  at: number;
}

function readTerm(cursor: Cursor): FilterTerm | FilterError {
  const { filter } = cursor;
  const isNegated = filter[cursor.at] === '-' && !isSpace(filter[cursor.at + 1]);
  if (isNegated) cursor.at += 1;
  const condition = readCondition(cursor);
  return 'message' in condition ? condition : { isNegated, ...condition };
}

/** A name of a column before ":" or "~". */
const columnName = /[A-Za-z][\w-]*(?=[:~])/uy;

function readCondition(cursor: Cursor): FilterCondition | FilterError {
  const { filter } = cursor;
  const start = cursor.at;
  if (filter[start] === '"') {
    const quoted = readQuoted(cursor);
    if (typeof quoted !== 'string') return quoted;
    const operator = filter[cursor.at];
    return operator === ':' || operator === '~' ? readColumn(cursor, quoted, start) : word(quoted);
  }
  columnName.lastIndex = start;
  const name = columnName.exec(filter)?.[0];
  // "std::string" is a word: two colons name no column.
  if (name === undefined || filter.startsWith('::', start + name.length)) return word(readBare(cursor));
  cursor.at = start + name.length;
  return readColumn(cursor, name, start);
}

function word(text: string): FilterCondition {
  return { kind: 'word', text: text.toLowerCase() };
}

/** At the operator, behind the name of the column. */
function readColumn(cursor: Cursor, name: string, start: number): FilterCondition | FilterError {
  const { filter, columns } = cursor;
  const operator = filter[cursor.at];
  const column = findColumn(columns, name);
  if (column < 0) {
    const known = columns.map(({ id }) => id).join(', ');
    const message = `There is no column "${displayText(name)}"; there are ${known}. Put a text with a colon or a tilde in quotes.`;
    return { message, start, end: cursor.at };
  }
  cursor.at += 1;
  const valueStart = cursor.at;
  const isQuoted = filter[valueStart] === '"';
  const value = isQuoted ? readQuoted(cursor) : readBare(cursor);
  if (typeof value !== 'string') return value;
  if (value === '' && !isQuoted) {
    return { message: `A value is missing behind "${filter.slice(start, cursor.at)}".`, start, end: cursor.at };
  }
  if (operator === '~') return { kind: 'contains', column, text: value.toLowerCase() };
  const plain: FilterCondition = { kind: 'equals', column, text: value.toLowerCase() };
  if (isQuoted) return plain;
  return numberCondition(columns, column, value) ?? numberError(columns, column, value, valueStart) ?? plain;
}

const numberKinds: ReadonlySet<TableColumn['kind']> = new Set(['address', 'size', 'number']);

function numberCondition(columns: readonly TableColumn[], column: number, value: string): FilterCondition | null {
  if (!isNumberColumn(columns, column)) return null;
  const range = parseRange(value);
  return range === null ? null : { kind: 'between', column, ...range };
}

function numberError(
  columns: readonly TableColumn[],
  column: number,
  value: string,
  start: number,
): FilterError | null {
  const title = columns[column]?.title ?? '';
  const end = start + value.length;
  if (isNumberColumn(columns, column)) {
    const message = `"${displayText(value)}" is not a number as ${title} takes it: 4096, 0x1000, 4k, >4k, <=1M, 0x1000..0x2000.`;
    return { message, start, end };
  }
  const compared = /^[<>]=?(.*)$/u.exec(value)?.[1];
  if (compared === undefined || parseNumber(compared) === null) return null;
  return { message: `The column ${title} holds texts, which are not larger or smaller than a number.`, start, end };
}

function isNumberColumn(columns: readonly TableColumn[], column: number): boolean {
  const kind = columns[column]?.kind;
  return kind !== undefined && numberKinds.has(kind);
}

/** Place of the column with this id or title, in any case; titles also without their spaces. */
export function findColumn(columns: readonly TableColumn[], name: string): number {
  const wanted = name.toLowerCase();
  const titled = (title: string): boolean => title === wanted || title.replaceAll(/[\s/]/gu, '') === wanted;
  const byId = columns.findIndex(({ id }) => id.toLowerCase() === wanted);
  return byId >= 0 ? byId : columns.findIndex(({ title }) => titled(title.toLowerCase()));
}

/** Up to the next space. */
function readBare(cursor: Cursor): string {
  const start = cursor.at;
  while (cursor.at < cursor.filter.length && !isSpace(cursor.filter[cursor.at])) cursor.at += 1;
  return cursor.filter.slice(start, cursor.at);
}

/** What stands between two quotes; a backslash takes its meaning from a quote or a backslash behind it. */
function readQuoted(cursor: Cursor): string | FilterError {
  const { filter } = cursor;
  const start = cursor.at;
  let text = '';
  for (let at = start + 1; at < filter.length; at += 1) {
    const character = filter[at] ?? '';
    if (character === '"') {
      cursor.at = at + 1;
      return text;
    }
    const next = filter[at + 1];
    if (character === '\\' && (next === '"' || next === '\\')) {
      text += next;
      at += 1;
    } else text += character;
  }
  return { message: 'The text has no closing quotation mark.', start, end: filter.length };
}

function skipSpaces(cursor: Cursor): void {
  while (cursor.at < cursor.filter.length && isSpace(cursor.filter[cursor.at])) cursor.at += 1;
}

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/u.test(character);
}
