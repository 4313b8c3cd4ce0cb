import type { ElfRow, TableColumn } from '../../../language-server/protocol/elf.ts';

const flexible = new Set<TableColumn['kind']>(['name', 'text']);

/**
 * The value of `grid-template-columns`. Columns of numbers are as wide as their content; those of names share what is left.
 * @param widths Widths in px that the person has set, by column id.
 * @param sample Rows to judge the content by.
 */
export function gridColumns(
  columns: readonly TableColumn[],
  widths: Readonly<Record<string, number>>,
  sample: readonly ElfRow[],
): string {
  return columns
    .map((column, index) => {
      const set = widths[column.id];
      if (set !== undefined) return `${set}px`;
      const longest = sample.reduce((length, row) => Math.max(length, row.cells[index]?.length ?? 0), 0);
      const needed = Math.max(longest, column.title.length) + 3;
      if (!flexible.has(column.kind)) return `${Math.min(needed, 32)}ch`;
      const minimum = Math.min(needed, column.kind === 'name' ? 28 : 18);
      return `minmax(${minimum}ch, ${Math.min(needed, 60)}fr)`;
    })
    .join(' ');
}
