import type { RowSort, StringsRequest } from '../../language-server/protocol/elf.ts';
import type { SizeState } from './size/size-state.ts';
import type { Range } from './table/selection.ts';

/** What is kept while the page is hidden or VS Code is closed. */
export interface PageState {
  /** `overview` or a table's id, or that of another tab. */
  readonly tab: string;
  readonly tables: Readonly<Record<string, TableState>>;
  readonly size?: SizeState;
}

export type HexPart = 'contents' | 'entry';

export interface TableState {
  readonly filter: string;
  /** Id of the part of the table that is shown; empty: all of it. */
  readonly view: string;
  /** Null: the order of the file. */
  readonly sort: RowSort | null;
  readonly demangle: boolean;
  /** Ids of columns that are not shown. */
  readonly hidden: readonly string[];
  /** Whether the bytes of the selected row are shown below. */
  readonly hex: boolean;
  /** Which bytes those are, where a row has two kinds: what it speaks of, or its entry in the table. */
  readonly hexPart: HexPart;
  /** First visible row, counted among those that match. */
  readonly topRow: number;
  /** The row that the keys are on, counted among those that match; -1: none. */
  readonly activeRow: number;
  /** The selected rows, counted in the same way. */
  readonly selected: readonly Range[];
  /** Where a selection that is extended began; -1: nowhere. */
  readonly anchorRow: number;
  /** Of the table of strings: which ones. */
  readonly strings: StringsRequest;
  /** Widths that the person has set, in px, by column id. */
  readonly widths: Readonly<Record<string, number>>;
}

export const freshTableState: TableState = {
  filter: '',
  view: '',
  sort: null,
  demangle: false,
  hidden: [],
  hex: false,
  hexPart: 'contents',
  topRow: 0,
  activeRow: -1,
  selected: [],
  anchorRow: -1,
  strings: {},
  widths: {},
};

export const freshPageState: PageState = { tab: 'overview', tables: {} };

/** What an older page has kept may lack something. */
export function tableStateOf({ tables }: PageState, id: string): TableState {
  return { ...freshTableState, ...tables[id] };
}
