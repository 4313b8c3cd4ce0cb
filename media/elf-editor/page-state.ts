/** What is kept while the page is hidden or VS Code is closed. */
export interface PageState {
  /** `overview` or a table's id. */
  readonly tab: string;
  readonly tables: Readonly<Record<string, TableState>>;
}

export interface TableState {
  readonly filter: string;
  /** First visible row, counted among those that match. */
  readonly topRow: number;
  /** The selected row, counted among those that match; -1: none. */
  readonly activeRow: number;
  /** Widths that the person has set, in px, by column id. */
  readonly widths: Readonly<Record<string, number>>;
}

export const freshTableState: TableState = { filter: '', topRow: 0, activeRow: -1, widths: {} };

export const freshPageState: PageState = { tab: 'overview', tables: {} };
