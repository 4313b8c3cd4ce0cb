import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TableColumn } from '../../protocol/elf.ts';
import type { TableRows } from '../tables/table.ts';
import { numberInCell } from './number-cell.ts';
import { emptyKeys, type SortKeys } from './sort-keys.ts';

export interface SortOrder {
  readonly column: number;
  readonly kind: TableColumn['kind'];
  readonly isDescending: boolean;
}

/** More would take seconds and hundreds of megabytes; a filter makes them fewer. */
export const maximumSortedRows = 1 << 21;

const chunkRows = 2048;

/**
 * The rows in the order of a column: numbers by their value, texts by their characters; equal ones as they were. Throws what
 * the signal is aborted with.
 * @param matching Places of the rows, ascending.
 */
export async function sortedRows(
  rows: TableRows,
  matching: Uint32Array,
  order: SortOrder,
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const fast = rows.sortKeys?.(order.column, matching) ?? null;
  const { high, low } = fast ?? (await cellKeys(rows, matching, order, signal));
  await nextTurn();
  signal?.throwIfAborted();
  const places = new Uint32Array(matching.length).map((_, place) => place);
  const sign = order.isDescending ? -1 : 1;
  places.sort((left, right) => {
    const [first = 0, second = 0] = [high[left], high[right]];
    if (Number.isNaN(first) || Number.isNaN(second))
      return Number(Number.isNaN(first)) - Number(Number.isNaN(second)) || left - right;
    return sign * (first - second || (low[left] ?? 0) - (low[right] ?? 0)) || left - right;
  });
  return places.map(place => matching[place] ?? 0);
}

const numberKinds: ReadonlySet<TableColumn['kind']> = new Set(['address', 'size', 'number']);

async function cellKeys(
  rows: TableRows,
  matching: Uint32Array,
  { column, kind }: SortOrder,
  signal: AbortSignal | undefined,
): Promise<SortKeys> {
  const texts: string[] = [];
  const isWhole = matching.length === rows.count;
  if (isWhole) rows.prepareScan?.();
  for (let first = 0; first < matching.length; first += chunkRows) {
    const places = matching.subarray(first, first + chunkRows);
    const cells = isWhole ? rows.page(first, chunkRows) : [...places].flatMap(place => rows.page(place, 1));
    for (const row of cells) texts.push(row[column] ?? '');
    await nextTurn();
    signal?.throwIfAborted();
  }
  return numberKinds.has(kind) ? numberKeys(texts) : textKeys(texts);
}

function numberKeys(texts: readonly string[]): SortKeys {
  const keys = emptyKeys(texts.length);
  for (const [at, text] of texts.entries()) {
    const value = numberInCell(text);
    keys.high[at] = value === null ? Number.NaN : Number(value >> 32n);
    keys.low[at] = value === null ? 0 : Number(value & 0xffff_ffffn);
  }
  return keys;
}

/** The rank of each text among all that occur: numbers are quicker to compare, and most texts occur many times. */
export function textKeys(texts: readonly string[]): SortKeys {
  const keys = emptyKeys(texts.length);
  const distinct = [...new Set(texts)].sort();
  const ranks = new Map(distinct.map((text, rank) => [text, rank]));
  for (const [at, text] of texts.entries()) keys.high[at] = text === '' ? Number.NaN : (ranks.get(text) ?? 0);
  return keys;
}
