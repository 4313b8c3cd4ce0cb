import { appendFileSync, copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ScanFinding } from '../../../language-server/protocol/scan.ts';
import { findCopies } from '../../../language-server/scan/copies.ts';
import { scanFiles } from '../../../language-server/scan/scan-files.ts';
import { build32, buildAll } from '../../support/loader-build.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function copiesIn(folder: string): Promise<readonly ScanFinding[]> {
  const { libraries, needed } = await scanFiles([folder], { environment: { cwd: '/' } }, () => undefined);
  return await findCopies(libraries, needed, undefined);
}

const shared = temporaryFolder();
const withBuildId = { soname: 'libx.so.1', flags: ['--build-id'] };

function copy(folder: string, from: string, to: string): void {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  copyFileSync(join(folder, from), join(folder, to));
}

async function codes(folder: string): Promise<readonly string[]> {
  return (await copiesIn(folder)).map(({ code }) => code);
}

test('two builds of one SONAME are told, with what tells them apart', async () => {
  const folder = temporaryFolder();
  await buildAll(
    folder,
    [
      { file: 'a/libx.so', ...withBuildId },
      { file: 'b/liby.so', ...withBuildId, needs: ['libc.so.6'] },
      { file: 'user.so', needs: ['libx.so.1'] },
    ],
    shared,
  );
  const [finding, ...others] = await copiesIn(folder);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'scan/different-copies', severity: 'warning' });
  expect(finding?.copies.map(({ path }) => path)).toEqual([join(folder, 'a/libx.so'), join(folder, 'b/liby.so')]);
  const [first, second] = finding?.copies ?? [];
  expect(first?.buildId).toMatch(/^[0-9a-f]{40}$/u);
  expect(second?.buildId).not.toBe(first?.buildId);
  expect(finding?.message).toContain(first?.buildId?.slice(0, 12));
  expect(finding?.evidence?.command).toBe(`readelf -nW -- ${folder}/a/libx.so ${folder}/b/liby.so`);
});

test('two builds that nothing asks for by name are no warning', async () => {
  const folder = temporaryFolder();
  await buildAll(
    folder,
    [
      { file: 'a/plugin.so', soname: 'plugin.so' },
      { file: 'b/plugin.so', soname: 'plugin.so', needs: ['libc.so.6'] },
    ],
    shared,
  );
  const [finding] = await copiesIn(folder);
  expect(finding).toMatchObject({ code: 'scan/different-copies', severity: 'information' });
  expect(finding?.message).toMatch(/Nothing that was scanned asks for it by that name\.$/u);
});

test('the same contents twice are told, as what they are', async () => {
  const folder = temporaryFolder();
  await buildAll(folder, [{ file: 'a/libx.so', soname: 'libx.so.1' }], shared);
  copy(folder, 'a/libx.so', 'b/libx.so');
  const [finding] = await copiesIn(folder);
  expect(finding).toMatchObject({ code: 'scan/identical-copies', severity: 'information' });
  expect(new Set(finding?.copies.map(({ sha256 }) => sha256)).size).toBe(1);
});

test('one build with other bytes is no other build', async () => {
  const folder = temporaryFolder();
  await buildAll(folder, [{ file: 'a/libx.so', ...withBuildId }], shared);
  copy(folder, 'a/libx.so', 'b/libx.so');
  appendFileSync(join(folder, 'b/libx.so'), 'signature');
  expect(await codes(folder)).toEqual(['scan/altered-copies']);
});

test('without a build ID the bytes are what tells builds apart', async () => {
  const folder = temporaryFolder();
  await buildAll(folder, [{ file: 'a/libx.so', soname: 'libx.so.1' }], shared);
  copy(folder, 'a/libx.so', 'b/libx.so');
  appendFileSync(join(folder, 'b/libx.so'), 'signature');
  expect(await codes(folder)).toEqual(['scan/different-copies']);
});

test('a hard link, another class, another SONAME and a build for better processors are no copies', async () => {
  const folder = temporaryFolder();
  await buildAll(
    folder,
    [
      { file: 'a/libx.so', soname: 'libx.so.1' },
      { file: 'a/libother.so', soname: 'libother.so.1' },
      { file: 'a/glibc-hwcaps/x86-64-v3/libx.so', soname: 'libx.so.1', needs: ['libc.so.6'] },
      { file: 'a/plugin.so' },
      { file: 'b/plugin.so', needs: ['libc.so.6'] },
    ],
    shared,
  );
  linkSync(join(folder, 'a/libx.so'), join(folder, 'a/libx.so.1'));
  await build32(folder, 'c/libx.so');
  expect(await codes(folder)).toEqual([]);
});
