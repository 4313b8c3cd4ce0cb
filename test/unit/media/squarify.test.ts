import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neighbour, squarify } from '../../../media/elf-editor/size/squarify.ts';

const whole = { x: 0, y: 0, width: 600, height: 400 };

test('the example of the paper is divided as in the paper', () => {
  const places = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  // Bruls, Huizing, van Wijk, figure 5: the two largest are in one strip of 3 × 2 each.
  expect(places.slice(0, 2)).toEqual([
    { x: 0, y: 0, width: 3, height: 2 },
    { x: 0, y: 2, width: 3, height: 2 },
  ]);
});

test('each part has its share, within the whole, beside the others', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 60 }), numbers => {
      const values = numbers.sort((a, b) => b - a);
      const total = values.reduce((sum, value) => sum + value, 0);
      const places = squarify(values, whole);
      expect(places).toHaveLength(values.length);
      places.forEach(({ x, y, width, height }, at) => {
        expect((width * height) / (whole.width * whole.height)).toBeCloseTo((values[at] ?? 0) / total, 6);
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(-1e-6);
        expect(x + width).toBeLessThanOrEqual(whole.width + 1e-6);
        expect(y + height).toBeLessThanOrEqual(whole.height + 1e-6);
      });
      for (const [at, a] of places.entries()) {
        for (const b of places.slice(at + 1)) {
          const wide = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
          const high = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
          expect(Math.min(wide, high)).toBeLessThanOrEqual(1e-6);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('there is nothing to divide among nothing', () => {
  expect(squarify([], whole)).toEqual([]);
  expect(squarify([3], { ...whole, width: 0 })).toEqual([{ ...whole, width: 0, height: 0 }]);
});

test('arrows lead to what lies there', () => {
  const at = (x: number, y: number) => ({ x, y, width: 10, height: 10 });
  const parts = [at(0, 0), at(10, 0), at(0, 10), at(10, 10)];
  expect(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'].map(key => neighbour(key, 0, parts))).toEqual([
    1, 2, -1, -1,
  ]);
  expect(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'].map(key => neighbour(key, 3, parts))).toEqual([
    -1, -1, 2, 1,
  ]);
});
