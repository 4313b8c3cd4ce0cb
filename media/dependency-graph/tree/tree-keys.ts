import type { TreeRow } from './tree-rows.ts';

export type RowAction = 'select' | 'open' | 'why' | 'expand' | 'collapse' | 'expandAll' | 'jump';

export interface KeyDone {
  /** Place of the row that it is about. */
  readonly to: number;
  readonly action: RowAction;
}

/**
 * What a key does on a row of a tree (WAI-ARIA Authoring Practices, "Treegrid Pattern"), and some letters of our own; null: the
 * key means nothing here.
 *
 * @param page rows that a page has.
 */
export function movedRow(key: string, rows: readonly TreeRow[], at: number, page: number): KeyDone | null {
  const row = rows[at];
  if (row === undefined) return null;
  const select = (to: number): KeyDone => ({ to: Math.min(Math.max(to, 0), rows.length - 1), action: 'select' });
  switch (key) {
    case 'ArrowDown':
      return select(at + 1);
    case 'ArrowUp':
      return select(at - 1);
    case 'PageDown':
      return select(at + page);
    case 'PageUp':
      return select(at - page);
    case 'Home':
      return select(0);
    case 'End':
      return select(rows.length - 1);
    case 'ArrowRight':
      if (row.expanded === false) return { to: at, action: 'expand' };
      if (row.expanded === true) return select(at + 1);
      // A library that is loaded for another one has its needs there.
      return row.edge?.loads === false && row.node.id !== null ? { to: at, action: 'jump' } : select(at);
    case 'ArrowLeft':
      return row.expanded === true ? { to: at, action: 'collapse' } : select(parentOf(rows, at));
    case 'Enter':
      return { to: at, action: 'open' };
    case 'w':
    case 'W':
      return { to: at, action: 'why' };
    case '*':
      return { to: at, action: 'expandAll' };
    default:
      return null;
  }
}

function parentOf(rows: readonly TreeRow[], at: number): number {
  const level = rows[at]?.level ?? 1;
  for (let above = at - 1; above >= 0; above -= 1) if ((rows[above]?.level ?? 0) < level) return above;
  return at;
}
