import { truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readOverview } from '../../../language-server/elf/overview.ts';
import { readRows } from '../../../language-server/elf/tables.ts';
import type { ElfRowsParams } from '../../../language-server/protocol/elf.ts';
import { buildElf, fieldWriter, stringTable, symbolBytes } from '../../support/elf-builder.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, path } = toolchainIn(temporaryFolder());

const libc = '/lib/x86_64-linux-gnu/libc.so.6';
const many = 100_000;
const bigFile = bigLibrary();

async function rows(file: string, request: Partial<Omit<ElfRowsParams, 'uri'>>) {
  return await readRows(file, { table: 'dynamic-symbols', start: 0, count: 1000, filter: '', ...request });
}

describe('pages', () => {
  test('begin and end where asked, capped at 1,000', async () => {
    const page = await rows(bigFile, { start: 50_000, count: 7 });
    expect(page).toMatchObject({ total: many + 1, matching: many + 1, start: 50_000 });
    expect(page.rows.map(({ index }) => index)).toEqual([50_000, 50_001, 50_002, 50_003, 50_004, 50_005, 50_006]);
    expect(page.rows[0]?.cells[1]).toBe('function_49999');
    expect((await rows(bigFile, { count: 5000 })).rows).toHaveLength(1000);
    expect((await rows(bigFile, { start: many, count: 50 })).rows).toHaveLength(1);
    expect((await rows(bigFile, { start: many + 1 })).rows).toEqual([]);
    expect((await rows(bigFile, { start: 3, count: 0 })).rows).toEqual([]);
  });

  test('of a table that the file does not have are empty', async () => {
    expect(await rows(bigFile, { table: 'segments' })).toMatchObject({ total: 0, matching: 0, rows: [] });
  });

  test('speak of the same version of the file as the overview', async () => {
    expect((await rows(bigFile, {})).version).toBe((await readOverview(bigFile)).version);
  });
});

test('a search for strings can be cancelled between two pieces of its work, and starts anew', async () => {
  const file = path('large.so');
  writeFileSync(file, symbolLibrary(['alpha']));
  truncateSync(file, 32 << 20);
  const controller = new AbortController();
  const request = { table: 'strings', start: 0, count: 10, filter: '' };
  const cancelled = readRows(file, request, controller.signal);
  setImmediate(() => controller.abort());
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  const { rows: found, total } = await readRows(file, request);
  expect(found.map(({ cells }) => cells[3])).toContain('alpha');
  expect(total).toBe(found.length);
});

describe('the filter', () => {
  const names = async (filter: string, more: Partial<Omit<ElfRowsParams, 'uri'>> = {}) =>
    (await rows(bigFile, { filter, ...more })).rows.map(({ cells }) => cells[1]);

  test('finds words anywhere in a row, in any case', async () => {
    expect(await names('FUNCTION_1234')).toEqual([
      'function_1234',
      ...Array.from({ length: 10 }, (_, digit) => `function_1234${digit}`),
    ]);
    expect(await names('function_777 weak')).toEqual([]);
    expect(await names('function_77777 global func')).toEqual(['function_77777']);
    expect(await names('no_such_name')).toEqual([]);
  });

  test('keeps the place of a row in the whole table, and pages what it left', async () => {
    const first = await rows(bigFile, { filter: 'function_9', count: 3 });
    expect(first).toMatchObject({ total: many + 1, matching: 11_111, start: 0 });
    expect(first.rows.map(({ index }) => index)).toEqual([10, 91, 92]);
    const later = await rows(bigFile, { filter: 'function_9', start: 11_110, count: 3 });
    expect(later.rows.map(({ cells }) => cells[1])).toEqual(['function_99999']);
  });

  test('does not match across two cells', async () => {
    expect(await names('func global')).not.toEqual([]);
    expect(await names('funcglobal')).toEqual([]);
  });

  test('finds a name with its version as readelf prints it', async () => {
    const found = await rows(libc, { filter: 'malloc@@GLIBC' });
    expect(found.rows.map(({ cells }) => cells[1])).toContain('malloc');
  });

  test('is forgotten with the version of the file', async () => {
    const file = path('changing.so');
    writeFileSync(file, symbolLibrary(['alpha', 'beta']));
    expect(await rows(file, { filter: 'alpha' })).toMatchObject({ matching: 1 });
    writeFileSync(file, symbolLibrary(['alpha', 'alphabet', 'beta']));
    expect(await rows(file, { filter: 'alpha' })).toMatchObject({ matching: 2 });
  });

  test('can be cancelled between two pieces of its work', async () => {
    const controller = new AbortController();
    const search = rows(bigFile, { filter: 'cancelled search' }).then(() => 'done');
    const cancelled = readRows(
      bigFile,
      { table: 'dynamic-symbols', start: 0, count: 10, filter: 'cancel me' },
      controller.signal,
    );
    setImmediate(() => controller.abort());
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    // Another request goes on.
    expect(await search).toBe('done');
  });

  test('lets others have their turn', async () => {
    let turns = 0;
    let searching = true;
    const count = (): void => {
      turns += 1;
      if (searching) setImmediate(count);
    };
    setImmediate(count);
    await rows(bigFile, { filter: 'give others a turn' });
    searching = false;
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

test('symbol columns name symbols', async () => {
  const library = compile('libnamed.so', 'int a_name(void) { return 1; }\n', '-shared', '-fPIC');
  const { tables } = await readOverview(library);
  for (const { id, symbolColumn } of tables.filter(table => table.columns[table.symbolColumn ?? -1]?.id === 'name')) {
    const { rows: found } = await rows(library, { table: id, filter: 'a_name' });
    expect(found[0]?.cells[symbolColumn ?? -1]).toBe('a_name');
  }
  expect(tables.filter(({ symbolColumn }) => symbolColumn !== undefined).map(({ id }) => id)).toEqual([
    'dynamic-symbols',
    'symbols',
    'initializers',
  ]);
});

test('each row has a cell for each column', async () => {
  const { tables } = await readOverview(libc);
  for (const { id, columns, rowCount, isScanned } of tables) {
    const page = await rows(libc, { table: id, count: 20 });
    if (isScanned !== true) expect(page.total).toBe(rowCount);
    expect(page.rows.length).toBeGreaterThan(0);
    for (const { cells } of page.rows) expect(cells).toHaveLength(columns.length);
  }
});

function symbolLibrary(names: readonly string[]): Buffer {
  const write = fieldWriter();
  const strings = stringTable(['', ...names]);
  const symbols = names.map(name =>
    symbolBytes(write, { name: strings.offsetOf(name), info: 0x12, section: 1, value: 64, size: 8 }),
  );
  return buildElf({
    sections: [
      {
        name: '.dynsym',
        type: 11,
        link: 2,
        entryBytes: 24,
        bytes: Buffer.concat([symbolBytes(write, { name: 0 }), ...symbols]),
      },
      { name: '.dynstr', type: 3, bytes: strings.bytes },
    ],
  });
}

function bigLibrary(): string {
  writeFileSync(path('big.so'), symbolLibrary(Array.from({ length: many }, (_, index) => `function_${index}`)));
  return path('big.so');
}
