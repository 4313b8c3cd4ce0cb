/** Where a key moves the active row; undefined where it moves nothing. */
export function movedRow(
  key: Pick<KeyboardEvent, 'key' | 'altKey' | 'metaKey' | 'shiftKey'>,
  active: number,
  rowCount: number,
  visibleRows: number,
): number | undefined {
  if (key.altKey || key.shiftKey || rowCount === 0) return undefined;
  const last = rowCount - 1;
  const clamp = (row: number): number => Math.min(Math.max(row, 0), last);
  // A page leaves one row of the last one in sight.
  const page = Math.max(visibleRows - 1, 1);
  switch (key.key) {
    case 'ArrowDown':
      return clamp(key.metaKey ? last : active + 1);
    case 'ArrowUp':
      return clamp(key.metaKey ? 0 : active - 1);
    case 'PageDown':
      return clamp(Math.max(active, 0) + page);
    case 'PageUp':
      return clamp(active - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

/** A row as it goes to the clipboard: cells between tabs. Tabs and line ends within a cell are shown as escapes already. */
export function tabSeparated(cells: readonly string[]): string {
  return cells.join('\t');
}
