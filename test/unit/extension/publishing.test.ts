import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPublishing } from '../../../extension/streamed-text/publishing.ts';

/** The sizes at which an editor is told of a text that comes in parts, one after so many milliseconds. */
function told(parts: readonly number[], pauseMs: number, atLeast = 0): readonly number[] {
  const publishing = createPublishing(atLeast);
  const sizes: number[] = [];
  let size = 0;
  for (const [at, part] of parts.entries()) {
    size += part;
    if (!publishing.isDue(size, at * pauseMs)) continue;
    publishing.told(size, at * pauseMs);
    sizes.push(size);
  }
  return sizes;
}

test('a text that comes at once is read a few times, and twice its size in all', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 500 }), parts => {
      const sizes = told(parts, 0);
      const whole = parts.reduce((sum, part) => sum + part, 0);
      expect(sizes[0]).toBe(parts[0]);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2 * whole);
    }),
  );
});

test('a text that comes slowly is shown as it comes', () => {
  expect(told([100, 1, 1, 1], 1100)).toEqual([100, 101, 102, 103]);
});

test('a large text that comes slowly is not read all the time', () => {
  expect(told([10_000_000, 1000, 1000, 1000, 1000, 1000, 1000, 1000], 1100).length).toBeLessThan(3);
});

test('what is shown already is not replaced by less', () => {
  expect(told([100, 100, 100, 100], 0, 250)).toEqual([300]);
});
