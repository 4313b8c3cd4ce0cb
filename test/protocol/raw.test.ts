import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { elfRaw } from '../../language-server/protocol/raw.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const uri = pathToFileUri(compileLibrary(folder, 'libraw.so', 'int raw_value = 1;'));

test.each(['readelf', 'nm', 'objdump'] as const)('the text of %s comes with the command that prints it', async view => {
  const { text, truncated, command } = await client().request(elfRaw, { uri, view });
  expect(truncated).toBeNull();
  expect(text).toContain('raw_value');
  expect(text.trimEnd()).toBe(execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trimEnd());
});

test('another view is refused', async () => {
  const answer = client().request<unknown, unknown>({ method: elfRaw.method }, { uri, view: 'hexdump' });
  expect(await refusal(answer)).toMatchObject({
    data: { kind: 'invalidParams' },
    message: expect.stringMatching(/"view"/u),
  });
});

test('a file that is not there is refused with its name', async () => {
  const absent = pathToFileUri(join(folder, 'absent.so'));
  const answer = client().request(elfRaw, { uri: absent, view: 'nm' });
  expect(await refusal(answer)).toMatchObject({
    data: { kind: 'notFound' },
    message: expect.stringMatching(/absent\.so/u),
  });
});
