import { type PageTexts, pageTexts } from '../../language-server/protocol/elf-editor-texts.ts';
import { filledText } from '../page-texts.ts';

let current: PageTexts = pageTexts;

/** The person's language; English until the extension has answered. */
export function setTexts(texts: PageTexts): void {
  current = texts;
}

/** A text of the page with its values in place. */
export function text(name: keyof PageTexts, ...values: readonly (string | number)[]): string {
  return filledText(current[name], values);
}
