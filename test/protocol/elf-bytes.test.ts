import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { elfRows } from '../../language-server/protocol/elf.ts';
import { elfBytes, elfRowRange } from '../../language-server/protocol/elf-bytes.ts';
import { errorCodes } from '../../language-server/protocol/errors.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const library = compileLibrary(temporaryFolder(), 'libsample.so', 'int sample_value = 0x12345678;');
const uri = pathToFileUri(library);

describe('bytes', () => {
  test('come with the structures on them and the command that prints them', async () => {
    const answer = await client().request(elfBytes, { uri, offset: 16, length: 8 });
    const bytes = Buffer.from(answer.bytes, 'base64');
    expect(bytes).toEqual(readFileSync(library).subarray(16, 24));
    const header = answer.structures.find(({ kind }) => kind === 'file-header');
    expect(header?.fields.map(({ name }) => name)).toEqual(['e_type', 'e_machine', 'e_version']);
    const printed = execFileSync('sh', ['-c', answer.command.replace(/^xxd/u, 'xxd -p')], { encoding: 'utf8' });
    expect(printed.trim()).toBe(bytes.toString('hex'));
  });

  test.each([
    { offset: -1, length: 1 },
    { offset: 0, length: 1.5 },
    { offset: Number.MAX_VALUE, length: 1 },
  ])('at %j are refused', async range => {
    expect(await refusal(client().request(elfBytes, { uri, ...range }))).toMatchObject({
      code: errorCodes.invalidParams,
    });
  });

  test('of a folder are refused with a sentence', async () => {
    const asked = client().request(elfBytes, { uri: pathToFileUri('/tmp'), offset: 0, length: 1 });
    expect(await refusal(asked)).toMatchObject({ code: errorCodes.notRegularFile });
  });
});

test('the bytes of a filtered row are its own', async () => {
  const table = 'symbols';
  const { rows } = await client().request(elfRows, { uri, table, start: 0, count: 1, filter: 'sample_value' });
  const index = rows[0]?.index ?? -1;
  const { entry, contents } = await client().request(elfRowRange, { uri, table, index });
  const range = contents ?? { offset: 0, length: 0 };
  const { bytes } = await client().request(elfBytes, { uri, ...range });
  expect(Buffer.from(bytes, 'base64')).toEqual(Buffer.of(0x78, 0x56, 0x34, 0x12));
  const { structures } = await client().request(elfBytes, { uri, ...entry });
  expect(structures.find(({ kind }) => kind === 'symbol')).toMatchObject({
    name: `symbol ${index}`,
    value: 'sample_value',
    start: entry.offset,
  });
});

test('a table without bytes is refused', async () => {
  const asked = client().request(elfRowRange, { uri, table: 'nothing', index: 0 });
  expect(await refusal(asked)).toMatchObject({ code: errorCodes.invalidParams });
});
