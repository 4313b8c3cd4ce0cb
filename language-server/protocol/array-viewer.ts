import type { ArrayViewerTexts } from './array-viewer-texts.ts';
import type {
  ArrayFacts,
  ArrayMember,
  ArrayPartParams,
  ArrayStatistics,
  ArrayWindow,
  ArrayWindowParams,
  SumReport,
  VarianceReport,
} from './numeric.ts';

/** Messages between the page of arrays and the extension (not the wire of the language server); see elf-editor.ts. */
export const arrayViewerMessages = {
  /** Page → host, request: the page is up, or another array was chosen; the answer is what to show, or why not. */
  ready: { method: 'arrayViewer/ready' },
  /** Page → host, request: elements. */
  window: { method: 'arrayViewer/window' },
  /** Page → host, request: statistics; {@link arrayViewerMessages.progress} tells how far they are. */
  statistics: { method: 'arrayViewer/statistics' },
  /** Page → host, request: sums and variances in each way. */
  sums: { method: 'arrayViewer/sums' },
  /** Page → host, request: put text on the clipboard. */
  copy: { method: 'arrayViewer/copy' },
  /** Page → host, request: choose another editor for the file. */
  openOtherwise: { method: 'arrayViewer/openOtherwise' },
  /** Host → page, notification: the file changed on disk; the page asks again. */
  changed: { method: 'arrayViewer/changed' },
  /** Host → page, notification: how much of the statistics is done. */
  progress: { method: 'arrayViewer/progress' },
} as const;

export interface ReadyParams {
  /** Of an .npz file; null: the first. */
  readonly member: string | null;
}

export type ReadyResult = { readonly texts: ArrayViewerTexts } & (
  | { readonly kind: 'array'; readonly facts: ArrayFacts; readonly members: readonly ArrayMember[] }
  | {
      readonly kind: 'error';
      readonly message: string;
      readonly remedy?: string;
      /** Others of the file, where one of them cannot be shown. */
      readonly members: readonly ArrayMember[];
    }
);

export type WindowParams = Omit<ArrayWindowParams, 'uri'>;
export type WindowResult = ArrayWindow;
export type PartParams = Omit<ArrayPartParams, 'uri'>;
export type StatisticsResult = ArrayStatistics;
export interface SumsResult {
  readonly sum: SumReport;
  readonly variance: VarianceReport;
}
export interface CopyParams {
  readonly text: string;
}
