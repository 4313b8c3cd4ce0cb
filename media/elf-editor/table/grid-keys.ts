import { movedHeader, movedRow } from '../../rows/keys.ts';
import type { RowActionId } from './row-action-id.ts';
import { addTo, extendTo, moveActive, type Selection, selectAll, selectOnly, toggle } from './selection.ts';

/** A grid as its keys see it. */
export interface GridKeyTarget {
  readonly selection: Selection;
  /** Undefined: the keys are on a row. */
  readonly header: number | undefined;
  readonly headerCount: number;
  readonly rowCount: number;
  readonly visibleRows: number;
  readonly select: (selection: Selection) => void;
  readonly toHeader: (header: number) => void;
  readonly sort: (header: number) => void;
  readonly enter: () => void;
  readonly run: (id: RowActionId) => void;
  readonly scrollSideways: (direction: 1 | -1) => void;
  readonly toFilter: () => void;
}

type Key = Pick<KeyboardEvent, 'key' | 'altKey' | 'metaKey' | 'shiftKey' | 'ctrlKey'>;

/**
 * The keys that WAI-ARIA has for a grid whose rows are selected (Grid Pattern, "Keyboard Interaction"), and those for what can be
 * done with a row. Returns whether it was one of them.
 */
export function onGridKey(key: Key, target: GridKeyTarget): boolean {
  return onHeaderKey(key, target) || onSelectionKey(key, target) || onActionKey(key, target);
}

function onHeaderKey({ key }: Key, target: GridKeyTarget): boolean {
  const { header, headerCount, selection } = target;
  if (header === undefined) {
    return false;
  }
  if (key === 'Enter' || key === ' ') {
    target.sort(header);
    target.toHeader(header);
    return true;
  }
  const moved = movedHeader(key, header, headerCount);
  if (moved === undefined) return false;
  if (moved === 'rows') target.select(selection.active < 0 ? selectOnly(0) : moveActive(selection, selection.active));
  else target.toHeader(moved);
  return true;
}

function onSelectionKey(key: Key, target: GridKeyTarget): boolean {
  const { selection, rowCount, visibleRows } = target;
  const { active } = selection;
  const adds = key.ctrlKey || key.metaKey;
  if (key.key === 'ArrowUp' && active <= 0 && !key.shiftKey) {
    target.toHeader(0);
    return true;
  }
  const moved = movedRow(key, active, rowCount, visibleRows);
  if (moved !== undefined) {
    target.select(movedSelection(key, selection, moved));
    return true;
  }
  // With Caps Lock it is an "A".
  if (key.key.toLowerCase() === 'a' && adds) target.select(selectAll(selection, rowCount));
  else if (key.key === ' ' && key.ctrlKey && active >= 0) target.select(toggle(selection, active));
  else if (key.key === 'Escape' && selection.ranges.length > 0 && active >= 0) target.select(selectOnly(active));
  else return false;
  return true;
}

/** Shift extends, Control moves without selecting; Home and End do the same with Control as without. */
function movedSelection({ key, shiftKey, ctrlKey }: Key, selection: Selection, position: number): Selection {
  if (shiftKey) return ctrlKey ? addTo(selection, position) : extendTo(selection, position);
  return ctrlKey && key !== 'Home' && key !== 'End' ? moveActive(selection, position) : selectOnly(position);
}

function onActionKey({ key, shiftKey, ctrlKey, metaKey }: Key, target: GridKeyTarget): boolean {
  if (key === 'Enter') {
    if (shiftKey) target.run('source');
    else target.enter();
  } else if (key === ' ') target.run('hex');
  else if (key === 'ArrowRight') target.scrollSideways(1);
  else if (key === 'ArrowLeft') target.scrollSideways(-1);
  else if (key.toLowerCase() === 'f' && (ctrlKey || metaKey)) target.toFilter();
  else return false;
  return true;
}
