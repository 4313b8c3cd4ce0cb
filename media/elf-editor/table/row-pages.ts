import type { ElfRow } from '../../../language-server/protocol/elf.ts';
import type { RowsParams, RowsResult } from '../../../language-server/protocol/elf-editor.ts';
import type { RowsQuery } from './table-query.ts';

export const pageRows = 200;
/** 10,000 rows: enough to scroll back without asking again, and nothing beside a table of millions. */
const keptPages = 50;

export interface RowPagesOptions {
  readonly query: RowsQuery;
  readonly fetchRows: (params: RowsParams, signal: AbortSignal) => Promise<RowsResult>;
  readonly onPage: (page: RowsResult) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * The rows of one table under one filter and in one order, asked for by page as they come into view, and forgotten again when there are too
 * many. Pages that are scrolled past before they arrive are cancelled. A new query is a new object: answers to the old one
 * can't reach the new.
 */
export class RowPages {
  private readonly options: RowPagesOptions;
  /** In the order of their last use. */
  private readonly pages = new Map<number, readonly ElfRow[]>();
  private readonly pending = new Map<number, AbortController>();
  private disposed = false;

  constructor(options: RowPagesOptions) {
    this.options = options;
  }

  /** Undefined while it is not here. */
  row(position: number): ElfRow | undefined {
    return this.pages.get(Math.floor(position / pageRows))?.[position % pageRows];
  }

  /** Sees to it that these rows come, and a page more on either side; gives up on all other requests. */
  want(first: number, last: number, rowCount: number): void {
    if (this.disposed) return;
    const lastPage = Math.max(Math.ceil(rowCount / pageRows) - 1, 0);
    const from = Math.max(Math.floor(first / pageRows) - 1, 0);
    const to = Math.min(Math.floor(last / pageRows) + 1, lastPage);
    for (const [page, controller] of this.pending) {
      if (page >= from && page <= to) continue;
      this.pending.delete(page);
      controller.abort();
    }
    for (let page = from; page <= to; page += 1) {
      const rows = this.pages.get(page);
      if (rows !== undefined) {
        this.pages.delete(page);
        this.pages.set(page, rows);
      } else if (!this.pending.has(page)) void this.ask(page);
    }
  }

  dispose(): void {
    this.disposed = true;
    for (const controller of this.pending.values()) controller.abort();
    this.pending.clear();
    this.pages.clear();
  }

  private async ask(page: number): Promise<void> {
    const controller = new AbortController();
    this.pending.set(page, controller);
    const { query, fetchRows, onPage, onError } = this.options;
    try {
      const result = await fetchRows({ ...query, start: page * pageRows, count: pageRows }, controller.signal);
      if (controller.signal.aborted) return;
      this.pages.set(page, result.rows);
      this.forgetOldest();
      this.pending.delete(page);
      onPage(result);
    } catch (error) {
      if (controller.signal.aborted) return;
      this.pending.delete(page);
      onError(error);
    }
  }

  private forgetOldest(): void {
    for (const page of this.pages.keys()) {
      if (this.pages.size <= keptPages) return;
      this.pages.delete(page);
    }
  }
}
