import { type PageTexts, pageTexts } from '../../language-server/protocol/elf-editor-texts.ts';

let current: PageTexts = pageTexts;

/** The person's language; English until the extension has answered. */
export function setTexts(texts: PageTexts): void {
  current = texts;
}

/** A text of the page with its values in place. Numbers are written as the person's language has it. */
export function text(name: keyof PageTexts, ...values: readonly (string | number)[]): string {
  return current[name].replace(/\{(\d)\}/gu, (placeholder, index: string) => {
    const value = values[Number(index)];
    if (value === undefined) return placeholder;
    return typeof value === 'number' ? value.toLocaleString(document.documentElement.lang || undefined) : value;
  });
}
