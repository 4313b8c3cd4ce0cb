import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { disassemble } from '../../language-server/protocol/disassembly.ts';
import { elfOverview, elfRows } from '../../language-server/protocol/elf.ts';
import { errorCodes } from '../../language-server/protocol/errors.ts';
import { commandLineIn } from '../support/command-line.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const run = (tool: string, ...args: readonly string[]): string =>
  execFileSync(tool, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });

const library = compileLibrary(
  folder,
  'libtables.so',
  '#include <stdio.h>\nint first_one(void) { return puts("a text of the program"); }\nint second_one(void) { return 2; }\nchar large_datum[70000];',
  ['-Wl,-soname,libtables.so'],
);
writeFileSync(join(folder, 'part.c'), 'int part_of_archive(int a) { return a + 1; }\n');
run('cc', '-c', 'part.c');
run('ar', 'rcs', 'libparts.a', 'part.o');
const archive = join(folder, 'libparts.a');

const { run: cli, json } = commandLineIn(folder);

interface Symbols {
  readonly symbols: readonly SymbolRow[];
  readonly total: number;
}

interface Sections {
  readonly sections: readonly { readonly name: string; readonly size: number }[];
}

interface SymbolRow {
  readonly name: string;
  readonly type: string;
  readonly section: string;
}

describe('over the wire', () => {
  const page = { table: 'dynamic-symbols', start: 0, count: 100 };

  test('rows are filtered by column and sorted', async () => {
    const { rows } = await client().request(elfRows, {
      uri: pathToFileUri(library),
      ...page,
      filter: 'section~. size:>0',
      sort: { column: 'size', descending: true },
    });
    expect(rows.map(({ cells }) => cells[1])[0]).toBe('large_datum');
    expect(rows.map(({ cells }) => cells[1])).toEqual(expect.arrayContaining(['first_one', 'second_one']));
  });

  test('a filter that cannot be understood is answered with its place', async () => {
    const answer = await client().request(elfRows, { uri: pathToFileUri(library), ...page, filter: 'one colour:red' });
    expect(answer).toMatchObject({ matching: 0, filterError: { start: 4, end: 10 } });
  });

  test('parameters that do not fit are refused', async () => {
    const sort = { column: 'nonsense', descending: false };
    const answer = client().request(elfRows, { uri: pathToFileUri(library), ...page, filter: '', sort });
    expect(await refusal(answer)).toMatchObject({ code: errorCodes.invalidParams });
    const strings = { minimumLength: 0 };
    const other = client().request(elfRows, { uri: pathToFileUri(library), ...page, filter: '', strings });
    expect(await refusal(other)).toMatchObject({ code: errorCodes.invalidParams });
  });

  test('strings of a section', async () => {
    const answer = await client().request(elfRows, {
      uri: pathToFileUri(library),
      ...page,
      table: 'strings',
      filter: '',
      strings: { section: '.rodata', minimumLength: 8 },
    });
    expect(answer.rows.map(({ cells }) => cells[3])).toEqual(['a text of the program']);
  });

  test('a member of an archive has all that a file has', async () => {
    const overview = await client().request(elfOverview, { uri: pathToFileUri(archive) });
    expect(overview.identity.kind).toBe('archive');
    const members = await client().request(elfRows, {
      uri: pathToFileUri(archive),
      ...page,
      table: 'members',
      filter: '',
    });
    const uri = members.rows[0]?.opens ?? '';
    expect((await client().request(elfOverview, { uri })).identity.kind).toBe('relocatable');
    const { rows } = await client().request(elfRows, { uri, ...page, table: 'symbols', filter: 'type:FUNC' });
    expect(rows.map(({ cells }) => cells[1])).toEqual(['part_of_archive']);
    const { text } = await client().request(disassemble, { uri, symbol: 'part_of_archive' });
    expect(text).toContain('<part_of_archive>:');
    const diagnostics = await client().connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } });
    expect(diagnostics).toMatchObject({ items: [] });
  });
});

describe('symbols', () => {
  test('are those of nm', async () => {
    const { answer } = await json<Symbols>('symbols', library);
    expect(answer).toMatchObject({ schema: 'binary-detective/symbols@1', path: library, table: 'symbols' });
    expect(answer.symbols).toHaveLength(answer.total);
    const ours = answer.symbols
      .filter(({ type, section }) => type === 'FUNC' && section === '.text')
      .map(({ name }) => name)
      .sort();
    const theirs = [...run('nm', library).matchAll(/ [tT] (\S+)$/gmu)].map(([, name]) => name).sort();
    expect(theirs).toContain('first_one');
    expect(ours.filter(name => theirs.includes(name))).toEqual(ours);
    expect(ours).toEqual(expect.arrayContaining(['first_one', 'second_one']));
  });

  test('exports and imports', async () => {
    const { answer: exports } = await json<Symbols>('symbols', '--part', 'exports', '--sort', 'name', library);
    expect(exports.symbols.map(({ name }) => name)).toEqual(['first_one', 'large_datum', 'second_one']);
    const { answer: imports } = await json<Symbols>('symbols', '--part', 'imports', '--filter', 'name:puts', library);
    expect(imports).toMatchObject({
      matching: 1,
      symbols: [{ name: 'puts', version: expect.stringMatching(/^@GLIBC_/u) }],
    });
  });

  test('as text, one a line behind the titles', async () => {
    const { stdout, exitCode } = await cli('symbols', '--filter', 'name~_one', library);
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^Num .*Name$/u);
    expect(lines[1]).toMatch(/FUNC\s+GLOBAL.*\.text\s+\w+_one$/u);
  });

  test('of a library with more of them than a page has', async () => {
    const libc = run('cc', '-print-file-name=libc.so.6').trim();
    const { stdout } = await cli('symbols', '--dynamic', libc);
    const count = run('readelf', '--dyn-syms', '-W', libc)
      .split('\n')
      .filter(line => /^\s*\d+: /u.test(line)).length;
    expect(count).toBeGreaterThan(2000);
    expect(stdout.trimEnd().split('\n')).toHaveLength(count + 1);
    const { answer: some } = await json<Symbols>('symbols', '--dynamic', '--limit', '1500', libc);
    expect(some.symbols).toHaveLength(1500);
    expect(some.total).toBe(count);
  });

  test('of a member of an archive, and the index of the archive', async () => {
    const { answer: member } = await json<Symbols>('symbols', '--filter', 'type:FUNC', `${archive}(part.o)`);
    expect(member.symbols.map(({ name }) => name)).toEqual(['part_of_archive']);
    const { answer: index } = await json<Symbols>('symbols', archive);
    expect(index).toMatchObject({ table: 'symbol-index', symbols: [{ symbol: 'part_of_archive', member: 'part.o' }] });
  });

  test('a filter that cannot be understood, a column that is not there, a file without symbols', async () => {
    const filter = await cli('symbols', '--part', 'imports', '--filter', 'size:big', library);
    expect(filter).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"big" (character 6)') });
    expect(await cli('symbols', '--sort', 'colour', library)).toMatchObject({ exitCode: 2, stdout: '' });
    run('strip', '-o', 'stripped.o', 'part.o');
    expect((await cli('symbols', '--dynamic', 'stripped.o')).exitCode).toBe(2);
  });
});

test('sections are those of readelf', async () => {
  const { answer } = await json<Sections>('sections', library);
  expect(answer.schema).toBe('binary-detective/sections@1');
  const theirs = [...run('readelf', '-SW', library).matchAll(/^\s+\[\s*(\d+)\] (\.\S+)/gmu)].map(([, , name]) => name);
  expect(answer.sections.slice(1).map(({ name }) => name)).toEqual(theirs);
  const [largest] = (await json<Sections>('sections', '--sort', 'size', '--descending', '--limit', '1', library)).answer
    .sections;
  expect(largest).toMatchObject({ name: '.bss', type: 'NOBITS' });
  expect(largest?.size).toBeGreaterThanOrEqual(70_000);
});

test('strings are those of strings -a', async () => {
  const { answer } = await json<{ readonly strings: readonly { readonly string: string }[] }>('strings', library);
  expect(answer.schema).toBe('binary-detective/strings@1');
  const theirs = run('strings', '-a', library).trimEnd().split('\n');
  expect(answer.strings.map(({ string }) => string)).toEqual(theirs);
  const { stdout } = await cli('strings', '--minimum-length', '20', '--filter', '"text of"', library);
  expect(stdout).toMatch(/\.rodata\s+a text of the program\n$/u);
});

test.each(['symbols', 'sections', 'strings'])('the help of %s tells the filter', async verb => {
  const { stdout, exitCode } = await cli(verb, '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('--filter');
});
