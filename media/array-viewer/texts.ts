import { type ArrayViewerTexts, arrayViewerTexts } from '../../language-server/protocol/array-viewer-texts.ts';
import { filledText } from '../page-texts.ts';

let current: ArrayViewerTexts = arrayViewerTexts;

/** The person's language; English until the extension has answered. */
export function setTexts(texts: ArrayViewerTexts): void {
  current = texts;
}

/** A text of the page with its values in place. */
export function text(name: keyof ArrayViewerTexts, ...values: readonly (string | number)[]): string {
  return filledText(current[name], values);
}
