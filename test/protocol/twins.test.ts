import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { elfTwins } from '../../language-server/protocol/twins.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const library = compileLibrary(folder, 'libtwin.so', 'int twin;');
const uri = pathToFileUri(library);
copyFileSync(library, join(folder, 'copy.so'));

test('a copy is found, with a URI that can be opened', async () => {
  const { path, twins } = await client().request(elfTwins, { uri, folders: [pathToFileUri(folder)] });
  expect(path).toBe(library);
  const copy = join(folder, 'copy.so');
  expect(twins).toMatchObject([{ path: copy, uri: pathToFileUri(copy), likeness: 'same-contents' }]);
});

test('the search can be cancelled', async () => {
  const source = new CancellationTokenSource();
  const answer = client().request(elfTwins, { uri, folders: ['file:///'] }, source.token);
  source.cancel();
  expect((await refusal(answer)).message).toMatch(/cancelled/u);
});

test.each([
  ['no folders', {}],
  ['a folder that is no URI', { folders: ['here'] }],
  ['a folder elsewhere', { folders: ['https://example.org/'] }],
])('%s is refused', async (_what, params) => {
  const answer = client().request<unknown, unknown>({ method: elfTwins.method }, { uri, ...params });
  expect(await refusal(answer)).toMatchObject({ data: { kind: 'invalidParams' } });
});
