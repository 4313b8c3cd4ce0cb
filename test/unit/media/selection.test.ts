import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onGridKey } from '../../../media/elf-editor/table/grid-keys.ts';
import { pressedRow } from '../../../media/elf-editor/table/row-press.ts';
import {
  addTo,
  extendTo,
  isSelected,
  moveActive,
  nothingSelected,
  type Selection,
  selectAll,
  selectedCount,
  selectOnly,
  toggle,
  within,
} from '../../../media/elf-editor/table/selection.ts';

const rowCount = 12;

/** The selected rows one by one. */
function rowsOf(selection: Selection): readonly number[] {
  return Array.from({ length: rowCount }, (_row, at) => at).filter(at => isSelected(selection, at));
}

const between = (one: number, other: number): readonly number[] =>
  Array.from({ length: Math.abs(one - other) + 1 }, (_row, at) => Math.min(one, other) + at);

test('ranges stand for the same rows as a set of rows, whatever is done', () => {
  const step = fc.record({
    kind: fc.constantFrom('only', 'extend', 'add', 'toggle', 'move', 'all'),
    at: fc.nat(rowCount - 1),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      let selection = nothingSelected;
      let expected = new Set<number>();
      for (const { kind, at } of steps) {
        const anchor = selection.anchor < 0 ? at : selection.anchor;
        switch (kind) {
          case 'only':
            selection = selectOnly(at);
            expected = new Set([at]);
            break;
          case 'extend':
            selection = extendTo(selection, at);
            expected = new Set(between(anchor, at));
            break;
          case 'add':
            selection = addTo(selection, at);
            expected = new Set([...expected, ...between(anchor, at)]);
            break;
          case 'toggle':
            selection = toggle(selection, at);
            if (!expected.delete(at)) expected.add(at);
            break;
          case 'move':
            selection = moveActive(selection, at);
            break;
          default:
            selection = selectAll(selection, rowCount);
            expected = new Set(between(0, rowCount - 1));
        }
        expect(rowsOf(selection)).toEqual([...expected].sort((one, other) => one - other));
        expect(selectedCount(selection)).toBe(expected.size);
        // Neither overlapping nor touching.
        selection.ranges.forEach(([first], index) => {
          expect(first).toBeGreaterThan((selection.ranges[index - 1]?.[1] ?? -2) + 1);
        });
      }
    }),
  );
});

test('all rows of a table of millions are one range', () => {
  expect(selectAll(nothingSelected, 3_000_000).ranges).toEqual([[0, 2_999_999]]);
});

test('a table that lost rows has none of them selected', () => {
  expect(within(selectAll(nothingSelected, rowCount), 5)).toMatchObject({ ranges: [[0, 4]], active: 0 });
  expect(within(selectOnly(8), 5)).toEqual({ ranges: [], active: 4, anchor: 4 });
});

test.each([
  [{}, [4]],
  [{ shiftKey: true }, [2, 3, 4]],
  [{ ctrlKey: true }, [2, 4]],
  [{ metaKey: true }, [2, 4]],
])('a press with %j', (held, expected) => {
  const keys = { shiftKey: false, ctrlKey: false, metaKey: false, ...held };
  expect(rowsOf(pressedRow(keys, selectOnly(2), 4))).toEqual(expected);
});

test.each([
  ['ArrowDown', {}, [4], 4],
  ['ArrowDown', { shiftKey: true }, [3, 4], 4],
  ['ArrowUp', { shiftKey: true }, [2, 3], 2],
  ['PageDown', { shiftKey: true }, [3, 4, 5, 6], 6],
  ['End', { shiftKey: true }, [3, 4, 5, 6, 7, 8, 9, 10, 11], 11],
  ['Home', {}, [0], 0],
  ['ArrowDown', { ctrlKey: true }, [3], 4],
  ['a', { ctrlKey: true }, between(0, 11), 3],
  [' ', { ctrlKey: true }, [], 3],
])('the key %s with %j', (key, held, expected, active) => {
  let selection: Selection = selectOnly(3);
  const pressed = { key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held };
  const none = (): void => undefined;
  const isHandled = onGridKey(pressed, {
    selection,
    header: undefined,
    headerCount: 3,
    rowCount,
    visibleRows: 4,
    select: value => {
      selection = value;
    },
    toHeader: none,
    sort: none,
    enter: none,
    run: none,
    scrollSideways: none,
    toFilter: none,
  });
  expect(isHandled).toBe(true);
  expect(rowsOf(selection)).toEqual(expected);
  expect(selection.active).toBe(active);
});
