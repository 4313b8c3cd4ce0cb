import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ElfRow, TableColumn } from '../../../language-server/protocol/elf.ts';
import type { RowsParams, RowsResult } from '../../../language-server/protocol/elf-editor.ts';
import type { Range } from './selection.ts';
import type { RowsQuery } from './table-query.ts';

/** As much as the server gives at once. */
const pageRows = 1000;
/** A spreadsheet takes a little more (1,048,576). */
export const mostCopiedRows = 1_000_000;

/** How rows go to the clipboard: `table` has the titles of the columns above them, `rows` where there are several rows. */
export type CopyFormat = 'table' | 'rows' | 'json' | 'names';

/** A row as it goes to the clipboard: cells between tabs. Tabs and line ends within a cell are shown as escapes. */
export function tabSeparated(cells: readonly string[]): string {
  return cells.map(cell => displayText(cell)).join('\t');
}

/** A row by the ids of its columns. */
export function rowObject(columns: readonly TableColumn[], { cells, demangled }: ElfRow): Record<string, string> {
  const named = columns.map(({ id }, at) => [id, displayText(cells[at] ?? '')] as const);
  return { ...Object.fromEntries(named), ...(demangled !== undefined && { demangled: displayText(demangled) }) };
}

/** As JSON one row is an object, several are a list of them. */
export function copiedText(columns: readonly TableColumn[], rows: readonly ElfRow[], format: CopyFormat): string {
  const [only] = rows.length === 1 ? rows : [];
  switch (format) {
    case 'rows':
      return only === undefined ? tableText(columns, rows) : tabSeparated(only.cells);
    case 'table':
      return tableText(columns, rows);
    case 'json': {
      const objects = rows.map(row => rowObject(columns, row));
      return JSON.stringify(only === undefined ? objects : objects[0], undefined, 2);
    }
    case 'names': {
      const name = columns.findIndex(({ kind }) => kind === 'name');
      return rows.map(({ cells }) => displayText(cells[name] ?? '')).join('\n');
    }
  }
}

function tableText(columns: readonly TableColumn[], rows: readonly ElfRow[]): string {
  return [columns.map(({ title }) => title), ...rows.map(({ cells }) => cells)].map(tabSeparated).join('\n');
}

export interface CollectOptions {
  readonly query: RowsQuery;
  /** Positions of the rows; Infinity: to the last one that matches. */
  readonly ranges: readonly Range[];
  readonly fetchRows: (params: RowsParams, signal: AbortSignal) => Promise<RowsResult>;
  readonly onProgress: (rowCount: number) => void;
  readonly signal: AbortSignal;
}

/** The rows of the ranges, at most {@link mostCopiedRows}. `isCut`: there are more. */
export async function collectRows({ query, ranges, fetchRows, onProgress, signal }: CollectOptions): Promise<{
  readonly rows: readonly ElfRow[];
  readonly isCut: boolean;
}> {
  const rows: ElfRow[] = [];
  /** Asked for and not here yet, in their order: while one travels, the next is being read. */
  const coming: Promise<RowsResult>[] = [];
  for (const { start, count } of pagesOf(ranges)) {
    if (rows.length >= mostCopiedRows) return { rows: rows.slice(0, mostCopiedRows), isCut: true };
    coming.push(fetchRows({ ...query, start, count }, signal));
    if (coming.length < pagesAtOnce) continue;
    const page = await coming.shift();
    rows.push(...(page?.rows ?? []));
    onProgress(rows.length);
    // The end of the rows that match: those that were asked for beyond are empty.
    if (page === undefined || page.start + page.rows.length >= page.matching) break;
  }
  for (const page of await Promise.all(coming)) rows.push(...page.rows);
  return { rows: rows.slice(0, mostCopiedRows), isCut: rows.length > mostCopiedRows };
}

const pagesAtOnce = 4;

function* pagesOf(ranges: readonly Range[]): Generator<{ readonly start: number; readonly count: number }> {
  for (const [first, last] of ranges) {
    for (let start = first; start <= last; start += pageRows) {
      yield { start, count: Math.min(pageRows, last - start + 1) };
    }
  }
}
