import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { elfRows } from '../../language-server/protocol/elf.ts';
import { errorCodes } from '../../language-server/protocol/errors.ts';
import { elfSourceLocation } from '../../language-server/protocol/source-location.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A folder that nobody has trusted: debug information is read all the same, as nothing of it runs.
const client = sharedClient();
const folder = temporaryFolder();
const library = compileLibrary(folder, 'libsample.so', '\n\nint sample_add(int a) { return a + 1; }\n');
const uri = pathToFileUri(library);

test('a row of the symbols leads to its source', async () => {
  const { rows } = await client().request(elfRows, { uri, table: 'symbols', start: 0, count: 1, filter: 'sample_add' });
  const [, symbol = '', address = ''] = rows[0]?.cells ?? [];
  const location = await client().request(elfSourceLocation, { uri, symbol, address });
  expect(location).toMatchObject({
    kind: 'found',
    primary: 0,
    frames: [{ function: 'sample_add', file: `${library}.c`, line: 3, exists: true, inlined: false }],
  });
});

test('a stripped library says what is missing and how to get it', async () => {
  const stripped = compileLibrary(folder, 'libstripped.so', 'int sample;');
  execFileSync('strip', [stripped]);
  const location = await client().request(elfSourceLocation, { uri: pathToFileUri(stripped), symbol: 'sample' });
  expect(location).toMatchObject({ kind: 'noDebugInformation', remedy: expect.stringContaining('-g') });
});

test('a symbol that is not there is refused', async () => {
  expect(await refusal(client().request(elfSourceLocation, { uri, symbol: 'nowhere' }))).toMatchObject({
    code: errorCodes.invalidParams,
  });
});
