export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads from an element; undefined: it leads nowhere. */
export function movedPlace(
  { key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  { row, column }: Place,
  size: { readonly rows: number; readonly columns: number; readonly visibleRows: number },
): Place | undefined {
  if (altKey || size.rows === 0 || size.columns === 0) return undefined;
  const [lastRow, lastColumn] = [size.rows - 1, size.columns - 1];
  const isFar = ctrlKey || metaKey;
  const page = Math.max(1, size.visibleRows - 1);
  const to = (nextRow: number, nextColumn: number): Place => ({
    row: Math.min(Math.max(nextRow, 0), lastRow),
    column: Math.min(Math.max(nextColumn, 0), lastColumn),
  });
  switch (key) {
    case 'ArrowDown':
      return to(isFar ? lastRow : row + 1, column);
    case 'ArrowUp':
      return to(isFar ? 0 : row - 1, column);
    case 'ArrowRight':
      return to(row, isFar ? lastColumn : column + 1);
    case 'ArrowLeft':
      return to(row, isFar ? 0 : column - 1);
    case 'PageDown':
      return to(row + page, column);
    case 'PageUp':
      return to(row - page, column);
    case 'Home':
      return to(isFar ? 0 : row, 0);
    case 'End':
      return to(isFar ? lastRow : row, lastColumn);
    default:
      return undefined;
  }
}

/** The elements between two, both included. */
export function rectangle(
  anchor: Place,
  active: Place,
): { readonly firstRow: number; readonly lastRow: number; readonly firstColumn: number; readonly lastColumn: number } {
  return {
    firstRow: Math.min(anchor.row, active.row),
    lastRow: Math.max(anchor.row, active.row),
    firstColumn: Math.min(anchor.column, active.column),
    lastColumn: Math.max(anchor.column, active.column),
  };
}
