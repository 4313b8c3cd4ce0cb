import type { WhatIf } from '../../language-server/protocol/dependencies.ts';
import type { PathTarget } from '../../language-server/protocol/tree-paths.ts';
import type { Camera } from './picture/camera.ts';

export type PageView = 'tree' | 'picture' | 'both';
export type Fold = 'none' | 'folder' | 'package';
export type Pane = 'details' | 'whatIf' | 'symbols';

/** What is kept while the page is hidden or VS Code is closed. */
export interface PageState {
  readonly view: PageView;
  readonly pane: Pane;
  readonly query: string;
  readonly onlyProblems: boolean;
  readonly hideSystem: boolean;
  readonly soft: boolean;
  /** Null: as the number of objects asks for. */
  readonly fold: Fold | null;
  /** Keys of groups whose objects are drawn one by one. */
  readonly unfolded: readonly string[];
  /** Keys of nodes whose needs are shown in the tree. */
  readonly expanded: readonly string[];
  /** Key of the selected node, and of the row of the tree that it is selected in; empty: none. */
  readonly selected: string;
  readonly row: string;
  readonly why: PathTarget | null;
  readonly camera: Camera | null;
  readonly whatIf: WhatIf;
}

export const freshPageState: PageState = {
  view: 'both',
  pane: 'details',
  query: '',
  onlyProblems: false,
  hideSystem: false,
  soft: true,
  fold: null,
  unfolded: [],
  expanded: [],
  selected: '',
  row: '',
  why: null,
  camera: null,
  whatIf: {},
};

/** What an older page has kept may lack something. */
export function pageStateOf(stored: PageState | undefined): PageState {
  return { ...freshPageState, ...stored };
}
