/** Whole numbers in growing order as stretches without gaps, both ends included. */
export function numberRanges(numbers: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

/** "0–3, 7, 9", and "…" at its end where there are more stretches than `most`. */
export function rangesText(
  numbers: readonly number[],
  most = 6,
  numberText: (number: number) => string = String,
): string {
  const ranges = numberRanges(numbers);
  const shown = ranges
    .slice(0, most)
    .map(([first, last]) => (first === last ? numberText(first) : `${numberText(first)}–${numberText(last)}`));
  return [...shown, ...(ranges.length > most ? ['…'] : [])].join(', ');
}
