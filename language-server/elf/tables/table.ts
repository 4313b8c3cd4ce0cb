import type { ByteText, StringsRequest, TableColumn, TableView } from '../../protocol/elf.ts';
import type { ArchiveFile } from '../archive/archive-file.ts';
import type { ElfFile } from '../elf-file.ts';
import type { FilterTerm } from '../rows/filter-term.ts';
import type { SortKeys } from '../rows/sort-keys.ts';

/** A table of the inspector. A new one is a file beside this one and a line in `all-tables.ts`. */
export interface TableOf<File> {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly TableColumn[];
  /** Place of the column that holds the name of a symbol. */
  readonly symbolColumn?: number;
  /** Arguments of the shell command that prints the same; the path of the file comes behind them. */
  readonly command: readonly string[];
  /** Parts that people ask for by name. */
  readonly views?: readonly TableView[];
  /** Null: this file has no such table. Reads only what the number of rows asks for. */
  open(file: File): TableRows | null;
  /** Finds the rows by a scan of the file, where {@link open} only tells that there may be some. */
  scan?(file: File, request: StringsRequest, signal: AbortSignal | undefined): TableRows | Promise<TableRows>;
}

export type ElfTable = TableOf<ElfFile>;
export type ArchiveTable = TableOf<ArchiveFile>;

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
   * A faster way to find the rows that a filter leaves than to read their cells; it must find the same. Null: there is none
   * for these terms. Throws what the signal is aborted with.
   */
  matcher?(terms: readonly FilterTerm[], signal?: AbortSignal): Promise<RowMatcher | null>;
  /** A faster way to the values that rows are sorted by than to read their cells. Null: there is none for this column. */
  sortKeys?(column: number, rows: Uint32Array): SortKeys | null;
  /** The URI of the file that a row stands for; null: it stands for none. */
  opens?(row: number): string | null;
  /** The shell command that prints these rows, where that of the table does not. */
  readonly command?: string;
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
