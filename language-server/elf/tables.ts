import { shellCommand } from '../native/shell-quote.ts';
import type { ByteText, ElfRow, ElfRows, ElfRowsParams, TableSummary } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { ElfFile } from './elf-file.ts';
import { createFilterCache } from './filter-cache.ts';
import { withElfFile } from './open-elf.ts';
import { filterWords, matchingRows } from './row-filter.ts';
import { allTables } from './tables/all-tables.ts';
import type { Cells, TableRows } from './tables/table.ts';

/** Rows of one answer at most. */
const maximumRows = 1000;
/** Characters of one answer at most; longer cells are cut, and a finding says so. */
const maximumCharacters = 4 << 20;
const shortCell = 1000;

const filterCache = createFilterCache();

/** The tables that a file has. */
export function tableSummaries(file: ElfFile): readonly TableSummary[] {
  return allTables.flatMap(table => {
    const rows = table.open(file);
    if (rows === null) return [];
    const { id, title, columns, symbolColumn } = table;
    const command = shellCommand([...table.command, file.path]);
    const summary = { id, title, columns, rowCount: rows.count, command };
    return [symbolColumn === undefined ? summary : { ...summary, symbolColumn }];
  });
}

/**
 * One page of one table. Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported; invalidParams for an
 * unknown table.
 */
export async function readRows(
  path: ByteText,
  request: Omit<ElfRowsParams, 'uri'>,
  signal?: AbortSignal,
): Promise<ElfRows> {
  const table = allTables.find(({ id }) => id === request.table);
  if (table === undefined) {
    const known = allTables.map(({ id }) => id).join(', ');
    throw new UserError('invalidParams', `There is no table "${request.table}"; there are ${known}.`);
  }
  signal?.throwIfAborted();
  return await withElfFile(path, async (file): Promise<ElfRows> => {
    const rows = table.open(file) ?? { count: 0, page: () => [] };
    const start = Math.max(0, Math.floor(request.start));
    const count = Math.max(0, Math.min(Math.floor(request.count), maximumRows));
    const words = filterWords(request.filter);
    const page =
      words.length === 0
        ? { matching: rows.count, rows: numbered(rows.page(start, count), start) }
        : await filteredPage(file, request.table, rows, { words, start, count }, signal);
    const shown = withinLimits(page.rows);
    if (shown !== page.rows) {
      file.image.findings.add({
        code: 'elf/long-rows',
        severity: 'information',
        message: 'Some names are very long; in this table they are cut.',
      });
    }
    const { version } = file;
    return { version, total: rows.count, matching: page.matching, start, rows: shown, findings: file.findings() };
  });
}

interface FilteredRequest {
  readonly words: readonly string[];
  readonly start: number;
  readonly count: number;
}

async function filteredPage(
  file: ElfFile,
  table: string,
  rows: TableRows,
  { words, start, count }: FilteredRequest,
  signal: AbortSignal | undefined,
): Promise<{ readonly matching: number; readonly rows: readonly ElfRow[] }> {
  const key = JSON.stringify([file.version, table, words]);
  let matching = filterCache.get(key);
  if (matching === undefined) {
    matching = await matchingRows(rows, words, signal);
    if (!file.hasChanged()) filterCache.set(key, matching);
  }
  const page = [...matching.subarray(start, start + count)].flatMap(index => numbered(rows.page(index, 1), index));
  return { matching: matching.length, rows: page };
}

function numbered(cells: readonly Cells[], first: number): readonly ElfRow[] {
  return cells.map((row, at) => ({ index: first + at, cells: row }));
}

/** The same rows, or such with their long cells cut where all together are too much for one message. */
function withinLimits(rows: readonly ElfRow[]): readonly ElfRow[] {
  let characters = 0;
  for (const { cells } of rows) for (const cell of cells) characters += cell.length;
  if (characters <= maximumCharacters) return rows;
  return rows.map(({ index, cells }) => ({ index, cells: cells.map(cutCell) }));
}

function cutCell(cell: ByteText): ByteText {
  return cell.length <= shortCell ? cell : `${cell.slice(0, shortCell)}…`;
}
