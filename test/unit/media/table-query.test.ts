import { expect, test } from 'vitest';
import type { TableSummary } from '../../../language-server/protocol/elf.ts';
import { freshTableState } from '../../../media/elf-editor/page-state.ts';
import { rowsQuery, typedError } from '../../../media/elf-editor/table/table-query.ts';

const table: TableSummary = {
  id: 'symbols',
  title: 'Symbols',
  columns: [],
  rowCount: 3,
  views: [{ id: 'imports', title: 'Imports', filter: 'section:UND' }],
  command: 'nm',
};

test('what is typed stands behind the filter of the view', () => {
  const state = { ...freshTableState, view: 'imports', filter: 'size:>4k' };
  expect(rowsQuery(table, state)).toEqual({ table: 'symbols', filter: 'section:UND size:>4k' });
  expect(rowsQuery(table, { ...state, view: '' }).filter).toBe('size:>4k');
  expect(rowsQuery(table, { ...state, filter: '' }).filter).toBe('section:UND');
});

test('order and demangling are asked for where they are wanted', () => {
  const sort = { column: 'size', descending: true };
  expect(rowsQuery(table, { ...freshTableState, sort, demangle: true })).toEqual({
    table: 'symbols',
    filter: '',
    sort,
    demangle: true,
  });
});

test('an error is told at its place in what was typed', () => {
  const state = { ...freshTableState, view: 'imports', filter: 'size:>soon' };
  const before = 'section:UND '.length;
  const error = { message: 'no number', start: before + 5, end: before + 10 };
  expect(typedError(table, state, error)).toEqual({ message: 'no number', start: 5, end: 10 });
  expect(typedError(table, { ...state, view: '' }, { ...error, start: 5, end: 10 })).toMatchObject({
    start: 5,
    end: 10,
  });
  expect(typedError(table, state, { ...error, start: 2, end: 99 })).toMatchObject({ start: 0, end: 10 });
});
