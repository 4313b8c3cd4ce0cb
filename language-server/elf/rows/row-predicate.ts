import type { Cells } from '../tables/table.ts';
import type { FilterCondition, FilterTerm } from './filter-term.ts';
import { numberInCell } from './number-cell.ts';

/**
 * Whether a row has all that a filter asks for, told by its cells.
 * @param joined Two columns that are searched as one text too (a name and its version).
 */
export function rowMatches(
  cells: Cells,
  terms: readonly FilterTerm[],
  joined: readonly [number, number] | undefined,
): boolean {
  let text: string | undefined;
  const all = (): string => {
    text ??= rowText(cells, joined);
    return text;
  };
  return terms.every(term => holds(term, cells, joined, all) !== term.isNegated);
}

function holds(
  term: FilterCondition,
  cells: Cells,
  joined: readonly [number, number] | undefined,
  all: () => string,
): boolean {
  if (term.kind === 'word') return all().includes(term.text);
  const cell = cells[term.column] ?? '';
  if (term.kind === 'between') return isBetween(numberInCell(cell), term.low, term.high);
  const isTrue = cellHolds(term, cell);
  if (isTrue || joined === undefined || joined[0] !== term.column) return isTrue;
  return cellHolds(term, cell + (cells[joined[1]] ?? ''));
}

/** Whether a text in any case is or has what a term about texts asks for. */
export function cellHolds(term: Exclude<FilterCondition, { kind: 'between' }>, cell: string): boolean {
  const lower = cell.toLowerCase();
  return term.kind === 'equals' ? lower === term.text : lower.includes(term.text);
}

export function isBetween(value: bigint | null, low: bigint | null, high: bigint | null): boolean {
  return value !== null && (low === null || value >= low) && (high === null || value <= high);
}

/** A newline is in no word, so no word matches across two cells. */
function rowText(cells: Cells, joined: readonly [number, number] | undefined): string {
  const text = cells.join('\n');
  const both = joined === undefined ? '' : `\n${cells[joined[0]] ?? ''}${cells[joined[1]] ?? ''}`;
  return (text + both).toLowerCase();
}
