import type { FilterError, TableSummary } from '../../../language-server/protocol/elf.ts';
import type { RowsParams } from '../../../language-server/protocol/elf-editor.ts';
import type { TableState } from '../page-state.ts';

export type RowsQuery = Omit<RowsParams, 'start' | 'count'>;

/** Which rows are asked for, and in which order: the filter of the view, then what the person has typed. */
export function rowsQuery(table: TableSummary, { filter, view, sort, demangle, strings }: TableState): RowsQuery {
  return {
    table: table.id,
    filter: [viewFilter(table, view), filter].filter(part => part !== '').join(' '),
    ...(sort !== null && { sort }),
    ...(demangle && { demangle }),
    ...(table.id === 'strings' && { strings }),
  };
}

/** The error with its place in what the person has typed, which stands behind the filter of the view. */
export function typedError(table: TableSummary, state: TableState, error: FilterError): FilterError {
  const before = viewFilter(table, state.view).length;
  const shift = before === 0 ? 0 : before + 1;
  const last = state.filter.length;
  const place = (at: number): number => Math.min(Math.max(at - shift, 0), last);
  return { ...error, start: place(error.start), end: place(error.end) };
}

function viewFilter({ views = [] }: TableSummary, id: string): string {
  return views.find(view => view.id === id)?.filter ?? '';
}
