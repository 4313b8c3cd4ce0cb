import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { elfCompareRevision } from '../../language-server/protocol/revision.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const uri = pathToFileUri(compileLibrary(folder, 'libkept.so', 'int before;'));
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
    encoding: 'utf8',
  });
git('init', '-q');
git('add', 'libkept.so');
git('commit', '-qm', 'one');
compileLibrary(folder, 'libkept.so', 'int after;');

test('a file is compared with HEAD, in a workspace that nobody trusts', async () => {
  const { before, exports } = await client().request(elfCompareRevision, { uri });
  expect(before.path).toBe('HEAD:libkept.so');
  expect(exports.removed.rows.map(({ name }) => name)).toEqual(['before']);
  expect(exports.added.rows.map(({ name }) => name)).toEqual(['after']);
});

test.each([
  ['another revision', { revision: 'no-such' }, 'notFound'],
  ['an option for a revision', { revision: '-p' }, 'invalidParams'],
  ['a limit out of range', { limit: 0 }, 'invalidParams'],
])('%s is refused', async (_what, params, kind) => {
  const answer = client().request(elfCompareRevision, { uri, ...params });
  expect(await refusal(answer)).toMatchObject({ data: { kind } });
});
