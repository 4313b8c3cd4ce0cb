import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import { createExclusion } from '../../../language-server/scan/exclusion.ts';
import { type FindOptions, findElfFiles } from '../../../language-server/scan/find-elf-files.ts';
import { createFolderMemory } from '../../../language-server/scan/memory/folder-memory.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const elf = process.execPath;
const elfStart = '\x7fELF\x02\x01\x01';

interface Found {
  readonly paths: readonly string[];
  readonly looked: number;
  readonly unreadable: readonly string[];
}

function find(folders: readonly string[], options: FindOptions = {}): Found {
  const unreadable: string[] = [];
  const steps = [
    ...findElfFiles(folders, { ...options, onUnreadable: (path, code) => unreadable.push(`${path} ${code}`) }),
  ];
  return {
    paths: steps.flatMap(step => step.found).map(({ path }) => path),
    looked: steps.reduce((sum, step) => sum + step.looked, 0),
    unreadable,
  };
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, 'latin1');
  return path;
}

describe('a folder with everything that can lie in one', () => {
  const folder = temporaryFolder();
  const plain = write(folder, 'a/plain', `${elfStart}…`);
  const hard = join(folder, 'a/z-hard-link');
  linkSync(plain, hard);
  write(folder, 'a/text.so', 'GROUP ( libc.so.6 )');
  write(folder, 'a/empty', '');
  write(folder, 'a/short', '\x7fEL');
  const other = write(folder, 'B/upper', elfStart);
  symlinkSync(plain, join(folder, 'a/soft-link'));
  symlinkSync('..', join(folder, 'a/up'));
  symlinkSync('self', join(folder, 'a/self'));
  symlinkSync('/nowhere/at/all', join(folder, 'a/dangling'));
  execFileSync('mkfifo', [join(folder, 'a/fifo')]);
  const odd = Buffer.concat([Buffer.from(`${folder}/a/`), Buffer.from([0x6e, 0xff, 0x0a, 0x6e])]);
  writeFileSync(odd, elfStart, 'latin1');

  test('gives its ELF files, by the bytes of their names, and nothing blocks', () => {
    const { paths, looked, unreadable } = find([folder]);
    expect(paths).toEqual([other, decodeBytes(odd), plain, hard]);
    expect(looked).toBe(7);
    expect(unreadable).toEqual([]);
  });

  test('that is named twice, or within another, is looked at once', () => {
    expect(find([folder, `${folder}/`, join(folder, 'a'), folder]).paths).toHaveLength(4);
  });

  test('a link that is named by hand is followed, and so is a file', () => {
    expect(find([join(folder, 'a/up')]).paths).toHaveLength(4);
    expect(find([join(folder, 'a/soft-link'), plain]).paths).toEqual([join(folder, 'a/soft-link'), plain]);
  });

  test('what is not there, or is no file, is told', () => {
    const fifo = join(folder, 'a/fifo');
    const self = join(folder, 'a/self');
    const { unreadable } = find(['/no/such/folder', fifo, self, '/dev/null', `${plain}/x`]);
    expect(unreadable).toEqual([
      '/no/such/folder ENOENT',
      `${fifo} not a regular file`,
      `${self} ELOOP`,
      '/dev/null not a regular file',
      `${plain}/x ENOTDIR`,
    ]);
  });

  test('a socket is passed by', async () => {
    const server = createServer().listen(join(folder, 'a/socket'));
    await new Promise(resolve => server.once('listening', resolve));
    expect(find([folder]).paths).toHaveLength(4);
    server.close();
  });
});

describe('what may not be read', () => {
  /** Root may read everything: it looks as somebody else for a while. */
  function asNobody<T>(work: () => T): T {
    if (process.getuid?.() !== 0) return work();
    process.seteuid?.(65_534);
    try {
      return work();
    } finally {
      process.seteuid?.(0);
    }
  }

  test('is told once, and does not keep the rest from being found', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const open = write(folder, 'z/lib.so', elfStart);
    const closedFile = write(folder, 'a/secret.so', elfStart);
    const closedFolder = join(folder, 'b');
    const blindFolder = join(folder, 'c');
    write(closedFolder, 'lib.so', elfStart);
    write(blindFolder, 'lib.so', elfStart);
    chmodSync(closedFile, 0);
    chmodSync(closedFolder, 0);
    // Its names can be read, but nothing can be asked about them.
    chmodSync(blindFolder, 0o444);
    write(folder, 'a/notes', 'x'.repeat(100));
    chmodSync(join(folder, 'a/notes'), 0);
    const memory = createFolderMemory(1 << 20);
    const clock = Date.now;
    Date.now = () => clock() + 7_200_000;
    // The second time with what the first one saw.
    for (const options of [{}, { memory }, { memory }]) {
      const { paths, unreadable } = asNobody(() => find([folder], options));
      expect(paths).toEqual([open]);
      expect(unreadable).toEqual([
        `${join(folder, 'a/notes')} EACCES`,
        `${closedFile} EACCES`,
        `${closedFolder} EACCES`,
        `${blindFolder}/lib.so EACCES`,
      ]);
    }
    Date.now = clock;
    chmodSync(closedFolder, 0o755);
    chmodSync(blindFolder, 0o755);
  });
});

test('the views of the kernel are left alone', () => {
  expect(find(['/proc', '/sys', '/dev']).looked).toBe(0);
});

test('a folder that goes away while it is looked through', () => {
  const folder = temporaryFolder();
  for (const name of ['a', 'b', 'c']) write(folder, `${name}/lib.so`, elfStart);
  const found: string[] = [];
  for (const step of findElfFiles([folder])) {
    found.push(...step.found.map(({ path }) => path));
    if (found.length === 1) rmSync(join(folder, 'b'), { recursive: true });
  }
  expect(found).toEqual([join(folder, 'a/lib.so'), join(folder, 'c/lib.so')]);
});

test('a file that goes away between two steps of its folder', () => {
  const folder = temporaryFolder();
  for (let index = 0; index < 250; index += 1) write(folder, `lib${String(index).padStart(3, '0')}.so`, elfStart);
  let steps = 0;
  const found: string[] = [];
  for (const step of findElfFiles([folder])) {
    found.push(...step.found.map(({ path }) => path));
    steps += 1;
    if (steps === 1) rmSync(join(folder, 'lib249.so'));
  }
  expect(steps).toBeGreaterThan(2);
  expect(found).toHaveLength(249);
});

/** SCAN_FILES=100000 is what is promised; to make so many takes longer than the rest of the suite. */
const manyFiles = Number(process.env['SCAN_FILES'] ?? 15_000);

test(`${manyFiles} files in one folder are looked at in short steps`, () => {
  const folder = temporaryFolder();
  for (let index = 0; index < manyFiles; index += 1)
    writeFileSync(join(folder, `${index}`), index % 1000 === 0 ? elfStart : 'x');
  const steps = [...findElfFiles([folder])];
  expect(Math.max(...steps.map(({ looked }) => looked))).toBeLessThan(1000);
  expect(steps.flatMap(({ found }) => found)).toHaveLength(manyFiles / 1000);
});

test('a chain of 500 folders', () => {
  const folder = temporaryFolder();
  const deep = join(folder, ...Array.from({ length: 500 }, () => 'd'));
  const path = write(deep, 'lib.so', elfStart);
  expect(find([folder]).paths).toEqual([path]);
});

test('what is excluded is neither looked at nor walked into', () => {
  const folder = temporaryFolder();
  const kept = write(folder, 'src/libkept.so', elfStart);
  for (const name of ['node_modules/a/b.node', 'src/deep/node_modules/c.so', '.git/x', 'out/libx.so.debug'])
    write(folder, name, elfStart);
  const exclude = createExclusion(['**/node_modules', '.git', '*.debug']);
  expect(find([folder], { exclude })).toEqual({ paths: [kept], looked: 1, unreadable: [] });
});

describe('what a search remembers of folders', () => {
  const hour = 3_600_000;
  /** As if everything had been there for long. */
  function age(...paths: readonly string[]): void {
    for (const path of paths) utimesSync(path, new Date(Date.now() - 48 * hour), new Date(Date.now() - 48 * hour));
  }
  const clock = Date.now;

  /** The ctime of a file can't be set back; so the search is later instead. */
  function later<T>(work: () => T): T {
    Date.now = () => clock() + 10_000;
    try {
      return work();
    } finally {
      Date.now = clock;
    }
  }

  function remembering(folder: string) {
    const memory = createFolderMemory(1 << 20);
    return () => later(() => find([folder], { memory }));
  }

  test('is what is there, the second time as well', () => {
    const folder = temporaryFolder();
    const path = write(folder, 'a/lib.so', elfStart);
    age(write(folder, 'a/text', 'x'.repeat(100)));
    const look = remembering(folder);
    expect(look()).toEqual({ paths: [path], looked: 2, unreadable: [] });
    expect(look()).toEqual({ paths: [path], looked: 2, unreadable: [] });
  });

  test.each<[string, (folder: string) => void, readonly string[]]>([
    ['a new file', folder => void write(folder, 'a/new', elfStart), ['a/lib.so', 'a/new']],
    ['a new folder', folder => void write(folder, 'a/b/new', elfStart), ['a/lib.so', 'a/b/new']],
    ['a file that is gone', folder => rmSync(join(folder, 'a/lib.so')), []],
    ['a file with another name', folder => renameSync(join(folder, 'a/lib.so'), join(folder, 'a/x')), ['a/x']],
    ['a library that is overwritten in place with text', folder => writeFileSync(join(folder, 'a/lib.so'), 'text'), []],
    [
      'a program that was an empty file',
      folder => appendFileSync(join(folder, 'a/empty'), elfStart),
      ['a/empty', 'a/lib.so'],
    ],
    [
      'a text named like a library that is overwritten in place',
      folder => copyFileSync(elf, join(folder, 'a/text.so')),
      ['a/lib.so', 'a/text.so'],
    ],
    [
      'a script that is overwritten in place',
      folder => writeFileSync(join(folder, 'a/script'), elfStart),
      ['a/lib.so', 'a/script'],
    ],
    [
      'a folder that is another one now',
      folder => {
        renameSync(join(folder, 'a'), join(folder, 'old'));
        write(folder, 'a/other', elfStart);
      },
      ['a/other', 'old/lib.so'],
    ],
  ])('does not hide %s', (_what, change, expected) => {
    const folder = temporaryFolder();
    write(folder, 'a/lib.so', elfStart);
    const script = write(folder, 'a/script', `#!/bin/sh\n${'#'.repeat(100)}`);
    chmodSync(script, 0o755);
    age(write(folder, 'a/empty', ''), write(folder, 'a/text.so', 'x'.repeat(100)), script);
    const look = remembering(folder);
    expect(look().paths).toEqual([join(folder, 'a/lib.so')]);
    change(folder);
    expect(look().paths).toEqual(expected.map(name => join(folder, name)));
  });

  test('is nothing of a folder that has just changed', () => {
    const folder = temporaryFolder();
    write(folder, 'a', 'x'.repeat(100));
    const memory = createFolderMemory(1 << 20);
    find([folder], { memory });
    // Within the same tick of the clock the folder's times may be the same: only reading it again can tell.
    write(folder, 'b', elfStart);
    expect(find([folder], { memory }).paths).toEqual([join(folder, 'b')]);
  });
});
