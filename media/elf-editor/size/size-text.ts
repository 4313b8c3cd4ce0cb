import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { SizePart, SizePartKind } from '../../../language-server/protocol/size.ts';
import { text } from '../texts.ts';

/** Which of the two sizes of a part is shown. */
export type Measure = 'fileBytes' | 'memoryBytes';

export const kindNames = {
  file: 'kindFile',
  headers: 'kindHeaders',
  section: 'kindSection',
  symbol: 'kindSymbol',
  gap: 'kindGap',
  segment: 'kindSegment',
  unmapped: 'kindUnmapped',
  others: 'kindOthers',
  folder: 'kindFolder',
  source: 'kindSource',
  unattributed: 'kindUnattributed',
} as const satisfies Readonly<Record<SizePartKind, string>>;

export function partName({ name, kind, count }: SizePart): string {
  return kind === 'others' && count !== undefined ? text('otherParts', count) : displayText(name);
}

export function partText(part: SizePart, measure: Measure, whole: number): string {
  return `${partName(part)}: ${sizeText(part[measure])}, ${shareText(part[measure], whole)}`;
}

export function shareText(bytes: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * bytes) / whole).toFixed(1)} %`;
}

/** As people read sizes: three digits are enough beside the exact ones of the table. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Largest first by what is measured; parts without any are left to the other measure. */
export function shownParts({ children }: SizePart, measure: Measure): readonly SizePart[] {
  return children.filter(part => part[measure] > 0).sort((a, b) => b[measure] - a[measure]);
}
