/** Where a key moves the active row; undefined where it moves nothing. */
export function movedRow(
  key: Pick<KeyboardEvent, 'key' | 'altKey' | 'metaKey'>,
  active: number,
  rowCount: number,
  visibleRows: number,
): number | undefined {
  if (key.altKey || rowCount === 0) return undefined;
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

/** Where a key leads from a column's header; undefined where it is none for headers. */
export function movedHeader(key: string, header: number, headerCount: number): number | 'rows' | undefined {
  switch (key) {
    case 'ArrowRight':
      return Math.min(header + 1, headerCount - 1);
    case 'ArrowLeft':
      return Math.max(header - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return headerCount - 1;
    case 'ArrowUp':
      return header;
    case 'ArrowDown':
    case 'Escape':
      return 'rows';
    default:
      return undefined;
  }
}
