import { readOverview } from '../elf/overview.ts';
import { readRows } from '../elf/tables.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText, ElfRow, ElfRows, RowSort, StringsRequest, TableColumn, TableSummary } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { severityText } from './printer.ts';
import { exitCodeOf, type OutputFormat, type VerbContext } from './verb.ts';

/** Flags of all verbs that print a table. */
export interface TableFlags {
  readonly format: OutputFormat;
  readonly filter?: string;
  readonly sort?: string;
  readonly descending?: true;
  readonly limit?: number;
}

export interface TableRequest {
  readonly path: ByteText;
  /** The first of these tables that the file has. */
  readonly tables: readonly string[];
  /** Name of the answer and of its list: "symbols". */
  readonly name: string;
  /** A filter before that of the person. */
  readonly view?: string;
  readonly strings?: StringsRequest;
}

const pageRows = 1000;

/** Prints a table page by page; resolves to the exit code. */
export async function printTable(context: VerbContext, request: TableRequest, flags: TableFlags): Promise<number> {
  const { path, tables, name, view = '', strings } = request;
  const overview = await readOverview(path, context.signal);
  const table = tables
    .map(id => overview.tables.find(candidate => candidate.id === id))
    .find(found => found !== undefined);
  if (table === undefined) throw new UserError('notSupported', `${displayText(path)} has no ${name}.`);
  const filter = [view, flags.filter ?? ''].filter(text => text !== '').join(' ');
  const sort: RowSort | undefined =
    flags.sort === undefined ? undefined : { column: flags.sort, descending: flags.descending === true };
  const ask = async (start: number, count: number): Promise<ElfRows> => {
    const more = { ...(sort !== undefined && { sort }), ...(strings !== undefined && { strings }) };
    const answer = await readRows(path, { table: table.id, start, count, filter, ...more }, context.signal);
    refuseBrokenFilter(answer, filter, view);
    return answer;
  };
  return await printPages(context, { ...request, table }, ask, flags.limit ?? Number.POSITIVE_INFINITY);
}

function refuseBrokenFilter({ filterError }: ElfRows, filter: string, view: string): void {
  if (filterError === undefined) return;
  const { message, start, end } = filterError;
  const before = view === '' ? 0 : view.length + 1;
  throw new UserError(
    'invalidParams',
    `The filter cannot be understood at "${displayText(filter.slice(start, end))}" (character ${start - before + 1}): ${message}`,
  );
}

async function printPages(
  { printer, format }: VerbContext,
  { path, name, table }: TableRequest & { readonly table: TableSummary },
  ask: (start: number, count: number) => Promise<ElfRows>,
  limit: number,
): Promise<number> {
  const page = (start: number): Promise<ElfRows> => ask(start, Math.min(pageRows, limit - start));
  const first = await page(0);
  const end = Math.min(limit, first.matching);
  const output = format === 'json' ? jsonRows(table.columns) : textRows(table.columns, first.rows);
  for (const line of output.before(name, path, table)) printer.line(line);
  let last = first;
  for (let start = 0; start < end; start += last.rows.length) {
    if (start > 0) last = await page(start);
    if (last.version !== first.version) throw changed(path);
    if (last.rows.length === 0) break;
    for (const [at, row] of last.rows.entries()) printer.line(output.row(row, start + at + 1 >= end));
  }
  for (const line of output.after(last)) printer.line(line);
  if (format === 'text') {
    for (const { severity, message, code } of last.findings) {
      printer.error(`${severityText(printer, severity)}: ${displayText(message)} [${code}]`);
    }
  }
  return exitCodeOf(last.findings);
}

function changed(path: ByteText): UserError {
  return new UserError('unreadable', `${displayText(path)} was changed while it was read; run the command again.`);
}

/** How rows look. A table can have millions of rows: nothing is collected. */
interface RowOutput {
  before(name: string, path: ByteText, table: TableSummary): readonly string[];
  row(row: ElfRow, isLast: boolean): string;
  after(answer: ElfRows): readonly string[];
}

const rightAligned: ReadonlySet<TableColumn['kind']> = new Set(['size', 'number', 'address']);

/** Columns as wide as the rows of the first page need; the last one has no end. */
function textRows(columns: readonly TableColumn[], sample: readonly ElfRow[]): RowOutput {
  // The name may be of any length: it goes last.
  const order = columns.map((_, place) => place).sort((left, right) => isName(columns, left) - isName(columns, right));
  const widths = columns.map(({ title }, place) =>
    Math.max(title.length, ...sample.map(({ cells }) => displayText(cells[place] ?? '').length)),
  );
  const line = (texts: readonly string[]): string =>
    order
      .map(place => {
        const text = displayText(texts[place] ?? '');
        if (place === order.at(-1)) return text;
        const width = widths[place] ?? 0;
        return rightAligned.has(columns[place]?.kind ?? 'text') ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return {
    before: () => [line(columns.map(({ title }) => title))],
    row: ({ cells }) => line(cells),
    after: () => [],
  };
}

function isName(columns: readonly TableColumn[], place: number): number {
  return columns[place]?.kind === 'name' ? 1 : 0;
}

/** One JSON value, a row a line. */
function jsonRows(columns: readonly TableColumn[]): RowOutput {
  return {
    before(name, path, { id, command }) {
      const head = { schema: `binary-detective/${name}@1`, path, table: id, command };
      const fields = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
      return ['{', ...fields, `  ${JSON.stringify(name)}: [`];
    },
    row: ({ cells }, isLast) => `    ${JSON.stringify(rowObject(columns, cells))}${isLast ? '' : ','}`,
    after: ({ total, matching, findings }) => [
      '  ],',
      `  "total": ${total},`,
      `  "matching": ${matching},`,
      `  "findings": ${JSON.stringify(findings)}`,
      '}',
    ],
  };
}

/** Sizes and numbers as numbers, addresses as `0x…`, all else as text. */
function rowObject(
  columns: readonly TableColumn[],
  cells: readonly ByteText[],
): Record<string, string | number | null> {
  return Object.fromEntries(
    columns.map(({ id, kind }, place) => {
      const cell = cells[place] ?? '';
      if (kind !== 'size' && kind !== 'number') return [id, cell];
      if (cell === '') return [id, null];
      const value = Number(cell);
      return [id, Number.isSafeInteger(value) && /^\d+$/u.test(cell) ? value : cell];
    }),
  );
}
