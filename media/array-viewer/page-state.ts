/** What is kept while the page is hidden or VS Code is closed. */
export interface PageState {
  readonly tab: 'values' | 'statistics' | 'sums';
  /** Of an .npz file: the array that is shown; null: the first. */
  readonly member: string | null;
  /** By member (empty: of an .npy file) the part that is shown, and the element that the keys are on. */
  readonly parts: Readonly<Record<string, PartState>>;
}

export interface PartState {
  readonly slice: string;
  readonly row: number;
  readonly column: number;
}

export const freshPageState: PageState = { tab: 'values', member: null, parts: {} };
