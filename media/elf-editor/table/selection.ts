/** First and last position, both of them part of it. */
export type Range = readonly [first: number, last: number];

/**
 * Which rows are selected, by their positions among those that match. A list of ranges: to select all rows of a table of
 * millions is one of them.
 */
export interface Selection {
  /** Ascending, and neither overlapping nor touching. */
  readonly ranges: readonly Range[];
  /** The row that keys move; -1: none. It need not be selected. */
  readonly active: number;
  /** Where a selection that is extended began. */
  readonly anchor: number;
}

export const nothingSelected: Selection = { ranges: [], active: -1, anchor: -1 };

/** One row alone. */
export function selectOnly(position: number): Selection {
  return { ranges: [[position, position]], active: position, anchor: position };
}

/** All rows from the anchor to the position, and no others. */
export function extendTo({ anchor }: Selection, position: number): Selection {
  const from = anchor < 0 ? position : anchor;
  return { ranges: [[Math.min(from, position), Math.max(from, position)]], active: position, anchor: from };
}

/** The rows that were selected, and those from the anchor to the position. */
export function addTo(selection: Selection, position: number): Selection {
  const { ranges, active, anchor } = extendTo(selection, position);
  return { ranges: ranges.reduce(withRange, selection.ranges), active, anchor };
}

/** Takes one row out or in, and leaves the others. */
export function toggle({ ranges }: Selection, position: number): Selection {
  const changed = isInRanges(ranges, position)
    ? ranges.flatMap((range): readonly Range[] => without(range, position))
    : withRange(ranges, [position, position]);
  return { ranges: changed, active: position, anchor: position };
}

/** Moves the active row, and selects nothing. */
export function moveActive({ ranges }: Selection, position: number): Selection {
  return { ranges, active: position, anchor: position };
}

export function selectAll({ active }: Selection, rowCount: number): Selection {
  return rowCount === 0 ? nothingSelected : { ranges: [[0, rowCount - 1]], active: Math.max(active, 0), anchor: 0 };
}

/** The same where there are fewer rows than before. */
export function within({ ranges, active, anchor }: Selection, rowCount: number): Selection {
  const last = rowCount - 1;
  return {
    ranges: ranges.filter(([first]) => first <= last).map(([first, end]): Range => [first, Math.min(end, last)]),
    active: Math.min(active, last),
    anchor: Math.min(anchor, last),
  };
}

export function isSelected({ ranges }: Selection, position: number): boolean {
  return isInRanges(ranges, position);
}

export function selectedCount({ ranges }: Selection): number {
  return ranges.reduce((count, [first, last]) => count + last - first + 1, 0);
}

function isInRanges(ranges: readonly Range[], position: number): boolean {
  return ranges.some(([first, last]) => position >= first && position <= last);
}

function without([first, last]: Range, position: number): readonly Range[] {
  if (position < first || position > last) return [[first, last]];
  const parts: readonly Range[] = [
    [first, position - 1],
    [position + 1, last],
  ];
  return parts.filter(([from, to]) => from <= to);
}

/** With one more range, which takes up those that it touches. */
function withRange(ranges: readonly Range[], [first, last]: Range): readonly Range[] {
  const touched = ranges.filter(([from, to]) => to >= first - 1 && from <= last + 1);
  const others = ranges.filter(range => !touched.includes(range));
  const joined: Range = [
    Math.min(first, ...touched.map(([from]) => from)),
    Math.max(last, ...touched.map(([, to]) => to)),
  ];
  return [...others, joined].sort(([one], [other]) => one - other);
}
