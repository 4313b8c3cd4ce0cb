import type { ElfRow, TableColumn, TableSummary } from '../../../language-server/protocol/elf.ts';

export interface GridWidths {
  /** The value of `grid-template-columns`. */
  readonly columns: string;
  /** CSS length below which the columns would not fit: from there on the table scrolls sideways. */
  readonly minimum: string;
}

const flexible = new Set<TableColumn['kind']>(['name', 'text']);
/** Space on both sides of a cell's text, and a little more. */
const paddingCharacters = 3;
const longestFixed = 32;
const shortestName = 40;
const shortestText = 18;
const longestShare = 60;
const usualSize = 6;

/**
 * Columns of numbers are as wide as their content; those of names share what is left.
 * @param widths Widths in px that the person has set, by column id.
 * @param sample Rows to judge the content by.
 * @param hidden Ids of columns that are not shown.
 */
export function gridWidths(
  { columns, rowCount }: TableSummary,
  widths: Readonly<Record<string, number>>,
  sample: readonly ElfRow[],
  hidden: readonly string[],
): GridWidths {
  const tracks = columns.flatMap((column, index): readonly Track[] => {
    if (hidden.includes(column.id)) return [];
    const set = widths[column.id];
    if (set !== undefined) return [{ size: `${set}px`, minimum: `${set}px` }];
    const longest = sample.reduce((length, row) => Math.max(length, row.cells[index]?.length ?? 0), 0);
    const needed = Math.max(longest, expected(column, rowCount), titleWidth(column)) + paddingCharacters;
    if (!flexible.has(column.kind)) return [fixed(Math.min(needed, longestFixed))];
    const minimum = `${Math.min(needed, column.kind === 'name' ? shortestName : shortestText)}ch`;
    return [{ size: `minmax(${minimum}, ${Math.min(needed, longestShare)}fr)`, minimum }];
  });
  return {
    columns: tracks.map(({ size }) => size).join(' '),
    minimum: `calc(${tracks.map(({ minimum }) => minimum).join(' + ')})`,
  };
}

/** Characters that later rows may need: the first page has the smallest numbers of rows, and not the largest symbol. */
function expected({ kind }: TableColumn, rowCount: number): number {
  switch (kind) {
    case 'number':
      return String(rowCount).length;
    case 'size':
      return usualSize;
    default:
      return 0;
  }
}

/** Titles are bold and not in the rows' font. */
function titleWidth({ title }: TableColumn): number {
  return Math.ceil(title.length * 1.2);
}

interface Track {
  readonly size: string;
  readonly minimum: string;
}

function fixed(characters: number): Track {
  return { size: `${characters}ch`, minimum: `${characters}ch` };
}
