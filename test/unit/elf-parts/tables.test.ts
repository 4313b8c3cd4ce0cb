import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readArchive } from '../../../language-server/elf/archive/archive.ts';
import { archiveIndexTable, archiveMembersTable } from '../../../language-server/elf/archive/archive-tables.ts';
import { coreNote } from '../../../language-server/elf/core/core-file.ts';
import { auxiliaryVectorTable, mappedFilesTable, threadsTable } from '../../../language-server/elf/core/core-tables.ts';
import type { ElfFile } from '../../../language-server/elf/elf-file.ts';
import { readImports } from '../../../language-server/elf/imports.ts';
import { moduleInfoTable } from '../../../language-server/elf/kernel-module/module-info-table.ts';
import { quickLanguageLimits, readLanguages } from '../../../language-server/elf/languages/read-languages.ts';
import { withElfFile } from '../../../language-server/elf/open-elf.ts';
import { oldestPlatforms } from '../../../language-server/elf/platforms/oldest-platforms.ts';
import { libcOf, platformQuery } from '../../../language-server/elf/platforms/platform-query.ts';
import { relocationsTable } from '../../../language-server/elf/relocations/relocations-table.ts';
import { versionFloorsOf, versionNeedsOf } from '../../../language-server/elf/versions/version-floors.ts';
import { coreFile, coreNoteBytes, threadNote } from '../../support/elf-parts-cores.ts';
import { withSource } from '../../support/elf-parts-files.ts';
import { fieldsOf } from '../../support/elf-parts-relocations.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const inFolder = (name: string): string => join(folder, name);
const run = (command: string, ...args: readonly string[]): unknown =>
  execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
const using = <T>(name: string, use: (file: ElfFile) => T | Promise<T>): Promise<T> => withElfFile(inFolder(name), use);

beforeAll(() => {
  writeFileSync(
    inFolder('main.c'),
    '#include <string.h>\nint main(int n, char **v) { return (int)strlen(v[n - 1]); }\n',
  );
  run('cc', 'main.c', '-o', 'dynamic');
  run('cc', '-static', 'main.c', '-o', 'static');
  run('musl-gcc', 'main.c', '-o', 'musl');
  run('cc', '-c', 'main.c', '-o', 'main.o');
  run('ar', 'rc', 'main.a', 'main.o', 'main.c');
});

test('members and index of an archive', () => {
  withSource(inFolder('main.a'), source => {
    const archive = readArchive(source);
    if (archive === null) throw new Error('no archive');
    const members = archiveMembersTable.open(archive);
    expect(members?.page(0, 10).map(cells => cells.slice(0, 2))).toEqual([
      ['main.o', 'elf'],
      ['main.c', 'other'],
    ]);
    expect(members?.page(1, 1)).toHaveLength(1);
    const index = archiveIndexTable.open(archive);
    expect(index?.page(0, 10).map(cells => cells.slice(0, 2))).toEqual([['main', 'main.o']]);
    expect(archiveIndexTable.open({ ...archive, symbolIndex: null })).toBeNull();
    const [first] = archive.members;
    if (first === undefined) throw new Error('no member');
    const dated = {
      ...archive,
      members: [
        { ...first, modifiedSeconds: 1e9, mode: 0o644 },
        { ...first, modifiedSeconds: 1e18 },
      ],
    };
    expect(
      archiveMembersTable
        .open(dated)
        ?.page(0, 2)
        .map(cells => cells[4]),
    ).toEqual(['2001-09-09 01:46:40Z', '1000000000000000000']);
  });
});

test('tables of a core file, which others do not have', async () => {
  const shape = { machine: 62, class: 64, order: 'little' } as const;
  const { word } = fieldsOf(shape);
  const file = Buffer.concat([
    word(1),
    word(4096),
    word(0x1000),
    word(0x2000),
    word(2),
    Buffer.from('/usr/bin/true\0'),
  ]);
  const notes = [
    coreNoteBytes(shape, coreNote.threadStatus, threadNote(shape, 42, 11, 27)),
    coreNoteBytes(shape, coreNote.auxiliaryVector, Buffer.concat([word(6), word(4096), word(0), word(0)])),
    coreNoteBytes(shape, coreNote.mappedFiles, file),
  ];
  writeFileSync(inFolder('made.core'), coreFile(shape, notes));
  await using('made.core', core => {
    expect(threadsTable.open(core)?.page(0, 9)).toEqual([
      ['42', 'SIGSEGV', '0x0000000000001010', '0x0000000000001013', '0x78'],
    ]);
    expect(auxiliaryVectorTable.open(core)?.page(0, 9)).toEqual([['AT_PAGESZ', '0x1000']]);
    expect(mappedFilesTable.open(core)?.page(0, 9)).toEqual([
      ['/usr/bin/true', '0x0000000000001000', '0x0000000000002000', '0x2000'],
    ]);
  });
  await using('dynamic', file_ => {
    expect(
      [threadsTable, auxiliaryVectorTable, mappedFilesTable, moduleInfoTable].map(table => table.open(file_)),
    ).toEqual([null, null, null, null]);
    expect(relocationsTable.open(file_)?.count).toBeGreaterThan(3);
  });
});

test('which C library a program is made for', async () => {
  expect(await using('dynamic', libcOf)).toBe('glibc');
  expect(await using('static', libcOf)).toBe('none');
  expect(await using('musl', libcOf)).toBe('musl');
});

test('the oldest platforms of a program that was made here', async () => {
  const verdicts = await using('dynamic', async file => {
    const imports = await readImports(file, undefined);
    const floors = versionFloorsOf(versionNeedsOf(file.versions(), imports));
    const query = platformQuery(
      file,
      floors,
      imports.map(({ name }) => name),
    );
    expect(query).toMatchObject({ machine: 'x86_64', libc: 'glibc', needed: ['libc.so.6'] });
    expect(query.floors['GLIBC']).toMatch(/^2\./u);
    return oldestPlatforms(query);
  });
  expect(verdicts.find(({ family }) => family === 'Debian')?.kind).toBe('runs');
  expect(verdicts.find(({ family }) => family === 'Alpine Linux')?.kind).toBe('otherLibc');
});

test('a quick look at the languages reads little', async () => {
  await using('static', async file => {
    const before = file.image.source.bytesRead();
    const { stripped } = await readLanguages(file, quickLanguageLimits);
    expect(stripped.verdict).toBe('symbols');
    expect(file.image.source.bytesRead() - before).toBeLessThan(400_000);
  });
});
