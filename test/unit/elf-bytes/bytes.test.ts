import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readBytes } from '../../../language-server/elf/bytes/read-bytes.ts';
import type { ByteStructure } from '../../../language-server/protocol/elf-bytes.ts';
import { buildElf } from '../../support/elf-builder.ts';
import { type ReadelfAnswer, runReadelf } from '../../support/elf-readelf.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { allStructures, assemble, bytesByOd, field, numberOf, ofKind, type Target, targets } from './bytes-fixture.ts';

const folder = temporaryFolder();

const title = ({ prefix, wordBytes }: Target): string => `${prefix === '' ? 'host-' : prefix}${wordBytes * 8}`;

describe.each(targets.map(target => [title(target), target] as const))('a library for %s', (name, target) => {
  let path = '';
  let told: ReadelfAnswer;
  let found: readonly ByteStructure[];

  beforeAll(async () => {
    mkdirSync(join(folder, name));
    path = assemble(join(folder, name), target).library;
    told = runReadelf(path, ['-hW', '-lW', '-SW', '-dW', '-sW', '-nW', '-VW']);
    // A page that no structure ends with: those across its edges are found from both sides.
    found = await allStructures(path, 1000);
  });

  test('the header says what readelf -h says', () => {
    const [header] = ofKind(found, 'file-header');
    expect(numberOf(header, 'e_entry')).toBe(BigInt(told.header.get('Entry point address') ?? ''));
    const number = (label: string): bigint => BigInt(/\d+/u.exec(told.header.get(label) ?? '')?.[0] ?? '');
    expect(numberOf(header, 'e_phoff')).toBe(number('Start of program headers'));
    expect(numberOf(header, 'e_shoff')).toBe(number('Start of section headers'));
    expect(numberOf(header, 'e_phnum')).toBe(number('Number of program headers'));
    expect(numberOf(header, 'e_shstrndx')).toBe(number('Section header string table index'));
    expect(field(header, 'e_machine').value).toContain(told.header.get('Machine'));
    expect(header?.length).toBe(Number(number('Size of this header')));
  });

  test('the section headers and contents are those of readelf -S', () => {
    const headers = ofKind(found, 'section-header');
    const expected = told.sections.map(section => [
      section.nameAndType.split(' ')[0],
      BigInt(`0x${section.address}`),
      BigInt(`0x${section.offset}`),
      BigInt(`0x${section.size}`),
      BigInt(section.link),
      BigInt(section.info),
    ]);
    const words = ['sh_addr', 'sh_offset', 'sh_size', 'sh_link', 'sh_info'];
    // readelf does not print the name of section 0, which has none.
    expect(headers.slice(1).map(header => [header.value, ...words.map(word => numberOf(header, word))])).toEqual(
      expected.slice(1),
    );
    const contents = ofKind(found, 'section')
      .map(section => [section.name, section.start, section.length])
      .toSorted();
    expect(contents).toEqual(
      expected
        .map(([sectionName, , offset, size]) => [sectionName, Number(offset), Number(size)])
        .filter(([, , size]) => size !== 0)
        .toSorted(),
    );
  });

  test('the program headers and segments are those of readelf -l', () => {
    const words = ['p_offset', 'p_vaddr', 'p_paddr', 'p_filesz', 'p_memsz'];
    const numbers = ofKind(found, 'program-header').map(header => words.map(word => numberOf(header, word)));
    expect(numbers).toEqual(told.segments.map(segment => segment.numbers.map(BigInt)));
    const places = ofKind(found, 'segment').map(({ start, length }) => [BigInt(start), BigInt(length)]);
    const expected = numbers.map(([offset, , , size]) => [offset, size]).filter(([, size]) => size !== 0n);
    expect(places.toSorted()).toEqual(expected.toSorted());
  });

  test('the symbols are those of readelf -s', () => {
    for (const [prefix, table] of [
      ['dynamic symbol', '.dynsym'],
      ['symbol', '.symtab'],
    ]) {
      const symbols = ofKind(found, 'symbol').filter(symbol => symbol.name.startsWith(`${prefix} `));
      const expected = told.symbols.get(table ?? '') ?? [];
      expect(symbols.map(symbol => symbol.name)).toEqual(expected.map(({ number }) => `${prefix} ${number}`));
      expect(symbols.map(symbol => [symbol.value, numberOf(symbol, 'st_value'), numberOf(symbol, 'st_size')])).toEqual(
        expected.map(({ name: own, value, size }) => [own, BigInt(`0x${value}`), BigInt(size)]),
      );
      for (const [index, symbol] of symbols.entries()) {
        const { binding, type } = expected[index] ?? {};
        expect(field(symbol, 'st_info').value).toContain(`(${binding} ${type})`);
      }
    }
  });

  test('functions and objects are named on their bytes', () => {
    const sections = new Map(
      ofKind(found, 'section').map(({ name: section, start }) => [section, BigInt(start)] as const),
    );
    const addresses = new Map(
      told.sections.map(section => [section.nameAndType.split(' ')[0], BigInt(`0x${section.address}`)] as const),
    );
    const symbols = told.symbols.get('.symtab') ?? [];
    for (const [symbol, section, kind] of [
      ['shown', '.text', 'code'],
      ['inner', '.text', 'code'],
      ['counted', '.data', 'data'],
    ] as const) {
      const listed = symbols.find(({ name: own }) => own === symbol);
      const address = BigInt(`0x${listed?.value}`);
      const start = (sections.get(section) ?? 0n) + address - (addresses.get(section) ?? 0n);
      const named = ofKind(found, kind).find(({ name: own }) => own === symbol);
      expect([named?.start, named?.length]).toEqual([Number(start), Number(listed?.size)]);
      expect(named?.value).toContain(`0x${address.toString(16)}`);
    }
  });

  test('the dynamic entries are those of readelf -d', () => {
    const entries = ofKind(found, 'dynamic-entry');
    const expected = told.dynamic.map(({ tag, type }) => [BigInt(`0x${tag}`), `DT_${type}`]);
    expect(
      entries
        .slice(0, told.dynamic.length)
        .map(entry => [numberOf(entry, 'd_tag'), /DT_\w+/u.exec(entry.value)?.[0] ?? '']),
    ).toEqual(expected);
    expect(entries.find(entry => entry.value.startsWith('DT_SONAME'))?.value).toContain('[libsample.so.1]');
  });

  test('the notes are those of readelf -n, with owner and description', () => {
    const notes = ofKind(found, 'note');
    expect(notes.map(note => [field(note, 'name').value, Number(numberOf(note, 'n_descsz'))])).toEqual(
      told.notes.map(({ owner, size }) => [owner, Number.parseInt(size, 16)]),
    );
    const own = notes.find(note => note.value.startsWith('Own'));
    const { start, length } = field(own, 'desc');
    expect(bytesByOd(path, start, length)).toBe(Buffer.from('abcdef').toString('hex'));
  });

  test('the strings are where their bytes are', () => {
    const bytes = readFileSync(path);
    const strings = ofKind(found, 'string');
    expect(strings.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['libsample.so.1', 'one tool', 'another tool', '.init_array', 'shown', 'imported']),
    );
    for (const { start, length, value } of strings) {
      expect(bytes.subarray(start, start + length).toString()).toBe(`${value}\0`);
    }
  });

  test('relocations, initializers and hash tables have names', () => {
    const relocations = ofKind(found, 'relocation');
    expect(relocations.map(({ value }) => value)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^R_\w+ imported$/u)]),
    );
    const [initializer] = ofKind(found, 'word').filter(word => word.name === 'initializer 0');
    expect(initializer?.length).toBe(target.wordBytes);
    expect(ofKind(found, 'hash-table')).toHaveLength(2);
  });

  test('a page has the bytes that od prints, and only what lies on them', async () => {
    const { bytes, structures, offset, sizeBytes, command } = await readBytes(path, { offset: 100, length: 200 });
    expect(Buffer.from(bytes, 'base64').toString('hex')).toBe(bytesByOd(path, 100, 200));
    expect([offset, sizeBytes]).toEqual([100, readFileSync(path).length]);
    expect(command).toBe(`xxd -s 100 -l 200 ${path}`);
    for (const { start, length, fields } of structures) {
      for (const place of [{ start, length }, ...fields]) {
        expect(place.start).toBeLessThan(300);
        expect(place.start + place.length).toBeGreaterThan(100);
      }
    }
    const starts = structures.map(({ start }) => start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });
});

describe('a request', () => {
  test('gets 4096 bytes at most, and none behind the end', async () => {
    const path = join(folder, 'large');
    writeFileSync(path, buildElf({ contents: [{ offset: 10_000, bytes: Buffer.alloc(100, 7) }] }));
    const whole = await readBytes(path, { offset: 0, length: 1 << 30 });
    expect(Buffer.from(whole.bytes, 'base64')).toHaveLength(4096);
    const end = await readBytes(path, { offset: 10_090, length: 100 });
    expect(Buffer.from(end.bytes, 'base64')).toEqual(Buffer.alloc(10, 7));
    const behind = await readBytes(path, { offset: 2 ** 52, length: 16 });
    expect([behind.bytes, behind.structures]).toEqual(['', []]);
  });

  test('of a file whose sections all lie on the same bytes tells some of them, and a finding', async () => {
    const path = join(folder, 'overlapping');
    const sections = Array.from({ length: 3000 }, (_, index) => ({
      name: `.s${index}`,
      type: 1,
      offset: 0,
      size: 4096,
    }));
    writeFileSync(path, buildElf({ sections }));
    const { structures, findings } = await readBytes(path, { offset: 0, length: 16 });
    expect(ofKind(structures, 'section').length).toBe(2500);
    expect(findings.map(({ code }) => code)).toContain('elf/many-structures');
  });

  test('of a table that is cut off tells what is there', async () => {
    const path = join(folder, 'cut');
    const [target] = targets;
    if (target === undefined) throw new Error('There is no target.');
    const whole = readFileSync(assemble(folder, target).library);
    for (let size = 64; size < whole.length; size += 61) {
      writeFileSync(path, whole.subarray(0, size));
      const { structures } = await readBytes(path, { offset: Math.max(0, size - 300), length: 4096 });
      for (const { start, length } of structures) expect(start + length).toBeLessThanOrEqual(size);
    }
  });
});
