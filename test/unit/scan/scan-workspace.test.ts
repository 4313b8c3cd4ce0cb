import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Scan } from '../../../language-server/protocol/scan.ts';
import { type Grade, scanWorkspace, type WorkspaceScanOptions } from '../../../language-server/scan/scan-workspace.ts';
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
  return await scanWorkspace([{ paths: [folder], environment: { cwd: '/' }, exclude: ['.*'] }], options);
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

test('folders under their own conditions are parts of one scan', async () => {
  const [outer, other] = [temporaryFolder(), temporaryFolder()];
  const inner = join(outer, 'inner');
  const shelf = temporaryFolder();
  await buildAll(shelf, [{ file: 'libabsent1.so', soname: 'libabsent1.so' }]);
  const library = { file: 'lib.so', soname: 'libsame.so', needs: ['libabsent1.so'] };
  for (const place of [outer, other, inner]) await buildAll(place, [library], temporaryFolder());
  const conditions = { environment: { cwd: '/' }, exclude: ['.*'] };
  const grade: Grade = findings => findings.map(finding => ({ ...finding, severity: 'hint' }));
  const { files, findings, elf } = await scanWorkspace([
    { ...conditions, paths: [outer], elsewhere: [inner, other] },
    { ...conditions, paths: [other], libraryPath: shelf },
    { ...conditions, paths: [inner], elsewhere: [outer, other], grade },
  ]);
  expect(elf).toBe(3);
  expect(files.map(({ path, problems }) => [path, problems.map(({ severity }) => severity)])).toEqual([
    [join(outer, 'lib.so'), ['error']],
    [join(inner, 'lib.so'), ['hint']],
  ]);
  // What is there more than once is so across all of them.
  expect(findings.map(({ copies }) => copies.map(({ path }) => path))).toEqual([
    [outer, other, inner].map(place => join(place, 'lib.so')).sort(),
  ]);
});
