import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maximumHeight, ScaledScroll } from '../../../media/rows/scaled-scroll.ts';

const rowHeight = 22;
const viewHeight = 600;

function scrollOver(rows: number): ScaledScroll {
  const scroll = new ScaledScroll();
  scroll.resize(rows * rowHeight, viewHeight);
  return scroll;
}

test('a table that fits is as high as its rows', () => {
  const scroll = scrollOver(1000);
  expect([scroll.scaled, scroll.elementHeight]).toEqual([false, 22_000]);
  scroll.moveTo(440);
  expect([scroll.elementScrollTop, scroll.elementOffset(440)]).toEqual([440, 440]);
});

test('a longer table stays below what browsers can hold', () => {
  const scroll = scrollOver(40_000_000);
  expect([scroll.scaled, scroll.elementHeight]).toEqual([true, maximumHeight]);
});

test('every row of any table can be reached, and stands in view when it is', () => {
  const place = fc
    .integer({ min: 1, max: 400_000_000 })
    .chain(rows => fc.tuple(fc.constant(rows), fc.integer({ min: 0, max: rows - 1 })));
  fc.assert(
    fc.property(place, ([rows, row]) => {
      const scroll = scrollOver(rows);
      scroll.moveTo(row * rowHeight);
      const inView = scroll.elementOffset(row * rowHeight) - scroll.elementScrollTop;
      expect(inView).toBeGreaterThanOrEqual(0);
      expect(inView).toBeLessThan(viewHeight);
      expect(scroll.elementScrollTop).toBeLessThanOrEqual(Math.max(scroll.elementHeight - viewHeight, 0));
    }),
  );
});

test('the ends of the scroll bar are the ends of the table', () => {
  const scroll = scrollOver(40_000_000);
  expect(scroll.elementScrolled(scroll.elementHeight - viewHeight)).toBe(true);
  expect(scroll.top).toBe(40_000_000 * rowHeight - viewHeight);
  scroll.elementScrolled(0);
  expect(scroll.top).toBe(0);
});

test('a small step moves by that step, and its echo from the element moves nothing', () => {
  const scroll = scrollOver(40_000_000);
  scroll.moveTo(1_000_000_000 * 0.5);
  const before = scroll.top;
  scroll.moveTo(before + rowHeight);
  expect(scroll.top).toBe(before + rowHeight);
  expect(scroll.elementScrolled(scroll.elementScrollTop)).toBe(false);
  expect(scroll.top).toBe(before + rowHeight);
});
