import type {
  ByteText,
  ElfRow,
  ElfRows,
  ElfRowsParams,
  FilterError,
  RowSort,
  TableColumn,
  TableSummary,
} from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { type InspectedFile, withInspectedFile } from './open-elf.ts';
import { createBytesCache } from './reader/bytes-cache.ts';
import type { FilterTerm } from './rows/filter-term.ts';
import { matchingRows } from './rows/matching-rows.ts';
import { parseFilter } from './rows/parse-filter.ts';
import { maximumSortedRows, sortedRows } from './rows/sorted-rows.ts';
import { allTables, archiveTables } from './tables/all-tables.ts';
import type { ElfTable, TableOf, TableRows } from './tables/table.ts';

/** Rows of one answer at most. */
const maximumRows = 1000;
/** Characters of one answer at most; longer cells are cut, and a finding says so. */
const maximumCharacters = 4 << 20;
const shortCell = 1000;

/** Which rows matched, in which order: to scroll through what a filter left costs no second search. */
const orderCache = createBytesCache<Uint32Array>(16 << 20, rows => rows.byteLength);

/** The tables that a file has. */
export function tableSummaries(file: InspectedFile): readonly TableSummary[] {
  return file.kind === 'elf' ? summaries(file, allTables) : summaries(file, archiveTables);
}

function summaries<File extends InspectedFile>(file: File, tables: readonly TableOf<File>[]): readonly TableSummary[] {
  return tables.flatMap(table => {
    const rows = table.open(file);
    if (rows === null) return [];
    const { id, title, columns, symbolColumn, views, scan } = table;
    return [
      {
        id,
        title,
        columns,
        ...(symbolColumn !== undefined && { symbolColumn }),
        rowCount: rows.count,
        ...(scan !== undefined && { isScanned: true as const }),
        ...(views !== undefined && { views }),
        command: file.command(table.command),
      },
    ];
  });
}

/**
 * One page of one table. Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported; invalidParams for an
 * unknown table, or a column to sort by that it does not have.
 */
export async function readRows(
  path: ByteText,
  request: Omit<ElfRowsParams, 'uri'>,
  signal?: AbortSignal,
): Promise<ElfRows> {
  const table = descriptionOf(request.table);
  const sort = request.sort === undefined ? null : sortOf(table, request.sort);
  signal?.throwIfAborted();
  return await withInspectedFile(path, async (file): Promise<ElfRows> => {
    const rows = await openRows(file, request, signal);
    const { version } = file;
    const start = Math.max(0, Math.floor(request.start));
    const filter = parseFilter(request.filter, table.columns);
    if (filter.kind === 'error') return refused(file, rows, start, filter.error);
    const count = Math.max(0, Math.min(Math.floor(request.count), maximumRows));
    const order = await orderOf(file, rows, { ...request, terms: filter.terms, sort }, signal);
    const page = withinLimits(order === null ? numbered(rows, start, count) : picked(rows, order, start, count));
    if (page.isCut) longRows(file);
    const matching = order?.length ?? rows.count;
    return {
      version,
      total: rows.count,
      matching,
      start,
      rows: page.rows,
      findings: file.findings(),
      ...(rows.command !== undefined && { command: rows.command }),
    };
  });
}

/** Place of the column of kind `name` of a table; -1: it has none, or there is no such table. */
export function nameColumnOf(table: string): number {
  return described.find(({ id }) => id === table)?.columns.findIndex(({ kind }) => kind === 'name') ?? -1;
}

type TableDescription = Pick<ElfTable, 'id' | 'title' | 'columns'>;

const described: readonly TableDescription[] = [...allTables, ...archiveTables];

function descriptionOf(id: string): TableDescription {
  const table = described.find(candidate => candidate.id === id);
  if (table !== undefined) return table;
  const known = described.map(candidate => candidate.id).join(', ');
  throw new UserError('invalidParams', `There is no table "${id}"; there are ${known}.`);
}

interface SortColumn {
  readonly column: number;
  readonly kind: TableColumn['kind'];
  readonly isDescending: boolean;
}

function sortOf({ title, columns }: TableDescription, { column: id, descending }: RowSort): SortColumn {
  const column = columns.findIndex(candidate => candidate.id === id);
  const kind = columns[column]?.kind;
  if (kind !== undefined) return { column, kind, isDescending: descending };
  const known = columns.map(candidate => candidate.id).join(', ');
  throw new UserError('invalidParams', `The table ${title} has no column "${id}"; it has ${known}.`);
}

async function openRows(
  file: InspectedFile,
  request: Pick<ElfRowsParams, 'table' | 'strings'>,
  signal: AbortSignal | undefined,
): Promise<TableRows> {
  return file.kind === 'elf'
    ? await rowsIn(file, allTables, request, signal)
    : await rowsIn(file, archiveTables, request, signal);
}

/** No rows where the file has no such table. */
async function rowsIn<File>(
  file: File,
  tables: readonly TableOf<File>[],
  { table: id, strings = {} }: Pick<ElfRowsParams, 'table' | 'strings'>,
  signal: AbortSignal | undefined,
): Promise<TableRows> {
  const table = tables.find(candidate => candidate.id === id);
  if (table?.scan !== undefined) return await table.scan(file, strings, signal);
  return table?.open(file) ?? { count: 0, page: () => [] };
}

function refused(
  { version, findings }: InspectedFile,
  { count }: TableRows,
  start: number,
  filterError: FilterError,
): ElfRows {
  return { version, total: count, matching: 0, start, rows: [], findings: findings(), filterError };
}

interface OrderRequest extends Pick<ElfRowsParams, 'table' | 'strings'> {
  readonly terms: readonly FilterTerm[];
  readonly sort: SortColumn | null;
}

/** The places of the rows that are asked for, in their order; null: all, as they are. */
async function orderOf(
  file: InspectedFile,
  rows: TableRows,
  { table, strings, terms, sort }: OrderRequest,
  signal: AbortSignal | undefined,
): Promise<Uint32Array | null> {
  if (terms.length === 0 && sort === null) return null;
  const matching = await remembered(file, [table, strings, terms], async () =>
    terms.length === 0 ? everyRow(rows) : await matchingRows(rows, terms, signal),
  );
  if (sort === null) return matching;
  if (matching.length > maximumSortedRows) {
    tooManyToSort(file);
    return matching;
  }
  return await remembered(file, [table, strings, terms, sort], () => sortedRows(rows, matching, sort, signal));
}

async function remembered(
  file: InspectedFile,
  what: readonly unknown[],
  find: () => Promise<Uint32Array>,
): Promise<Uint32Array> {
  const key = JSON.stringify([file.version, ...what], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const known = orderCache.get(key);
  if (known !== undefined) return known;
  const found = await find();
  if (!file.hasChanged()) orderCache.set(key, found);
  return found;
}

function everyRow({ count }: TableRows): Uint32Array {
  return new Uint32Array(count).map((_, index) => index);
}

function picked(rows: TableRows, order: Uint32Array, start: number, count: number): readonly ElfRow[] {
  return [...order.subarray(start, start + count)].flatMap(index => numbered(rows, index, 1));
}

function numbered(rows: TableRows, first: number, count: number): readonly ElfRow[] {
  return rows.page(first, count).map((cells, at) => {
    const index = first + at;
    const opens = rows.opens?.(index) ?? null;
    return opens === null ? { index, cells } : { index, cells, opens };
  });
}

/** The same rows, or such with their long cells cut where all together are too much for one message. */
function withinLimits(rows: readonly ElfRow[]): { readonly rows: readonly ElfRow[]; readonly isCut: boolean } {
  let characters = 0;
  for (const { cells } of rows) for (const cell of cells) characters += cell.length;
  if (characters <= maximumCharacters) return { rows, isCut: false };
  return { rows: rows.map(row => ({ ...row, cells: row.cells.map(cutCell) })), isCut: true };
}

function cutCell(cell: ByteText): ByteText {
  return cell.length <= shortCell ? cell : `${cell.slice(0, shortCell)}…`;
}

function longRows({ addFinding }: InspectedFile): void {
  addFinding({
    code: 'elf/long-rows',
    severity: 'information',
    message: 'Some names are very long; in this table they are cut.',
  });
}

function tooManyToSort({ addFinding }: InspectedFile): void {
  addFinding({
    code: 'elf/many-rows',
    severity: 'information',
    message: `More than ${maximumSortedRows} rows are not sorted; they are in the order of the file. A filter makes them fewer.`,
  });
}
