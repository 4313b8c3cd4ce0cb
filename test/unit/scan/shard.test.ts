import { expect, test } from 'vitest';
import { isInShard } from '../../../language-server/scan/shard.ts';

const paths = Array.from({ length: 3000 }, (_, index) => `lib/x86_64-linux-gnu/lib${index}.so.${index % 7}`);

test.each([1, 2, 3, 7, 16])('%i parts have each path once, and about as many each', count => {
  const parts = Array.from({ length: count }, (_, index) =>
    paths.filter(path => isInShard({ index: index + 1, count }, path)),
  );
  expect(parts.flat().sort()).toEqual(paths.toSorted());
  for (const part of parts) expect(part.length).toBeGreaterThan((paths.length / count) * 0.8);
});

test('a path is in the same part for ever', () => {
  // FNV-1a of "foobar" is 0xbf9cf968 (the reference test vectors of draft-eastlake-fnv).
  expect(isInShard({ index: (0xbf9cf968 % 1000) + 1, count: 1000 }, 'foobar')).toBe(true);
});

test('a name that is not UTF-8 is in one part', () => {
  expect([1, 2, 3].filter(index => isInShard({ index, count: 3 }, 'lib\udcff.so'))).toHaveLength(1);
});
