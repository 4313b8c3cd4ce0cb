import { describe, expect, test, vi } from 'vitest';
import type { RowsParams, RowsResult } from '../../../language-server/protocol/elf-editor.ts';
import { pageRows, RowPages } from '../../../media/elf-editor/table/row-pages.ts';

interface Asked {
  readonly start: number;
  readonly signal: AbortSignal;
  answer(): void;
  refuse(error: Error): void;
}

const total = 10 * pageRows;

/** Pages whose answers come when the test says so. */
function pagesUnderTest() {
  const asked: Asked[] = [];
  const arrived: number[] = [];
  const errors: unknown[] = [];
  const fetchRows = ({ start, count }: RowsParams, signal: AbortSignal): Promise<RowsResult> =>
    new Promise((resolve, reject) => {
      const rows = Array.from({ length: count }, (_, place) => ({
        index: start + place,
        cells: [`row ${start + place}`],
      }));
      const answer = (): void => resolve({ version: 'v', total, matching: total, start, rows, findings: [] });
      asked.push({ start, signal, answer, refuse: reject });
    });
  const pages = new RowPages({
    query: { table: 'symbols', filter: '' },
    fetchRows,
    onPage: page => arrived.push(page.start),
    onError: error => errors.push(error),
  });
  return { pages, asked, arrived, errors };
}

describe('pages of rows', () => {
  test('are asked for as they come into view, with one more on either side', () => {
    const { pages, asked } = pagesUnderTest();
    pages.want(2 * pageRows, 2 * pageRows + 30, total);
    expect(asked.map(({ start }) => start / pageRows)).toEqual([1, 2, 3]);
    pages.want(2 * pageRows + 5, 2 * pageRows + 35, total);
    expect(asked.length).toBe(3);
  });

  test('give their rows by place once they are here', async () => {
    const { pages, asked, arrived } = pagesUnderTest();
    pages.want(0, 30, total);
    expect(pages.row(7)).toBeUndefined();
    asked[0]?.answer();
    await vi.waitFor(() => expect(arrived).toEqual([0]));
    expect(pages.row(7)?.cells).toEqual(['row 7']);
  });

  test('that are scrolled past are cancelled, and their late answers change nothing', async () => {
    const { pages, asked, arrived } = pagesUnderTest();
    pages.want(0, 30, total);
    pages.want(8 * pageRows, 8 * pageRows + 30, total);
    expect(asked.filter(({ signal }) => signal.aborted).map(({ start }) => start / pageRows)).toEqual([0, 1]);
    for (const request of asked) request.answer();
    await vi.waitFor(() => expect(arrived.length).toBe(3));
    expect(pages.row(7)).toBeUndefined();
  });

  test('that failed are told of, and asked for again when wanted', async () => {
    const { pages, asked, errors } = pagesUnderTest();
    pages.want(0, 30, pageRows);
    asked[0]?.refuse(new Error('gone'));
    await vi.waitFor(() => expect(errors.length).toBe(1));
    pages.want(0, 30, pageRows);
    expect(asked.length).toBe(2);
  });

  test('ask for nothing after they were disposed', () => {
    const { pages, asked } = pagesUnderTest();
    pages.dispose();
    pages.want(0, 30, total);
    expect(asked).toEqual([]);
  });
});
