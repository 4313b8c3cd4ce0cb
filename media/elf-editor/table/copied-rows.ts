import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ElfRow, TableColumn } from '../../../language-server/protocol/elf.ts';
import type { RowsParams, RowsResult } from '../../../language-server/protocol/elf-editor.ts';
import type { RowsQuery } from './table-query.ts';

/** As much as the server gives at once. */
const pageRows = 1000;
/** A spreadsheet takes more, a clipboard should not. */
export const mostCopiedRows = 20_000;

/** A row as it goes to the clipboard: cells between tabs. Tabs and line ends within a cell are shown as escapes. */
export function tabSeparated(cells: readonly string[]): string {
  return cells.map(cell => displayText(cell)).join('\t');
}

/** A row by the ids of its columns. */
export function rowObject(columns: readonly TableColumn[], { cells, demangled }: ElfRow): Record<string, string> {
  const named = columns.map(({ id }, at) => [id, displayText(cells[at] ?? '')] as const);
  return { ...Object.fromEntries(named), ...(demangled !== undefined && { demangled: displayText(demangled) }) };
}

export interface CopiedRows {
  readonly text: string;
  readonly rowCount: number;
  readonly matching: number;
}

/** The rows that match, with the titles of the columns above them, at most {@link mostCopiedRows}. */
export async function collectRows(
  columns: readonly TableColumn[],
  query: RowsQuery,
  fetchRows: (params: RowsParams, signal: AbortSignal) => Promise<RowsResult>,
  signal: AbortSignal,
): Promise<CopiedRows> {
  const lines = [tabSeparated(columns.map(({ title }) => title))];
  let matching = 1;
  for (let start = 0; start < Math.min(matching, mostCopiedRows); start += pageRows) {
    const page = await fetchRows({ ...query, start, count: pageRows }, signal);
    matching = page.matching;
    if (page.rows.length === 0) break;
    for (const { cells } of page.rows) lines.push(tabSeparated(cells));
  }
  return { text: lines.join('\n'), rowCount: lines.length - 1, matching };
}
