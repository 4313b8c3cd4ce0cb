import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Cells, RowMatcher, TableRows } from './tables/table.ts';

/** Rows that are looked at before others get their turn; some milliseconds of work each. */
const chunkRows = 2048;
const fastChunkRows = 32_768;

/** The places of all rows in which every word occurs, ascending. Throws what the signal is aborted with. */
export async function matchingRows(
  rows: TableRows,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const matching = new Uint32Array(rows.count);
  let found = 0;
  const fast = rows.matcher?.(words) ?? null;
  if (fast === null) rows.prepareScan?.();
  const matcher = fast ?? cellMatcher(rows, words);
  const chunk = fast === null ? chunkRows : fastChunkRows;
  for (let first = 0; first < rows.count; first += chunk) {
    for (const index of matcher(first, chunk)) matching[found++] = index;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return matching.slice(0, found);
}

/** Reads the cells of each row. */
export function cellMatcher(rows: TableRows, words: readonly string[]): RowMatcher {
  return (first, count) =>
    rows.page(first, count).flatMap((cells, at) => (rowMatches(cells, words, rows.joined) ? [first + at] : []));
}

/** The words of a filter, as {@link matchingRows} takes them. */
export function filterWords(filter: string): readonly string[] {
  return filter
    .toLowerCase()
    .split(/\s+/u)
    .filter(word => word !== '');
}

export function rowMatches(
  cells: Cells,
  words: readonly string[],
  joined: readonly [number, number] | undefined,
): boolean {
  // A newline is in no word, so no word matches across two cells.
  let text = cells.join('\n');
  if (joined !== undefined) text += `\n${cells[joined[0]] ?? ''}${cells[joined[1]] ?? ''}`;
  const lower = text.toLowerCase();
  return words.every(word => lower.includes(word));
}
