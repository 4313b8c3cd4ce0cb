import { expect, test } from 'vitest';
import { remembered } from '../../../media/dependency-graph/remembered.ts';

test('what was computed for the same things is not computed again', () => {
  let computed = 0;
  const list = ['x'];
  const ask = remembered((...args: readonly unknown[]) => {
    computed += 1;
    return args.length;
  });
  const check = (expected: number, ...args: readonly unknown[]): void => {
    ask(...args);
    expect(computed, JSON.stringify(args)).toBe(expected);
  };
  check(1, list, new Set(['a']), { query: '', ways: null });
  check(1, list, new Set(['a']), { query: '', ways: null });
  check(2, list, new Set(['b']), { query: '', ways: null });
  check(3, list, new Set(['b', 'c']), { query: '', ways: null });
  check(4, list, new Set(['b', 'c']), { query: 'q', ways: null });
  check(5, list, new Set(['b', 'c']), { query: 'q', ways: null, more: undefined });
  check(6, ['x'], new Set(['b', 'c']), { query: 'q', ways: null, more: undefined });
});
