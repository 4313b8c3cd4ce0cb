import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBytes } from '../../../language-server/elf/bytes/read-bytes.ts';
import { readRowRange } from '../../../language-server/elf/bytes/row-range.ts';
import { readRows } from '../../../language-server/elf/tables.ts';
import type { ByteStructureKind, FileRange } from '../../../language-server/protocol/elf-bytes.ts';
import { runReadelf } from '../../support/elf-readelf.ts';
import { compileLibrary } from '../../support/sample-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { assemble, ofKind, targets } from './bytes-fixture.ts';

const folder = temporaryFolder();

/** The structure that begins where a row is said to be, and has its length. */
async function structureAt(path: string, { offset, length }: FileRange, kind: ByteStructureKind) {
  const { structures } = await readBytes(path, { offset, length });
  return ofKind(structures, kind).find(candidate => candidate.start === offset && candidate.length === length);
}

const cases = targets.flatMap(target =>
  (['object', 'library'] as const).map(
    file => [`${target.prefix}${target.wordBytes * 8} ${file}`, target, file] as const,
  ),
);

describe.each(cases)('%s', (name, target, file) => {
  mkdirSync(join(folder, name));
  const path = assemble(join(folder, name), target)[file];
  const bytes = readFileSync(path);
  const told = runReadelf(path, ['-hW', '-lW', '-SW', '-dW', '-sW', '-nW']);

  test('rows are where the structures of their tables are', async () => {
    const tables: readonly (readonly [string, ByteStructureKind, string, number])[] = [
      ['sections', 'section-header', 'section header', told.sections.length],
      ['segments', 'program-header', 'program header', told.segments.length],
      ['dynamic', 'dynamic-entry', 'dynamic entry', told.dynamic.length],
      ['symbols', 'symbol', 'symbol', told.symbols.get('.symtab')?.length ?? 0],
      ['dynamic-symbols', 'symbol', 'dynamic symbol', told.symbols.get('.dynsym')?.length ?? 0],
      ['notes', 'note', 'note', told.notes.length],
    ];
    let rows = 0;
    for (const [table, kind, title, count] of tables) {
      for (let index = 0; index < count; index += 1) {
        const { entry } = await readRowRange(path, { table, index });
        expect((await structureAt(path, entry, kind))?.name, `${table} ${index}`).toBe(`${title} ${index}`);
        rows += 1;
      }
    }
    expect(rows).toBeGreaterThan(15);
  });

  test('sections and segments have the contents that readelf tells', async () => {
    for (const [index, { offset, size, nameAndType }] of told.sections.entries()) {
      const { contents } = await readRowRange(path, { table: 'sections', index });
      const length = nameAndType.endsWith('NOBITS') ? 0 : Number.parseInt(size, 16);
      expect(contents).toEqual(length === 0 ? null : { offset: Number.parseInt(offset, 16), length });
    }
    for (const [index, { numbers }] of told.segments.entries()) {
      const { contents } = await readRowRange(path, { table: 'segments', index });
      const [offset, length] = [Number(numbers[0]), Number(numbers[3])];
      expect(contents).toEqual(length === 0 ? null : { offset, length });
    }
  });

  test('symbols have the bytes that they name, or none', async () => {
    const rows = told.symbols.get('.symtab') ?? [];
    const contentsOf = (symbol: string) =>
      readRowRange(path, { table: 'symbols', index: rows.findIndex(row => row.name === symbol) });
    const text = told.sections.find(({ nameAndType }) => nameAndType === '.text PROGBITS');
    const start = Number.parseInt(text?.offset ?? '', 16);
    // In the source, `inner` comes 16 bytes behind `shown`, which comes first.
    expect((await contentsOf('shown')).contents).toEqual({ offset: start, length: 16 });
    expect((await contentsOf('inner')).contents).toEqual({ offset: start + 16, length: 8 });
    expect((await contentsOf('imported')).contents).toBeNull();
  });

  test('relocations are where readelf prints them to be', async () => {
    const printed = execFileSync('readelf', ['-rW', path], { encoding: 'utf8' });
    const tables = [...printed.matchAll(/^Relocation section '.*' at offset 0x([\da-f]+) contains (\d+) entr/gmu)];
    const starts = tables.map(([, offset, count]) => ({
      offset: Number.parseInt(offset ?? '', 16),
      count: Number(count),
    }));
    let index = 0;
    for (const { offset, count } of starts) {
      for (let own = 0; own < count; own += 1, index += 1) {
        const { entry } = await readRowRange(path, { table: 'relocations', index });
        expect(entry.offset).toBe(offset + own * entry.length);
        expect(entry.length % target.wordBytes).toBe(0);
        const structure = await structureAt(path, entry, 'relocation');
        expect(structure?.name).toMatch(new RegExp(` entry ${own}$`, 'u'));
      }
    }
    expect(index).toBeGreaterThan(1);
    await expect(readRowRange(path, { table: 'relocations', index })).rejects.toMatchObject({ kind: 'invalidParams' });
  });

  test('a relocation changes the word of the data that it is for', async () => {
    const lines = execFileSync('readelf', ['-rW', path], { encoding: 'utf8' }).split('\n');
    const index = lines.filter(line => /^[\da-f]{8}/u.test(line)).findIndex(line => line.includes('imported'));
    const { contents } = await readRowRange(path, { table: 'relocations', index });
    const counted = (told.symbols.get('.symtab') ?? []).findIndex(row => row.name === 'counted');
    const symbol = await readRowRange(path, { table: 'symbols', index: counted });
    expect(contents).toEqual({ offset: symbol.contents?.offset, length: target.wordBytes });
    expect(bytes.length).toBeGreaterThan(contents?.offset ?? Number.POSITIVE_INFINITY);
  });
});

test('a relative relocation is in the word that its address comes from', async () => {
  const pointers = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? '0' : '&value')).join(', ');
  const source = `static int value; void *many[] = {${pointers}};`;
  const options = ['-Wl,-z,pack-relative-relocs', '-Wl,--hash-style=gnu', '-nostdlib'];
  const path = compileLibrary(folder, 'librelr.so', source, options);
  const { sections } = runReadelf(path, ['-SW']);
  const section = sections.find(({ nameAndType }) => nameAndType === '.relr.dyn RELR');
  const bytes = readFileSync(path);
  const start = Number.parseInt(section?.offset ?? '', 16);
  const words = Number.parseInt(section?.size ?? '', 16) / 8;
  expect(words).toBeGreaterThan(2);
  const bitsOf = (word: number): number => {
    const value = bytes.readBigUInt64LE(start + 8 * word);
    return (value & 1n) === 0n ? 1 : value.toString(2).replaceAll('0', '').length - 1;
  };
  let index = 0;
  for (let word = 0; word < words; word += 1) {
    for (let bit = 0; bit < bitsOf(word); bit += 1, index += 1) {
      const { entry } = await readRowRange(path, { table: 'relocations', index });
      expect(entry).toEqual({ offset: start + 8 * word, length: 8 });
    }
  }
});

test('versions and initializers are where readelf and nm say', async () => {
  const script = join(folder, 'versions.map');
  writeFileSync(script, 'LIB_1 { global: shown; local: *; };');
  const source =
    '#include <stdio.h>\nint shown(void) { return puts(""); } __attribute__((constructor)) void early(void) {}';
  const path = compileLibrary(folder, 'libversions.so', source, [`-Wl,--version-script=${script}`]);
  const printed = execFileSync('readelf', ['-VW', path], { encoding: 'utf8' });
  const defined = (printed.match(/Rev: /gu) ?? []).length;
  const needed = (printed.match(/^ {2}0x[\da-f]+: {3}Name: .* Flags: /gmu) ?? []).length;
  expect(defined).toBeGreaterThan(1);
  expect(needed).toBeGreaterThan(0);
  for (let index = 0; index < defined + needed; index += 1) {
    const { entry } = await readRowRange(path, { table: 'versions', index });
    const structure = await structureAt(path, entry, 'version');
    expect(structure?.name).toBe(index < defined ? 'defined version' : 'needed version');
  }
  const initializers = await readRows(path, { table: 'initializers', start: 0, count: 100, filter: '' });
  for (const { index, cells } of initializers.rows) {
    const { entry, contents } = await readRowRange(path, { table: 'initializers', index });
    const kind = cells[1] === '' ? 'dynamic-entry' : 'word';
    expect(await structureAt(path, entry, kind)).toBeDefined();
    expect(contents === null).toBe(kind === 'word');
  }
  expect(initializers.rows.map(({ cells }) => cells[0])).toEqual(
    expect.arrayContaining(['init', 'init array', 'fini']),
  );
});

test('thread-local symbols have their initial bytes; those without bytes have none', async () => {
  const path = compileLibrary(
    folder,
    'libtls.so',
    '__thread long first = 0x1122334455667788; __thread long zero; long empty; long full = 0x99;',
  );
  const rows = runReadelf(path, ['-sW']).symbols.get('.symtab') ?? [];
  const bytesOf = async (symbol: string): Promise<string | null> => {
    const index = rows.findIndex(({ name }) => name === symbol);
    const { contents } = await readRowRange(path, { table: 'symbols', index });
    if (contents === null) return null;
    return readFileSync(path)
      .subarray(contents.offset, contents.offset + contents.length)
      .toString('hex');
  };
  expect(await bytesOf('first')).toBe('8877665544332211');
  expect(await bytesOf('full')).toBe('9900000000000000');
  expect(await bytesOf('zero')).toBeNull();
  expect(await bytesOf('empty')).toBeNull();
});

test.each([
  ['strings', 0],
  ['toString', 0],
  ['sections', 10_000],
  ['notes', 10_000],
  ['symbols', 10_000_000],
])('%s %i is refused', async (table, index) => {
  const path = join(folder, 'plain.so');
  writeFileSync(path, readFileSync(compileLibrary(folder, 'libplain.so', 'int value;')));
  await expect(readRowRange(path, { table, index })).rejects.toMatchObject({ kind: 'invalidParams' });
});
