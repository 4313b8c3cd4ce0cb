import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RowMatcher, TableRows } from '../tables/table.ts';
import type { FilterTerm } from './filter-term.ts';
import { rowMatches } from './row-predicate.ts';

/** Rows that are looked at before others get their turn; some milliseconds of work each. */
const chunkRows = 2048;
const fastChunkRows = 32_768;

/** The places of all rows that have what the terms ask for, ascending. Throws what the signal is aborted with. */
export async function matchingRows(
  rows: TableRows,
  terms: readonly FilterTerm[],
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const matching = new Uint32Array(rows.count);
  let found = 0;
  const fast = (await rows.matcher?.(terms, signal)) ?? null;
  if (fast === null) rows.prepareScan?.();
  const matcher = fast ?? cellMatcher(rows, terms);
  const chunk = fast === null ? chunkRows : fastChunkRows;
  for (let first = 0; first < rows.count; first += chunk) {
    for (const index of matcher(first, chunk)) matching[found++] = index;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return matching.slice(0, found);
}

/** Reads the cells of each row. */
export function cellMatcher(rows: TableRows, terms: readonly FilterTerm[]): RowMatcher {
  return (first, count) =>
    rows.page(first, count).flatMap((cells, at) => (rowMatches(cells, terms, rows.joined) ? [first + at] : []));
}
