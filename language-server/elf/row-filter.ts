import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Cells, TableRows } from './tables/table.ts';

/** Rows that are looked at before others get their turn; some milliseconds of work. */
const chunkRows = 2048;

/** The places of all rows in which every word occurs, ascending. Throws what the signal is aborted with. */
export async function matchingRows(
  rows: TableRows,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const matching = new Uint32Array(rows.count);
  let found = 0;
  rows.prepareScan?.();
  for (let first = 0; first < rows.count; first += chunkRows) {
    const page = rows.page(first, chunkRows);
    page.forEach((cells, at) => {
      if (rowMatches(cells, words, rows.joined)) matching[found++] = first + at;
    });
    await nextTurn();
    signal?.throwIfAborted();
  }
  return matching.slice(0, found);
}

/** The words of a filter, as {@link matchingRows} takes them. */
export function filterWords(filter: string): readonly string[] {
  return filter
    .toLowerCase()
    .split(/\s+/u)
    .filter(word => word !== '');
}

function rowMatches(cells: Cells, words: readonly string[], joined: readonly [number, number] | undefined): boolean {
  // A newline is in no word, so no word matches across two cells.
  let text = cells.join('\n');
  if (joined !== undefined) text += `\n${cells[joined[0]] ?? ''}${cells[joined[1]] ?? ''}`;
  const lower = text.toLowerCase();
  return words.every(word => lower.includes(word));
}
