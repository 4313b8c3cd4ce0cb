import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { scan } from '../../language-server/protocol/scan.ts';
import { commandLineIn, type Ended } from '../support/command-line.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { buildAll } from '../support/loader-build.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * What has changed within the last seconds is not kept, and its times can't be set back: so processes think that it is a minute
 * later. They write down which folders they read.
 */
const clock = join(temporaryFolder(), 'clock.cjs');
writeFileSync(
  clock,
  `const now = Date.now, fs = require('node:fs'), read = fs.readdirSync;
  const folders = [];
  Date.now = () => now() + 60_000;
  fs.readdirSync = (...args) => (folders.push(String(args[0])), read(...args));
  process.on('exit', () => fs.writeFileSync(process.env.FOLDERS_READ, JSON.stringify(folders)));`,
);

let cache = '';
let farm = '';
let foldersRead = '';

/** The library that all others need, and one of those. */
const provider = (): string => join(farm, 'part0/libprovider.so');
const dependent = (): string => join(farm, 'part3/lib3.so');
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  LD_LIBRARY_PATH: '',
  NO_COLOR: '1',
  XDG_CACHE_HOME: cache,
  NODE_OPTIONS: `--require=${clock}`,
  FOLDERS_READ: foldersRead,
});
const run = (...args: readonly string[]): Promise<Ended> => commandLineIn(farm, environment()).run('scan', ...args);
const memoryFolder = (): string => join(cache, 'binary-detective/scans');
const readByLast = (): readonly string[] => JSON.parse(readFileSync(foldersRead, 'utf8')) as string[];

beforeEach(async () => {
  [cache, farm] = [temporaryFolder(), temporaryFolder()];
  foldersRead = join(cache, 'folders-read.json');
  await buildAll(
    farm,
    [
      { file: 'part0/libprovider.so', soname: 'libprovider.so' },
      { file: 'part0/lib0.so', needs: ['libprovider.so'], runpath: '$ORIGIN/../part0' },
    ],
    temporaryFolder(),
  );
  for (let index = 1; index < 60; index += 1) {
    mkdirSync(join(farm, `part${index}`));
    copyFileSync(join(farm, 'part0/lib0.so'), join(farm, `part${index}/lib${index}.so`));
  }
});

describe('a scan by a process that comes after another one', () => {
  test('reads no folder again, and says the same', async () => {
    const first = await run('.', '--format', 'json');
    expect(readByLast()).toContain(join(farm, 'part7'));
    const second = await run('.', '--format', 'json');
    expect(readByLast()).toEqual([]);
    expect(second).toEqual(first);
    for (const name of readdirSync(memoryFolder()))
      expect(statSync(join(memoryFolder(), name)).mode & 0o777).toBe(0o600);
  });

  test.each<[string, () => void, number]>([
    ['a library that is gone', () => rmSync(provider()), 60],
    ['a library that is elsewhere', () => renameSync(provider(), join(farm, 'libprovider.so')), 60],
    ['a library that is overwritten in place by text', () => writeFileSync(provider(), 'text'), 60],
    ['a file that is gone', () => rmSync(dependent()), 0],
    ['a new file', () => copyFileSync(dependent(), join(farm, 'part3/new')), 0],
    ['a program overwritten in place by text', () => writeFileSync(dependent(), 'text'), 0],
  ])('sees %s', async (_what, change, broken) => {
    expect((await run('.')).exitCode).toBe(0);
    change();
    const second = await run('.', '--format', 'json');
    expect(second).toEqual(await run('.', '--format', 'json', '--no-cache'));
    const { files } = JSON.parse(second.stdout) as {
      readonly files: readonly { readonly problems: readonly unknown[] }[];
    };
    expect(files.filter(({ problems }) => problems.length > 0)).toHaveLength(broken);
  });

  test('says the same under other conditions', async () => {
    renameSync(provider(), join(farm, 'libprovider.so'));
    expect((await run('.')).exitCode).toBe(1);
    expect((await run('.', '--library-path', farm)).exitCode).toBe(0);
    expect((await run('.')).exitCode).toBe(1);
    expect((await run('.', '--exclude', 'part*')).stdout).toContain('1 ELF file;');
  });

  test('answers who needs a library', async () => {
    await run('.');
    const needs = await run('.', '--needs', provider());
    expect(readByLast()).toEqual([]);
    expect(needs.stdout).toContain('60 of 61 ELF files need');
    expect(await run('.', '--needs', provider(), '--no-cache')).toEqual(needs);
  });

  test('is not led astray by a damaged memory, says so, and writes it anew', async () => {
    const first = await run('.', '--format', 'json');
    for (const name of readdirSync(memoryFolder())) writeFileSync(join(memoryFolder(), name), 'binary-detective');
    const { stdout, stderr } = await run('.', '--format', 'json');
    expect(stdout).toBe(first.stdout);
    expect(stderr).toContain('of another format');
    expect(await run('.', '--format', 'json')).toEqual(first);
    expect(readByLast()).toEqual([]);
  });

  test('works where nothing can be kept', async () => {
    const first = await run('.', '--format', 'json');
    rmSync(join(cache, 'binary-detective'), { recursive: true });
    writeFileSync(join(cache, 'binary-detective'), 'no folder');
    expect((await run('.', '--format', 'json')).stdout).toBe(first.stdout);
  });
});

test('--no-cache neither reads nor writes a memory, nor does a part of a scan', async () => {
  await run('.', '--no-cache');
  await run('.', '--shard', '1/2', '--format', 'json');
  expect(readdirSync(cache)).toEqual(['folders-read.json']);
  await run('.');
  await run('.', '--no-cache');
  expect(readByLast()).toContain(join(farm, 'part7'));
});

test('a new server knows what the last one saw, and sees what changed between', async () => {
  const ask = async () => {
    const server = await startLanguageServer({ env: environment(), cwd: farm });
    try {
      const { files, elf } = await server.request(scan, { folders: [pathToFileUri(farm)], exclude: [] });
      return { broken: files.length, elf };
    } finally {
      await server.close();
    }
  };
  expect(await ask()).toEqual({ broken: 0, elf: 61 });
  expect(await ask()).toEqual({ broken: 0, elf: 61 });
  expect(readByLast().filter(folder => folder.startsWith(farm))).toEqual([]);
  rmSync(provider());
  expect(await ask()).toEqual({ broken: 60, elf: 60 });
});
