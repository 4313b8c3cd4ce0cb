import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../../language-server/native/byte-text.ts';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { disassemble } from '../../language-server/protocol/disassembly.ts';
import { elfOverview, elfRows } from '../../language-server/protocol/elf.ts';
import { errorCodes } from '../../language-server/protocol/errors.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const library = compileLibrary(
  folder,
  'libsample.so',
  '#include <stdio.h>\nint sample_add(int a, int b) { return a + b + puts(""); } int sample_value = 42;',
  ['-Wl,-soname,libsample.so.1', '-Wl,-rpath,$ORIGIN/lib'],
);
const uri = pathToFileUri(library);

describe('overview', () => {
  test('tells what a library is', async () => {
    const overview = await client().request(elfOverview, { uri });
    expect(overview.path).toBe(library);
    expect(overview.sizeBytes).toBe(readFileSync(library).length);
    expect(overview.identity).toMatchObject({
      kind: 'shared-library',
      class: 64,
      byteOrder: 'little',
      soname: 'libsample.so.1',
      runpath: '$ORIGIN/lib',
      needed: ['libc.so.6'],
      interpreter: null,
    });
    const buildId = /Build ID: ([0-9a-f]+)/u.exec(execFileSync('readelf', ['-n', library], { encoding: 'utf8' }))?.[1];
    expect(overview.identity.buildId).toBe(buildId ?? null);
  });

  test.each(['sections', 'segments', 'dynamic', 'dynamic-symbols'])('has the table %s with a command', async id => {
    const { tables } = await client().request(elfOverview, { uri });
    const table = tables.find(candidate => candidate.id === id);
    expect(table?.rowCount).toBeGreaterThan(0);
    const printed = execFileSync('sh', ['-c', table?.command ?? 'false'], { encoding: 'utf8' });
    expect(printed).not.toBe('');
  });

  test('follows a file that was built again', async () => {
    const path = compileLibrary(folder, 'libagain.so', 'int before;');
    const first = await client().request(elfOverview, { uri: pathToFileUri(path) });
    compileLibrary(folder, 'libagain.so', 'int after;', ['-Wl,-soname,libafter.so']);
    const second = await client().request(elfOverview, { uri: pathToFileUri(path) });
    expect(second.version).not.toBe(first.version);
    expect(second.identity.soname).toBe('libafter.so');
  });

  test('takes names that are not UTF-8', async () => {
    const name = Buffer.concat([Buffer.from(`${folder}/lib`), Buffer.from([0xff, 0xe9]), Buffer.from(' a.so')]);
    writeFileSync(name, readFileSync(library));
    const overview = await client().request(elfOverview, { uri: pathToFileUri(decodeBytes(name)) });
    expect(overview.path).toBe(decodeBytes(name));
    expect(overview.identity.soname).toBe('libsample.so.1');
  });
});

describe('rows', () => {
  test('are a page of the table', async () => {
    const params = { uri, table: 'dynamic-symbols', count: 2, filter: '' };
    const first = await client().request(elfRows, { ...params, start: 0 });
    const second = await client().request(elfRows, { ...params, start: 2 });
    expect(first.rows.map(({ index }) => index)).toEqual([0, 1]);
    expect(second.rows[0]?.index).toBe(2);
    expect(first.total).toBe(first.matching);
  });

  test('match all words of a filter in any column, whatever their case', async () => {
    const filter = 'SAMPLE func';
    const page = await client().request(elfRows, { uri, table: 'dynamic-symbols', start: 0, count: 10, filter });
    expect(page.matching).toBe(1);
    expect(page.rows[0]?.cells.join(' ')).toMatch(/sample_add/u);
    expect(page.total).toBeGreaterThan(1);
  });

  test('past the end are none', async () => {
    const page = await client().request(elfRows, { uri, table: 'sections', start: 1e9, count: 10, filter: '' });
    expect(page.rows).toEqual([]);
    expect(page.total).toBeGreaterThan(5);
  });

  test('of an unknown table are refused', async () => {
    const answer = client().request(elfRows, { uri, table: 'no-such', start: 0, count: 1, filter: '' });
    expect((await refusal(answer)).data?.kind).toBe('invalidParams');
  });
});

describe('disassembly', () => {
  test('is what objdump prints', async () => {
    const { text, command } = await client().request(disassemble, { uri, symbol: 'sample_add' });
    expect(text).toMatch(/<sample_add>:/u);
    expect(text).toMatch(/\bret\b/u);
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toContain('<sample_add>:');
  });

  test('of a symbol that is not there says so', async () => {
    const { message } = await refusal(client().request(disassemble, { uri, symbol: 'no_such_symbol' }));
    expect(message).toContain('no_such_symbol');
  });
});

describe('what cannot be inspected gets a sentence', () => {
  const file = (name: string, bytes: string | Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const fifo = join(folder, 'fifo.so');
  execFileSync('mkfifo', [fifo]);
  mkdirSync(join(folder, 'folder.so'));
  const sparse = file('sparse.so', readFileSync(library));
  truncateSync(sparse, 2 ** 31);
  const zeros = file('zeros.so', '');
  truncateSync(zeros, 2 ** 31);

  test.each([
    ['a file that is not there', join(folder, 'absent.so'), 'notFound', /absent\.so/u],
    ['text', file('text.so', 'Hello, world.\n'), 'notElf', /text/u],
    ['a linker script', file('script.so', '/* GNU ld script */\nINPUT(libc.so.6)\n'), 'notElf', /linker|ld script/u],
    ['an empty file', file('empty.so', ''), 'notElf', /empty/u],
    ['a folder', join(folder, 'folder.so'), 'notRegularFile', /folder|directory/u],
    ['a fifo', fifo, 'notRegularFile', /fifo|pipe/iu],
    ['a device', '/dev/zero', 'notRegularFile', /device/u],
    ['2 GiB of nothing', zeros, 'notElf', /./u],
  ] as const)('%s', async (_what, path, kind, words) => {
    const { code, message, data } = await refusal(client().request(elfOverview, { uri: pathToFileUri(path) }));
    expect(data?.kind).toBe(kind);
    expect(code).toBe(errorCodes[kind]);
    expect(message).toMatch(words);
    expect(message).toMatch(/[.)]$/u);
  });

  test('a truncated library shows what is left, with findings', async () => {
    const path = file('short.so', readFileSync(library).subarray(0, 2000));
    const { identity, findings } = await client().request(elfOverview, { uri: pathToFileUri(path) });
    expect(identity.machine).toMatch(/X86-64|AArch64/iu);
    expect(findings.length).toBeGreaterThan(0);
  });

  test('a library that goes on for 2 GiB of holes is read like any other', async () => {
    const { identity } = await client().request(elfOverview, { uri: pathToFileUri(sparse) });
    expect(identity.soname).toBe('libsample.so.1');
  });

  test.each([
    ['no parameters', null],
    ['a number for a URI', { uri: 3 }],
    ['another scheme', { uri: 'https://example.org/a.so' }],
    ['a relative URI', { uri: 'a.so' }],
  ])('%s', async (_what, params) => {
    const answer = client().request<unknown, unknown>({ method: elfOverview.method }, params);
    expect((await refusal(answer)).code).toBe(errorCodes.invalidParams);
  });
});
