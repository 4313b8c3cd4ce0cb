import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../language-server/elf/reader/byte-source.ts';
import { createFindingList } from '../../../language-server/elf/reader/finding-list.ts';
import { createStringTable, type StringTable } from '../../../language-server/elf/reader/string-table.ts';
import { type NamePattern, type NameSearch, searchNames } from '../../../language-server/elf/rows/name-search.ts';

function tableOf(contents: string): StringTable {
  const bytes = Buffer.from(contents, 'latin1');
  return createStringTable(createMemorySource(bytes), createFindingList(), {
    name: '.strtab',
    offset: 0,
    sizeBytes: bytes.length,
  });
}

async function searchOne(contents: string, pattern: NamePattern): Promise<NameSearch> {
  const [search] = await searchNames(tableOf(contents), [pattern]);
  if (search === undefined) throw new Error('A search for each pattern');
  return search;
}

test('a name that is the end of another one has its own beginning', async () => {
  const table = '\0memcpy\0strmemcpy_memcpy\0xx\0';
  const search = await searchOne(table, { text: 'mem', place: 'anywhere' });
  const contains = (name: string): boolean => search.contains(table.indexOf(name));
  expect(contains('memcpy\0')).toBe(true);
  expect(contains('emcpy\0')).toBe(false);
  expect(contains('strmemcpy')).toBe(true);
  expect(contains('emcpy_memcpy')).toBe(true);
  expect(search.contains(table.indexOf('xx') - 2)).toBe(false);
  expect(contains('xx')).toBe(false);
  expect(search.contains(0)).toBe(false);
});

/** What the search must say of the name at an offset. */
function expected(table: string, offset: number, { text, place }: NamePattern) {
  const name = (table.slice(offset).split('\0')[0] ?? '').toLowerCase();
  return { contains: place === 'end' ? name.endsWith(text) : name.includes(text), equals: name === text };
}

async function check(table: string, pattern: NamePattern, offsets: readonly number[]): Promise<void> {
  const search = await searchOne(table, pattern);
  for (const offset of offsets) {
    const wanted = expected(table, offset, pattern);
    expect([offset, search.contains(offset)]).toEqual([offset, wanted.contains]);
    if (pattern.place === 'end') expect([offset, search.equals(offset)]).toEqual([offset, wanted.equals]);
  }
}

test('any text at any offset of any table', async () => {
  const letters = fc.string({ unit: fc.constantFrom('\0', 'a', 'B', '\xc9'), minLength: 1, maxLength: 20 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(letters, text, fc.constantFrom('anywhere', 'end'), async (table, wanted, place) => {
      await check(
        table,
        { text: wanted, place },
        [...table].map((_, offset) => offset),
      );
    }),
    { numRuns: 500 },
  );
});

describe('tables of more than one piece', () => {
  const long = 'x'.repeat(70_000);
  test.for([
    ['names across the ends of pieces', `\0${'Name_of_32_characters__________\0'.repeat(9000)}last`],
    ['a name that is longer than a piece', `\0first\0${long}NAME${long}\0last name\0`],
    ['one name without an end', `${long}name${long}`],
  ] as const)('%s', async ([, table]) => {
    const step = Math.max(1, Math.floor(table.length / 1500));
    const offsets = Array.from({ length: Math.floor(table.length / step) }, (_, index) => index * step);
    await check(table, { text: 'name', place: 'anywhere' }, offsets);
    await check(table, { text: '____', place: 'end' }, offsets);
    await check(table, { text: '', place: 'end' }, offsets);
  });
});

test('a search is given up when nobody waits for it any more', async () => {
  const table = tableOf('\0name'.repeat(4 << 20));
  const pattern: NamePattern = { text: 'zz', place: 'anywhere' };
  await expect(searchNames(table, [pattern], AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
});
