import type { ElfRow, FilterError, TableSummary } from '../../../language-server/protocol/elf.ts';
import type { RowsResult } from '../../../language-server/protocol/elf-editor.ts';
import type { Finding } from '../../../language-server/protocol/finding.ts';
import { host } from '../host.ts';
import type { TableState } from '../page-state.ts';
import { pageRows, RowPages } from './row-pages.ts';
import { rowsQuery, typedError } from './table-query.ts';

export interface LoadedRowsListeners {
  /** A page has come, or will not. `isOther`: there is another number of rows than before. */
  readonly onChange: (isOther: boolean) => void;
  /** The file was replaced between the overview and a page. */
  readonly onOtherVersion: () => void;
}

/** The rows of a table as far as they are here, and what the server says of all of them. */
export class LoadedRows {
  /** Rows that match; undefined until the first page is here. */
  matching: number | undefined;
  total = 0;
  /** Why there are none. */
  failure: string | undefined;
  /** Its place is in what the person has typed. */
  filterError: FilterError | undefined;
  /** What the overview does not have among its findings. */
  remarks: readonly string[] = [];
  /** The shell command that prints the rows, where it is not that of the overview. */
  command: string | undefined;
  /** The first rows, to judge the width of columns by. */
  sample: readonly ElfRow[] = [];
  private pages: RowPages | undefined;
  private readonly listeners: LoadedRowsListeners;

  constructor(listeners: LoadedRowsListeners) {
    this.listeners = listeners;
  }

  /** Another table: nothing of the last one holds. */
  reset({ rowCount }: TableSummary): void {
    this.sample = [];
    this.total = rowCount;
    this.matching = undefined;
  }

  /** Asks anew. */
  open(table: TableSummary, version: string, state: TableState): void {
    this.pages?.dispose();
    this.failure = undefined;
    this.pages = new RowPages({
      query: rowsQuery(table, state),
      fetchRows: host.rows,
      onPage: page => this.take(page, table, version, state),
      onError: error => {
        this.failure = error instanceof Error ? error.message : String(error);
        this.listeners.onChange(false);
      },
    });
    const first = state.topRow;
    this.pages.want(first, first + pageRows, Math.max(table.rowCount, 1));
  }

  close(): void {
    this.pages?.dispose();
  }

  /** Undefined while it is not here. */
  row(position: number): ElfRow | undefined {
    return this.pages?.row(position);
  }

  want(first: number, last: number, rowCount: number): void {
    this.pages?.want(first, last, rowCount);
  }

  private take(page: RowsResult, table: TableSummary, version: string, state: TableState): void {
    if (page.version !== version) {
      this.listeners.onOtherVersion();
      return;
    }
    const isOther = this.matching !== page.matching;
    this.matching = page.matching;
    this.total = page.total;
    this.command = page.command;
    this.filterError = page.filterError && typedError(table, state, page.filterError);
    const isNew = ({ code }: Finding): boolean => table.isScanned === true || code === 'elf/names-mangled';
    this.remarks = page.findings.filter(isNew).map(({ message }) => message);
    if (this.sample.length === 0) this.sample = page.rows;
    this.listeners.onChange(isOther);
  }
}
