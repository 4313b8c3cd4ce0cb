import { addTo, extendTo, type Selection, selectOnly, toggle } from './selection.ts';

/** What a press of the pointer on a row selects, as in the lists of VS Code. */
export function pressedRow(
  { shiftKey, ctrlKey, metaKey }: Pick<MouseEvent, 'shiftKey' | 'ctrlKey' | 'metaKey'>,
  selection: Selection,
  position: number,
): Selection {
  const adds = ctrlKey || metaKey;
  if (shiftKey) return adds ? addTo(selection, position) : extendTo(selection, position);
  return adds ? toggle(selection, position) : selectOnly(position);
}
