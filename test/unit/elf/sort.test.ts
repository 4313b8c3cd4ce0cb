import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readOverview } from '../../../language-server/elf/overview.ts';
import { sortedRows } from '../../../language-server/elf/rows/sorted-rows.ts';
import { rowsOf } from '../../../language-server/elf/tables/table.ts';
import { readRows } from '../../../language-server/elf/tables.ts';
import type { ColumnKind, ElfRowsParams } from '../../../language-server/protocol/elf.ts';
import { buildElf, fieldWriter, stringTable, symbolBytes } from '../../support/elf-builder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const libc = '/lib/x86_64-linux-gnu/libc.so.6';

async function check(cells: readonly string[], kind: ColumnKind, isDescending: boolean): Promise<readonly string[]> {
  const all = Uint32Array.from(cells.keys());
  const order = await sortedRows(rowsOf(cells.map(cell => [cell])), all, { column: 0, kind, isDescending }, undefined);
  return [...order].map(place => cells[place] ?? '');
}

test('numbers by their value, in whatever base; what has none comes last', async () => {
  const cells = ['10', '0x9', '-0x1', '', '0xffffffff81000001', '0xffffffff81000000', '9'];
  expect(await check(cells, 'address', false)).toEqual([
    '-0x1',
    '0x9',
    '9',
    '10',
    '0xffffffff81000000',
    '0xffffffff81000001',
    '',
  ]);
  expect(await check(cells, 'address', true)).toEqual([
    '0xffffffff81000001',
    '0xffffffff81000000',
    '10',
    '0x9',
    '9',
    '-0x1',
    '',
  ]);
});

test('texts by their characters; equal ones stay as they were, either way', async () => {
  expect(await check(['b', 'a', '', 'B', 'a10', 'a9'], 'name', false)).toEqual(['B', 'a', 'a10', 'a9', 'b', '']);
  const order = await sortedRows(
    rowsOf([['x'], ['y'], ['x'], ['y']]),
    Uint32Array.from([0, 1, 2, 3]),
    { column: 0, kind: 'text', isDescending: true },
    undefined,
  );
  expect([...order]).toEqual([1, 3, 0, 2]);
});

describe('rows of a table', () => {
  const page = async (more: Partial<Omit<ElfRowsParams, 'uri'>>) =>
    await readRows(libc, { table: 'dynamic-symbols', start: 0, count: 1000, filter: '', ...more });

  /** Whatever way the values come: the order is that of the cells. */
  test.for(['number', 'name', 'value', 'size', 'type', 'section', 'version'])('by %s', async column => {
    const { tables } = await readOverview(libc);
    const columns = tables.find(({ id }) => id === 'dynamic-symbols')?.columns ?? [];
    const at = columns.findIndex(({ id }) => id === column);
    const isNumber = ['number', 'size', 'address'].includes(columns[at]?.kind ?? '');
    for (const descending of [false, true]) {
      const { rows, matching } = await page({ filter: 'mem', sort: { column, descending } });
      const plain = await page({ filter: 'mem' });
      expect(matching).toBe(plain.matching);
      const key = (cells: readonly string[]): string =>
        isNumber
          ? BigInt(cells[at] ?? '0')
              .toString()
              .padStart(30, '0')
          : (cells[at] ?? '');
      const expected = plain.rows.toSorted((left, right) => {
        const [first, second] = [key(left.cells), key(right.cells)];
        if (first === '' || second === '') return Number(first === '') - Number(second === '');
        return first === second ? 0 : first < second !== descending ? -1 : 1;
      });
      expect(rows.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
    }
  });

  test('are paged in their order', async () => {
    const sort = { column: 'size', descending: true };
    const all = await page({ sort, count: 60 });
    const later = await page({ sort, start: 40, count: 20 });
    expect(later.rows).toEqual(all.rows.slice(40));
    expect(all.total).toBe(all.matching);
  });

  test('symbols of sections are sorted by the names that they show', async () => {
    const write = fieldWriter();
    const strings = stringTable(['', 'beta', 'alpha']);
    const symbol = (name: string, info: number, section: number) =>
      symbolBytes(write, { name: strings.offsetOf(name), info, section, value: 0, size: 0 });
    const symbols = [symbol('beta', 0x12, 1), symbol('', 3, 1), symbol('alpha', 0x12, 1)];
    const bytes = buildElf({
      sections: [
        { name: '.aaa', type: 1, bytes: Buffer.from('x') },
        { name: '.symtab', type: 2, link: 3, entryBytes: 24, bytes: Buffer.concat(symbols) },
        { name: '.strtab', type: 3, bytes: strings.bytes },
      ],
    });
    const path = `${temporaryFolder()}/sections.o`;
    writeFileSync(path, bytes);
    const sort = { column: 'name', descending: false };
    const { rows } = await readRows(path, { table: 'symbols', start: 0, count: 10, filter: '', sort });
    expect(rows.map(({ cells }) => cells[1])).toEqual(['.aaa', 'alpha', 'beta']);
  });

  test('a column that is not there is said with those that are', async () => {
    await expect(page({ sort: { column: 'colour', descending: false } })).rejects.toMatchObject({
      kind: 'invalidParams',
      message: expect.stringContaining('number, name, version'),
    });
  });
});

test('a filter that cannot be understood is an answer', async () => {
  const answer = await readRows(libc, { table: 'sections', start: 0, count: 10, filter: 'size:big' });
  expect(answer).toMatchObject({ matching: 0, rows: [], filterError: { start: 5, end: 8 } });
  expect(answer.total).toBeGreaterThan(10);
  expect(await readRows(libc, { table: 'sections', start: 0, count: 1, filter: '' })).not.toHaveProperty('filterError');
});

test('each view of a table is a filter that its columns know', async () => {
  const { tables } = await readOverview(libc);
  const views = tables.flatMap(({ id, views: some = [] }) => some.map(({ title, filter }) => ({ id, title, filter })));
  expect(views.map(({ title }) => title)).toEqual(expect.arrayContaining(['Imports', 'Exports']));
  for (const { id, filter } of views) {
    const answer = await readRows(libc, { table: id, start: 0, count: 1, filter });
    expect(answer.filterError).toBeUndefined();
  }
});
