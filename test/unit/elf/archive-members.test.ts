import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { inspectedPath, memberUri } from '../../../language-server/elf/archive/member-path.ts';
import { disassembleAny, rawTextOfAny } from '../../../language-server/elf/archive/member-text.ts';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { withElfFile } from '../../../language-server/elf/open-elf.ts';
import { readOverview } from '../../../language-server/elf/overview.ts';
import { collectText } from '../../../language-server/elf/raw/text-writer.ts';
import { readRows } from '../../../language-server/elf/tables.ts';
import { createNativeDoor } from '../../../language-server/native/create-door.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());
const first = compile('first.o', 'int one(int a) { return a + 1; }\n', '-c');
const second = compile('second.o', 'int two(int a) { return a + 2; }\n', '-c');
mkdirSync(path('other'));
const other = compile('other/first.o', 'int another(int a) { return a + 3; }\n', '-c');
writeFileSync(path('note.txt'), 'no object file\n');
const archive = path('libparts.a');
run('ar', 'rcs', archive, first, second, path('note.txt'));
run('ar', 'q', archive, other);
run('ranlib', archive);

const rows = async (file: string, table: string, filter = '') =>
  (await readRows(file, { table, start: 0, count: 1000, filter })).rows;
const names = async (file: string): Promise<readonly (string | undefined)[]> =>
  (await rows(file, 'symbols', 'type:FUNC')).map(({ cells }) => cells[1]);

describe('an archive', () => {
  test('is told by its members', async () => {
    const { identity, tables, findings, facts } = await readOverview(archive);
    expect(identity).toMatchObject({ kind: 'archive', type: 'archive', class: 64, byteOrder: 'little' });
    expect(identity.summary).toMatch(/^archive of 3 object files and 1 other file, .+, 64-bit little-endian$/u);
    expect(tables.map(({ id, rowCount }) => [id, rowCount])).toEqual([
      ['members', 4],
      ['symbol-index', 3],
    ]);
    expect(findings).toEqual([]);
    // Of what is no object file, readelf complains.
    for (const { command } of [...facts, ...tables]) expect(run('/bin/sh', '-c', `${command} || true`)).not.toBe('');
  });

  test('shows what ar and nm print of it', async () => {
    const printed = run('ar', 'tO', archive).trim().split('\n');
    const members = await rows(archive, 'members');
    // ar tells where the contents begin, behind the header of 60 bytes.
    expect(members.map(({ cells }) => `${cells[1]} 0x${(Number(cells[7]) + 60).toString(16)}`)).toEqual(printed);
    const index = await rows(archive, 'symbol-index');
    const theirs = [...run('nm', '-s', archive).matchAll(/^(\S+) in (\S+)$/gmu)].map(([, name, member]) => [
      name,
      member,
    ]);
    expect(index.map(({ cells }) => [cells[1], cells[2]])).toEqual(theirs);
  });

  test('each object file in it can be opened, of two with one name either', async () => {
    const members = await rows(archive, 'members');
    expect(members.map(({ opens }) => opens !== undefined)).toEqual([true, true, false, true]);
    const opened = await Promise.all(
      members.flatMap(({ opens }) => (opens === undefined ? [] : [names(inspectedPath(opens))])),
    );
    expect(opened).toEqual([['one'], ['two'], ['another']]);
  });

  test('tables that it does not have are empty', async () => {
    expect(await rows(archive, 'symbols')).toEqual([]);
    expect(await rows(first, 'members')).toEqual([]);
  });

  test('is inspected as one', async () => {
    expect(await inspectFile(archive)).toMatchObject({
      kind: 'archive',
      hardening: { relro: { verdict: 'notApplicable' } },
    });
  });

  test('has no code of its own', async () => {
    await expect(withElfFile(archive, () => null)).rejects.toMatchObject({
      kind: 'notSupported',
      message: expect.stringContaining('libparts.a(first.o)'),
    });
  });

  test('without object files', async () => {
    run('ar', 'rcs', path('texts.a'), path('note.txt'));
    const { identity } = await readOverview(path('texts.a'));
    expect(identity).toMatchObject({ class: null, byteOrder: null, machine: '' });
    expect(identity.summary).toBe('archive of 1 file, none of them an ELF object file');
  });
});

describe('a member', () => {
  const member = `${archive}(second.o)`;

  test('is read in place, as the file that it was', async () => {
    for (const table of ['sections', 'symbols', 'relocations', 'notes']) {
      expect(await rows(member, table)).toEqual(await rows(second, table));
    }
    const { identity, sizeBytes, path: shown } = await readOverview(member);
    const plain = await readOverview(second);
    expect({ identity, sizeBytes }).toEqual({ identity: plain.identity, sizeBytes: plain.sizeBytes });
    expect(shown).toBe(member);
    expect(await inspectFile(member)).toMatchObject({ kind: 'relocatable', path: member });
  });

  test('its commands print the same', async () => {
    const { tables } = await readOverview(member);
    for (const id of ['sections', 'symbols']) {
      const command = tables.find(table => table.id === id)?.command ?? 'false';
      const plain = (await readOverview(second)).tables.find(table => table.id === id)?.command ?? 'false';
      expect(run('/bin/sh', '-c', command)).toBe(run('/bin/sh', '-c', plain));
    }
  });

  test('its code is shown under its name, and nothing is left behind', async () => {
    const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
    const before = leftovers();
    const { text, command } = await collectText(onText =>
      disassembleAny(door, member, { symbol: 'two' }, { maximumLines: 1000, onText }),
    );
    await door.close();
    expect(text).toContain('libparts.a(second.o)');
    expect(text).toContain('<two>:');
    expect(text).not.toContain(tmpdir().concat('/binary-detective-member-'));
    expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toContain('<two>:');
    expect(leftovers()).toEqual(before);
  });

  test('other programs print it under its name', async () => {
    const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
    const { text } = await collectText(onText => rawTextOfAny(door, member, 'objdump', { maximumLines: 1000, onText }));
    await door.close();
    expect(text).toContain('libparts.a(second.o):     file format');
    expect(text).toMatch(/\btwo$/mu);
  });

  test('that is not there, or is no object file', async () => {
    await expect(readOverview(`${archive}(third.o)`)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(readOverview(`${archive}(note.txt)`)).rejects.toMatchObject({ kind: 'notElf' });
    await expect(readOverview(`${second}(x.o)`)).rejects.toMatchObject({ kind: 'notFound' });
    await expect(readOverview(path('absent.a(x.o)'))).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('a file that is really called like one goes first', async () => {
    copyFileSync(first, path('libparts.a(second.o)'));
    expect(await names(member)).toEqual(['one']);
    renameSync(path('libparts.a(second.o)'), path('moved.o'));
    expect(await names(member)).toEqual(['two']);
  });
});

describe('a thin archive', () => {
  const thin = path('thin.a');
  run('ar', 'rcsT', thin, first, second);

  test('says so, and its members are the files beside it', async () => {
    const { identity } = await readOverview(thin);
    expect(identity).toMatchObject({ kind: 'archive', type: 'thin archive' });
    const members = await rows(thin, 'members');
    expect(members.map(({ cells }) => cells[3])).toEqual(['file beside', 'file beside']);
    expect(await names(inspectedPath(members[1]?.opens ?? ''))).toEqual(['two']);
  });

  test('a member whose file has gone', async () => {
    const gone = compile('gone.o', 'int gone;\n', '-c');
    run('ar', 'rcsT', path('incomplete.a'), gone);
    renameSync(gone, path('elsewhere.o'));
    const [member] = await rows(path('incomplete.a'), 'members');
    expect(member?.cells[3]).toBe('file is missing');
    await expect(readOverview(inspectedPath(member?.opens ?? ''))).rejects.toMatchObject({ kind: 'notFound' });
  });
});

describe('the URI of a member', () => {
  test.for(['part.o', 'with space.o', 'a@5.o', '100%.o', 'ü#?.o', 'odd\udcff.o', 'x=y&z.o'])('%s', name => {
    const uri = memberUri('/lib/a b.a', name, 1234);
    expect(inspectedPath(uri)).toBe(`/lib/a b.a(${name}@1234)`);
    // VS Code encodes more than it has to.
    expect(inspectedPath(uri.replace('#member=', '#member%3D').replaceAll('@', '%40'))).toBe(
      `/lib/a b.a(${name}@1234)`,
    );
  });

  test('without an offset, and of a file itself', () => {
    expect(inspectedPath('file:///lib/a.a#member=part.o')).toBe('/lib/a.a(part.o)');
    expect(inspectedPath('file:///lib/a.a')).toBe('/lib/a.a');
  });
});

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter(name => name.startsWith('binary-detective-member-'));
}
