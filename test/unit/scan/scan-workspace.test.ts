import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Scan } from '../../../language-server/protocol/scan.ts';
import { scanWorkspace, type WorkspaceScanOptions } from '../../../language-server/scan/scan-workspace.ts';
import { buildAll } from '../../support/loader-build.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

beforeAll(async () => {
  const needs = ['libabsent1.so', 'libabsent2.so'];
  await buildAll(folder, [
    { file: 'a.so', needs },
    { file: 'b.so', needs },
    { file: 'c.so', needs },
    { file: 'fine.so' },
  ]);
});

async function scan(options: WorkspaceScanOptions): Promise<Scan> {
  return await scanWorkspace([folder], { environment: { cwd: '/' }, exclude: ['.*'], ...options });
}

test('only the files with problems are told', async () => {
  const { files, elf, incomplete } = await scan({});
  expect(files.map(({ path }) => path)).toEqual(['a.so', 'b.so', 'c.so'].map(name => join(folder, name)));
  expect({ elf, incomplete }).toEqual({ elf: 4, incomplete: null });
});

test.each([
  ['files', { maximumFiles: 2 }, 2, '1 more files have problems; they are not listed.'],
  ['problems', { maximumProblems: 3 }, 1, '2 more files have problems; they are not listed.'],
])('too many %s are said to be more', async (_what, options, told, incomplete) => {
  const answer = await scan(options);
  expect(answer.files).toHaveLength(told);
  expect(answer.incomplete).toBe(incomplete);
});
