import { type PageTexts, pageTexts } from '../../language-server/protocol/elf-editor-texts.ts';

let current: PageTexts = pageTexts;

/** The person's language; English until the extension has answered. */
export function setTexts(texts: PageTexts): void {
  current = texts;
}

/** A text of the page with its values in place. */
export function text(name: keyof PageTexts, ...values: readonly (string | number)[]): string {
  return current[name].replace(/\{(\d)\}/gu, (placeholder, index: string) => {
    const value = values[Number(index)];
    if (value === undefined) return placeholder;
    return typeof value === 'number' ? numberText(value) : value;
  });
}

/** As the person's language writes it. */
export function numberText(value: number): string {
  return value.toLocaleString(document.documentElement.lang || undefined);
}
