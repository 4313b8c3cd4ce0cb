import type { ByteText, TableColumn } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';

/** A table of the inspector. A new one is a file beside this one and a line in `all-tables.ts`. */
export interface ElfTable {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly TableColumn[];
  /** Place of the column that holds the name of a symbol. */
  readonly symbolColumn?: number;
  /** Arguments of the shell command that prints the same; the path of the file comes behind them. */
  readonly command: readonly string[];
  /** Null: this file has no such table. Reads only what the number of rows asks for. */
  open(file: ElfFile): TableRows | null;
}

export interface TableRows {
  readonly count: number;
  /** Cells of the rows from `first` on, `count` of them at most. Reads only what those rows need. */
  page(first: number, count: number): readonly Cells[];
  /**
   * Called before all rows are read one page after the other: the time to read in one go what {@link page} would pick up in
   * many places.
   */
  prepareScan?(): void;
  /**
   * A faster way to find the rows in which all words occur than to read their cells; it must find the same. Null: there is
   * none for these words.
   */
  matcher?(words: readonly string[]): RowMatcher | null;
  /** Pairs of neighbouring columns that are also searched as one text (a name and its version). */
  readonly joined?: readonly [number, number];
}

/** The places of the matching rows among `count` rows from `first` on, ascending. */
export type RowMatcher = (first: number, count: number) => readonly number[];

export type Cells = readonly ByteText[];

/** Rows that are already in memory. */
export function rowsOf(cells: readonly Cells[]): TableRows {
  return { count: cells.length, page: (first, count) => cells.slice(first, first + count) };
}

export function column(id: string, title: string, kind: TableColumn['kind']): TableColumn {
  return { id, title, kind };
}
