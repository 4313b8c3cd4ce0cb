import { expect, test } from 'vitest';
import type { ElfRow, TableColumn } from '../../../language-server/protocol/elf.ts';
import type { RowsParams, RowsResult } from '../../../language-server/protocol/elf-editor.ts';
import { collectRows, copiedText, mostCopiedRows } from '../../../media/elf-editor/table/copied-rows.ts';
import type { Range } from '../../../media/elf-editor/table/selection.ts';

const columns: readonly TableColumn[] = [
  { id: 'number', title: 'Nr', kind: 'number' },
  { id: 'name', title: 'Name', kind: 'name' },
];
const row = (index: number): ElfRow => ({ index, cells: [String(index), `name\t${index}`] });

/** As the server answers, a thousand rows at most. */
function answer(matching: number, { start, count }: RowsParams): Promise<RowsResult> {
  const rows = Array.from({ length: Math.max(Math.min(count, 1000, matching - start), 0) }, (_row, at) =>
    row(start + at),
  );
  return Promise.resolve({ version: '1', total: matching, matching, start, rows, findings: [] });
}

async function collected(matching: number, ranges: readonly Range[]) {
  const asked: number[] = [];
  const { rows, isCut } = await collectRows({
    query: { table: 'symbols', filter: '' },
    ranges,
    fetchRows: params => {
      asked.push(params.start);
      return answer(matching, params);
    },
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return { indexes: rows.map(({ index }) => index), isCut, asked };
}

test.each<[string, number, readonly Range[], readonly number[]]>([
  ['one row', 10, [[3, 3]], [3]],
  [
    'several ranges',
    10,
    [
      [1, 2],
      [4, 4],
      [8, 9],
    ],
    [1, 2, 4, 8, 9],
  ],
  ['all of a small table', 3, [[0, Number.POSITIVE_INFINITY]], [0, 1, 2]],
  ['all of an empty table', 0, [[0, Number.POSITIVE_INFINITY]], []],
  ['whole pages', 2000, [[0, Number.POSITIVE_INFINITY]], Array.from({ length: 2000 }, (_row, at) => at)],
  ['more than one page', 5200, [[100, 4300]], Array.from({ length: 4201 }, (_row, at) => at + 100)],
])('collects %s, each once and in their order', async (_what, matching, ranges, expected) => {
  const { indexes, isCut, asked } = await collected(matching, ranges);
  expect(indexes).toEqual(expected);
  expect(isCut).toBe(false);
  expect(asked.length).toBeLessThan(expected.length / 1000 + 8);
});

test('a clipboard takes no more than a spreadsheet', async () => {
  const { indexes, isCut } = await collected(mostCopiedRows + 5000, [[0, Number.POSITIVE_INFINITY]]);
  expect([indexes.length, isCut]).toEqual([mostCopiedRows, true]);
  expect((await collected(mostCopiedRows, [[0, Number.POSITIVE_INFINITY]])).isCut).toBe(false);
});

test.each([
  ['rows', [row(1)], '1\tname\\x091'],
  ['rows', [row(1), row(2)], 'Nr\tName\n1\tname\\x091\n2\tname\\x092'],
  ['table', [row(1)], 'Nr\tName\n1\tname\\x091'],
  ['names', [row(1), row(2)], 'name\\x091\nname\\x092'],
] as const)('as %s', (format, rows, expected) => {
  expect(copiedText(columns, rows, format)).toBe(expected);
});

test('as JSON one row is an object, several are a list', () => {
  expect(JSON.parse(copiedText(columns, [row(1)], 'json'))).toEqual({ number: '1', name: 'name\\x091' });
  expect(JSON.parse(copiedText(columns, [row(1), row(2)], 'json'))).toHaveLength(2);
});
