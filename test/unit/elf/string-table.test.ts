import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../language-server/elf/reader/byte-source.ts';
import { createFindingList } from '../../../language-server/elf/reader/finding-list.ts';
import { createStringTable } from '../../../language-server/elf/reader/string-table.ts';

describe('whether the string at an offset is a name', () => {
  const bytes = Buffer.from('\0.rela.text\0.data\0\0.comment');
  const table = (offset = 0, sizeBytes = bytes.length) =>
    createStringTable(createMemorySource(bytes), createFindingList(), { name: '.shstrtab', offset, sizeBytes });

  test('the end of another one is', () => expect(table().is(6, '.text')).toBe(true));
  test('its beginning is not', () => expect(table().is(1, '.rela')).toBe(false));
  test('what goes on behind it is not', () => expect(table().is(12, '.data.rel')).toBe(false));
  test('the last one without an end is', () => expect(table().is(19, '.comment')).toBe(true));
  test('what lies behind the end of the table is not', () => expect(table(0, 20).is(19, '.comment')).toBe(false));
  test('nothing is outside of the table', () => {
    expect(table().is(bytes.length + 1, '')).toBe(false);
    expect(table().is(-1, '')).toBe(false);
  });

  test('as reading it and comparing says, read whole or not', () => {
    const letters = fc.string({ unit: fc.constantFrom('\0', 'a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, fc.nat(14), fc.boolean(), (contents, name, index, isWhole) => {
        fc.pre(!name.includes('\0') && index < contents.length);
        const strings = createStringTable(createMemorySource(Buffer.from(contents)), createFindingList(), {
          name: '.shstrtab',
          offset: 0,
          sizeBytes: contents.length,
        });
        if (isWhole) strings.preload();
        expect(strings.is(index, name)).toBe(strings.at(index) === name);
      }),
    );
  });
});
