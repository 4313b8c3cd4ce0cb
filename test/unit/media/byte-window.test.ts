import { describe, expect, test } from 'vitest';
import type { ElfBytes } from '../../../language-server/protocol/elf-bytes.ts';
import {
  decodeBytes,
  innermostRange,
  movedByte,
  placesAt,
  windowStart,
} from '../../../media/elf-editor/hex/byte-window.ts';

const field = (name: string, start: number, length: number) => ({ name, start, length, value: '' });
const read: ElfBytes = {
  version: '1',
  sizeBytes: 0x1000,
  offset: 0,
  bytes: '',
  structures: [
    { ...field('symbol 1', 0x40, 24), kind: 'symbol', fields: [field('st_name', 0x40, 4), field('st_info', 0x44, 1)] },
    { ...field('.symtab', 0x28, 0x100), kind: 'section', fields: [] },
  ],
  command: '',
  findings: [],
};

test('a byte belongs to its structures, the largest first, and to a field of each', () => {
  const places = placesAt(read, 0x44);
  expect(places.map(({ structure, field: found }) => [structure.name, found?.name])).toEqual([
    ['.symtab', undefined],
    ['symbol 1', 'st_info'],
  ]);
  expect(innermostRange(places)).toEqual({ offset: 0x44, length: 1 });
  expect(placesAt(read, 0x27)).toEqual([]);
  expect(innermostRange([])).toBeUndefined();
});

test('bytes are read in whole rows, with some before the place', () => {
  expect(windowStart(0x12)).toBe(0);
  expect(windowStart(0x1005)).toBe(0xfc0);
  expect([...decodeBytes(Buffer.from([0, 0x7f, 0xff]).toString('base64'))]).toEqual([0, 0x7f, 0xff]);
});

describe('keys', () => {
  const move = (key: string, at: number, ctrlKey = false) =>
    movedByte({ key, ctrlKey, metaKey: false }, at, { offset: 0x40, length: 24 }, 0x1000);

  test.each([
    ['ArrowRight', 0xfff, 0xfff],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 0x40, 0x50],
    ['ArrowDown', 0xff8, 0xff8],
    ['ArrowUp', 0x8, 0x8],
    ['PageDown', 0xff0, 0xfff],
    ['Home', 0x47, 0x40],
    ['End', 0x47, 0x4f],
    ['x', 0x47, undefined],
  ])('%s from %i leads to %s', (key, at, target) => {
    expect(move(key, at)).toBe(target);
  });

  test('with Control they lead to the ends of the row of the table', () => {
    expect(move('Home', 0x47, true)).toBe(0x40);
    expect(move('End', 0x47, true)).toBe(0x57);
  });
});
