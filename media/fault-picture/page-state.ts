import type { Camera } from './plot/camera.ts';
import type { Axis } from './points.ts';

export type PageView = 'picture' | 'table' | 'both';

/** What is kept while the page is hidden or VS Code is closed. */
export interface PageState {
  /** Of the test item that the page is about: the extension reads it when VS Code opens the page again. */
  readonly target: string;
  readonly view: PageView;
  readonly axis: Axis;
  readonly onlyBugs: boolean;
  /** n of the run that is chosen; null: none. */
  readonly n: number | null;
  /** Null: all is seen. */
  readonly camera: Camera | null;
  readonly topRow: number;
}

export const freshPageState: PageState = {
  target: '',
  view: 'both',
  axis: 'number',
  onlyBugs: false,
  n: null,
  camera: null,
  topRow: 0,
};

/** What an older page has kept may lack something. */
export function pageStateOf(stored: PageState | undefined): PageState {
  return { ...freshPageState, ...stored };
}
