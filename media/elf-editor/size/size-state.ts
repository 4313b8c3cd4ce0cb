import type { SizeGrouping } from '../../../language-server/protocol/size.ts';
import type { Measure } from './size-text.ts';

/** What of the size view is kept while the page is hidden or VS Code is closed. */
export interface SizeState {
  readonly by: SizeGrouping;
  readonly measure: Measure;
  /** Names of the parts that were looked into, the outermost first. */
  readonly trail: readonly string[];
}

export const freshSizeState: SizeState = { by: 'symbol', measure: 'fileBytes', trail: [] };
