/** A text with its values in place of `{0}`, `{1}`. */
export function filledText(text: string, values: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/gu, (placeholder, index: string) => {
    const value = values[Number(index)];
    if (value === undefined) return placeholder;
    return typeof value === 'number' ? numberText(value) : value;
  });
}

/** As the person's language writes it. */
export function numberText(value: number): string {
  return value.toLocaleString(document.documentElement.lang || undefined);
}
