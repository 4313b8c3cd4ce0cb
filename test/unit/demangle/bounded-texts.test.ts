import { expect, test } from 'vitest';
import { createBoundedTexts } from '../../../language-server/demangle/bounded-texts.ts';

test('what was used longest ago goes first', () => {
  const texts = createBoundedTexts(12);
  texts.set('a', '111');
  texts.set('b', '222');
  texts.set('c', '333');
  expect(texts.get('a')).toBe('111');
  texts.set('d', '444');
  expect(['a', 'b', 'c', 'd'].map(key => texts.get(key))).toEqual(['111', undefined, '333', '444']);
  expect(texts.characters).toBe(12);
});

test('a new value takes the place of the old one', () => {
  const texts = createBoundedTexts(12);
  texts.set('a', '111');
  texts.set('a', '2');
  expect(texts.get('a')).toBe('2');
  expect(texts.characters).toBe(2);
});

test('what is larger than all does not stay', () => {
  const texts = createBoundedTexts(12);
  texts.set('a', '1'.repeat(50));
  expect(texts.get('a')).toBeUndefined();
  expect(texts.characters).toBe(0);
});
