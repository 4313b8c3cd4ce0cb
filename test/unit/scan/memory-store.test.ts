import {
  appendFileSync,
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMemoryStore, type MemoryStoreOptions } from '../../../language-server/scan/memory/memory-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const value = { names: ['a', 'lone surrogate \udc80', '\n'], count: 2 };

function storeIn(folder: string, options: Partial<MemoryStoreOptions> = {}) {
  const told: string[] = [];
  const store = createMemoryStore({ folder, program: 'build 1', log: line => told.push(line), ...options });
  return { ...store, told };
}

async function kept(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = join(temporaryFolder(), 'deep', 'scans');
  const store = storeIn(folder);
  await store.save('key', value);
  expect(store.told).toEqual([]);
  const [name = ''] = readdirSync(folder);
  return { folder, path: join(folder, name) };
}

test('what was saved is loaded by another process, and is for its owner only', async () => {
  const { folder, path } = await kept();
  expect(storeIn(folder).load('key')).toEqual(value);
  expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('what was never saved is nothing, and no word is lost on it', async () => {
  const { folder } = await kept();
  const store = storeIn(folder);
  expect(store.load('another key')).toBeUndefined();
  expect(storeIn(join(folder, 'not there')).load('key')).toBeUndefined();
  expect(store.told).toEqual([]);
});

test('another build of the program has its own', async () => {
  const { folder } = await kept();
  expect(storeIn(folder, { program: 'build 2' }).load('key')).toBeUndefined();
});

test.each<[string, (path: string) => void, RegExp]>([
  ['cut off', path => writeFileSync(path, readFileSync(path).subarray(0, -3)), /it is damaged/u],
  ['longer', path => appendFileSync(path, ' '), /it is damaged/u],
  [
    'changed in one byte',
    path => writeFileSync(path, readFileSync(path, 'utf8').replace('"count":2', '"count":3')),
    /it is damaged/u,
  ],
  ['empty', path => writeFileSync(path, ''), /of another format/u],
  [
    'of an older format',
    path => writeFileSync(path, readFileSync(path, 'utf8').replace(' 1 ', ' 0 ')),
    /of another format/u,
  ],
  ['of something else', path => writeFileSync(path, '{}'), /of another format/u],
  ['open to others', path => chmodSync(path, 0o622), /others may write to the file/u],
  [
    'a link',
    path => {
      renameSync(path, `${path}.real`);
      symlinkSync(`${path}.real`, path);
    },
    /ELOOP/u,
  ],
  [
    'a folder',
    path => {
      rmSync(path);
      mkdirSync(path);
    },
    /it is no file/u,
  ],
  ['in a folder that is open to others', path => chmodSync(join(path, '..'), 0o777), /others may write to the folder/u],
])('a file that is %s is not believed, and the log says so', async (_what, change, reason) => {
  const { folder, path } = await kept();
  change(path);
  const store = storeIn(folder);
  expect(store.load('key')).toBeUndefined();
  expect(store.told).toHaveLength(1);
  expect(store.told[0]).toMatch(reason);
});

// Only root can give files away: the suite runs as root.
test.each([
  ['file', (path: string) => path],
  ['folder', (path: string) => join(path, '..')],
])('a %s of another user is not believed', async (kind, of) => {
  const { folder, path } = await kept();
  chownSync(of(path), 65_534, 65_534);
  const store = storeIn(folder);
  expect(store.load('key')).toBeUndefined();
  expect(store.told[0]).toContain(`the ${kind} belongs to another user`);
});

test('a damaged file is replaced', async () => {
  const { folder, path } = await kept();
  writeFileSync(path, 'x');
  await storeIn(folder).save('key', value);
  expect(storeIn(folder).load('key')).toEqual(value);
});

test('where nothing can be kept, the log says so, and nothing fails', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const store = storeIn(join(file, 'scans'));
  await store.save('key', value);
  expect(store.told[0]).toMatch(/is not kept: .*ENOTDIR/u);
});

test('what is too large is not kept', async () => {
  const folder = join(temporaryFolder(), 'scans');
  const store = storeIn(folder, { limits: { files: 2, fileBytes: 1000 } });
  await store.save('key', { text: 'x'.repeat(1000) });
  expect(store.told[0]).toMatch(/it would take 1\d\d\d bytes/u);
  expect(store.load('key')).toBeUndefined();
});

test('what was not used for longest makes room, and so does what somebody left half written', async () => {
  const folder = join(temporaryFolder(), 'scans');
  const store = storeIn(folder, { limits: { files: 2, fileBytes: 1000 } });
  const long = new Date(Date.now() - 7_200_000);
  for (const key of ['a', 'b']) {
    await store.save(key, { key });
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), long, long);
  }
  writeFileSync(join(folder, 'x.memory.1.new'), '');
  utimesSync(join(folder, 'x.memory.1.new'), long, long);
  writeFileSync(join(folder, 'y.memory.2.new'), '');
  expect(store.load('a')).toEqual({ key: 'a' });
  await store.save('c', { key: 'c' });
  expect(['a', 'b', 'c'].map(key => store.load(key))).toEqual([{ key: 'a' }, undefined, { key: 'c' }]);
  expect(readdirSync(folder).filter(name => name.endsWith('.new'))).toEqual(['y.memory.2.new']);
});

test('many who write at once leave one whole file', async () => {
  const folder = join(temporaryFolder(), 'scans');
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
  await Promise.all(texts.map(text => storeIn(folder).save('key', { text })));
  const store = storeIn(folder);
  expect(texts).toContain((store.load('key') as { readonly text: string }).text);
  expect(store.told).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1);
});
