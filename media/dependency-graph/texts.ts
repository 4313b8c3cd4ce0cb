import { dependencyGraphTexts, type PageTexts } from '../../language-server/protocol/dependency-graph-texts.ts';
import { filledText } from '../page-texts.ts';

let current: PageTexts = dependencyGraphTexts;

/** The person's language; English until the extension has answered. */
export function setTexts(texts: PageTexts): void {
  current = texts;
}

/** A text of the page with its values in place. */
export function text(name: keyof PageTexts, ...values: readonly (string | number)[]): string {
  return filledText(current[name], values);
}
