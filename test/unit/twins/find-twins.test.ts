import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTwins } from '../../../language-server/elf/twins/find-twins.ts';
import { walkFiles } from '../../../language-server/elf/twins/walk-files.ts';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import type { TwinsProgress } from '../../../language-server/protocol/twins.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const { compile, run, path } = toolchainIn(folder);
const original = compile('liboriginal.so', 'int original;', '-shared', '-fPIC', '-g', '-Wl,--build-id');
mkdirSync(path('deep/er'), { recursive: true });
const copy = path('deep/er/copy');
copyFileSync(original, copy);
linkSync(original, path('deep/hard'));
symlinkSync(original, path('deep/soft'));
symlinkSync(folder, path('deep/circle'));
run('strip', '-o', path('stripped.so'), original);
run('objcopy', '--only-keep-debug', original, path('original.debug'));
compile('libother.so', 'int other;', '-shared', '-fPIC', '-g', '-Wl,--build-id');
writeFileSync(path('same-size.bin'), Buffer.alloc(readFileSync(original).length, 'x'));
const changed = readFileSync(original);
changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
writeFileSync(path('changed.so'), changed);
run('mkfifo', path('fifo.so'));
truncateSync(compile('sparse.so', 'int sparse;', '-shared'), 2 ** 33);
const odd = Buffer.concat([Buffer.from(`${folder}/odd`), Buffer.from([0xff]), Buffer.from('.so')]);
copyFileSync(original, odd);

const found = async (folders = [folder]): Promise<Readonly<Record<string, string>>> => {
  const { twins } = await findTwins(original, folders);
  return Object.fromEntries(twins.map(twin => [twin.path.slice(folder.length + 1), twin.likeness]));
};

const expected = {
  'deep/er/copy': 'same-contents',
  'deep/hard': 'same-file',
  'stripped.so': 'same-build-id',
  'original.debug': 'same-build-id',
  'changed.so': 'same-build-id',
  [decodeBytes(odd).slice(folder.length + 1)]: 'same-contents',
};

test('files of the same bytes, of the same inode and of the same build ID are found, and no others', async () => {
  expect(await found()).toEqual(expected);
});

test('folders within each other and circles are walked once', async () => {
  expect(await found([folder, path('deep'), path('deep/er')])).toEqual(expected);
  const walked = [...walkFiles([path('deep'), path('deep/er')], () => undefined)];
  expect(walked.map(file => file.path)).toEqual([path('deep/hard'), copy]);
});

test('the answer has what it rests on', async () => {
  const { buildId, sha256, twins, looked, unreadable, incomplete } = await findTwins(original, [folder]);
  const printed = execFileSync('readelf', ['-n', original], { encoding: 'utf8' });
  expect(buildId).toBe(/Build ID: ([0-9a-f]+)/u.exec(printed)?.[1]);
  expect(sha256).toBe(createHash('sha256').update(readFileSync(original)).digest('hex'));
  expect({ unreadable, incomplete }).toEqual({ unreadable: 0, incomplete: null });
  expect(looked).toBe(Number(run('sh', '-c', `find '${folder}' -type f | wc -l`)));
  const shown = twins.find(twin => twin.path === copy);
  expect(shown?.sizeBytes).toBe(readFileSync(copy).length);
  const sums = execFileSync('sh', ['-c', shown?.command ?? 'false'], { encoding: 'utf8' });
  expect(new Set([...sums.matchAll(/^[0-9a-f]{64}/gmu)].map(([sum]) => sum))).toEqual(new Set([sha256]));
});

test('without a file of its size nothing is hashed, and without a build ID only contents count', async () => {
  const alone = join(folder, 'alone');
  mkdirSync(alone);
  run('objcopy', '--remove-section=.note.gnu.build-id', original, join(alone, 'bare.so'));
  const answer = await findTwins(join(alone, 'bare.so'), [alone]);
  expect(answer).toMatchObject({ buildId: null, sha256: null, twins: [], looked: 1 });
});

test('too many are cut, and the answer says so', async () => {
  const { twins, incomplete } = await findTwins(original, [folder], { maximumTwins: 2 });
  expect(twins).toHaveLength(2);
  expect(incomplete).toMatch(/more than 2/u);
});

test('a folder that is not there is counted', async () => {
  expect(await findTwins(original, [path('absent')])).toMatchObject({ twins: [], unreadable: 1 });
});

test('only an ELF file has twins', async () => {
  await expect(findTwins(path('same-size.bin'), [folder])).rejects.toMatchObject({ kind: 'notElf' });
});

test('progress tells of each twin once', async () => {
  const told: TwinsProgress[] = [];
  const onProgress = (progress: TwinsProgress): void => void told.push(progress);
  const { twins, looked } = await findTwins(original, [folder], { onProgress, progressMs: 0 });
  expect(told.map(progress => progress.looked)).toEqual(Array.from({ length: looked }, (_, index) => index));
  // What was found behind the last progress is in the answer only.
  const streamed = told.flatMap(progress => progress.twins);
  expect(streamed.length).toBeGreaterThan(3);
  expect(streamed).toEqual(twins.slice(0, streamed.length));
});

test('a cancel ends the search', async () => {
  const aborted = AbortSignal.abort();
  await expect(findTwins(original, [folder], { signal: aborted })).rejects.toMatchObject({ name: 'AbortError' });
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  const search = findTwins(original, [folder], { signal: stop.signal, onProgress, progressMs: 0 });
  await expect(search).rejects.toMatchObject({ name: 'AbortError' });
});
