import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readOverview } from '../../../language-server/elf/overview.ts';
import { readRows } from '../../../language-server/elf/tables.ts';
import type { ElfOverview } from '../../../language-server/protocol/elf.ts';
import {
  buildElf,
  dynamicBytes,
  type ElfSpecification,
  fieldWriter,
  noteBytes,
  stringTable,
  symbolBytes,
} from '../../support/elf-builder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
let files = 0;

function write(specification: ElfSpecification): string {
  files += 1;
  const path = join(folder, `${files}.so`);
  writeFileSync(path, buildElf(specification));
  return path;
}

async function overviewOf(specification: ElfSpecification): Promise<ElfOverview> {
  return await readOverview(write(specification));
}

function rowCount({ tables }: ElfOverview, id: string): number {
  return tables.find(table => table.id === id)?.rowCount ?? 0;
}

/** A broken part is found at its offset, and the header is still shown. */
async function checkFound(specification: ElfSpecification, finding: object): Promise<ElfOverview> {
  const overview = await overviewOf(specification);
  expect(overview.findings).toContainEqual(expect.objectContaining(finding));
  expect(overview.identity.machine).toBe('Advanced Micro Devices X86-64');
  return overview;
}

const load = { type: 1, flags: 5, offset: 0, address: 0, fileBytes: 0x1000 };
const elf64 = fieldWriter();

describe('extended numbering (gABI, ELF Header)', () => {
  const many = 65_300;

  test('more than 65,279 sections, names by SHN_XINDEX', async () => {
    const layout = { sections: Array.from({ length: many }, () => ({ name: '.many', type: 8 })) };
    const bytes = buildElf({ ...layout, header: { sectionHeaderCount: 0, sectionNameIndex: 0xffff } });
    const table = Number(bytes.readBigUInt64LE(40));
    bytes.writeBigUInt64LE(BigInt(many + 2), table + 32);
    bytes.writeUInt32LE(many + 1, table + 40);
    const path = join(folder, 'many-sections.o');
    writeFileSync(path, bytes);
    const overview = await readOverview(path);
    expect(rowCount(overview, 'sections')).toBe(many + 2);
    expect(overview.findings).toEqual([]);
    const { rows } = await readRows(path, { table: 'sections', start: many, count: 10, filter: '' });
    expect(rows.map(({ cells }) => cells[1])).toEqual(['.many', '.shstrtab']);
  });

  test('PN_XNUM: the number of program headers in sh_info', async () => {
    const bytes = buildElf({
      segments: Array.from({ length: many }, () => ({ type: 4 })),
      sections: [],
      header: { programHeaderCount: 0xffff },
    });
    bytes.writeUInt32LE(many, Number(bytes.readBigUInt64LE(40)) + 44);
    const path = join(folder, 'many-segments.so');
    writeFileSync(path, bytes);
    const overview = await readOverview(path);
    expect(rowCount(overview, 'segments')).toBe(many);
    expect(overview.findings).toEqual([]);
  });

  test('symbols in sections beyond: SHT_SYMTAB_SHNDX', async () => {
    const names = stringTable(['', 'far']);
    const path = write({
      type: 1,
      sections: [
        {
          name: '.symtab',
          type: 2,
          link: 2,
          entryBytes: 24,
          bytes: Buffer.concat([symbolBytes(elf64, { name: 0 }), symbolBytes(elf64, { name: 1, section: 0xffff })]),
        },
        { name: '.strtab', type: 3, bytes: names.bytes },
        { name: '.symtab_shndx', type: 18, link: 1, bytes: Buffer.concat([elf64.u32(0), elf64.u32(70_000)]) },
      ],
    });
    const { rows } = await readRows(path, { table: 'symbols', start: 1, count: 1, filter: '' });
    expect(rows[0]?.cells.at(-1)).toBe('70000');
  });
});

describe('header tables', () => {
  test('e_shentsize 0', async () => {
    const overview = await checkFound(
      { sections: [{ name: '.x', type: 1 }], header: { sectionHeaderBytes: 0 } },
      { code: 'elf/section-header-size', expected: '64', actual: '0' },
    );
    expect(rowCount(overview, 'sections')).toBe(0);
  });

  test('e_phentsize too small', async () => {
    await checkFound(
      { segments: [load], header: { programHeaderBytes: 8 } },
      { code: 'elf/program-header-size', actual: '8' },
    );
  });

  test('larger headers than known: their first fields count', async () => {
    const bytes = Buffer.alloc(128);
    bytes.writeUInt32LE(1, 4);
    bytes.writeUInt32LE(7, 64 + 16 + 4);
    const overview = await overviewOf({
      contents: [{ offset: 64, bytes }],
      header: { sectionHeaderOffset: 64, sectionHeaderBytes: 80, sectionHeaderCount: 1 },
    });
    expect(rowCount(overview, 'sections')).toBe(1);
  });

  test('counts beyond the file', async () => {
    const overview = await checkFound(
      { segments: [load], header: { programHeaderCount: 60_000 } },
      { code: 'elf/program-headers-truncated', offset: 64 },
    );
    expect(rowCount(overview, 'segments')).toBeLessThan(200);
    await checkFound(
      { sections: [], header: { sectionHeaderOffset: 2n ** 63n } },
      { code: 'elf/section-headers-truncated' },
    );
    await checkFound(
      { header: { sectionHeaderOffset: 64, sectionHeaderCount: 0xfeff } },
      { code: 'elf/section-headers-truncated' },
    );
    await checkFound({ header: { sectionHeaderCount: 3 } }, { code: 'elf/section-headers-truncated' });
  });

  test('names in a section that does not exist, or is the table itself', async () => {
    await checkFound(
      { sections: [{ name: '.x', type: 1 }], header: { sectionNameIndex: 77 } },
      { code: 'elf/section-names', actual: '77' },
    );
    const path = write({ sections: [{ name: '.x', type: 1 }], header: { sectionNameIndex: 1 } });
    const { rows, findings } = await readRows(path, { table: 'sections', start: 0, count: 9, filter: '' });
    expect(rows[1]?.cells[1]).toBe('<corrupt>');
    expect(findings.map(({ code }) => code)).toContain('elf/string-offset');
  });

  test('a byte order and versions that do not exist', async () => {
    const bytes = buildElf({ header: { version: 9 } });
    bytes[5] = 3;
    bytes[6] = 2;
    const path = join(folder, 'versions.so');
    writeFileSync(path, bytes);
    const { findings } = await readOverview(path);
    expect(findings.filter(({ code }) => code === 'elf/header').map(({ offset }) => offset)).toEqual([5, 6, 20]);
  });
});

describe('sections and segments', () => {
  test('beyond the end of the file', async () => {
    await checkFound(
      { sections: [{ name: '.far', type: 1, offset: 2n ** 62n, size: 2n ** 63n }] },
      { code: 'elf/section-beyond-end', message: expect.stringContaining('.far') },
    );
    await checkFound({ segments: [{ ...load, fileBytes: 2n ** 63n }] }, { code: 'elf/segment-beyond-end', offset: 64 });
  });

  test('links to themselves and to nowhere', async () => {
    await checkFound(
      { sections: [{ name: '.symtab', type: 2, link: 1, size: 48, offset: 64 }] },
      { code: 'elf/section-link', message: expect.stringContaining('no string table') },
    );
    await checkFound(
      { sections: [{ name: '.s', type: 11, link: 99, size: 48, offset: 64 }] },
      { code: 'elf/section-link' },
    );
  });

  test('overlapping ones are shown as they are', async () => {
    const overview = await overviewOf({
      sections: [
        { name: '.a', type: 1, offset: 0, size: 64 },
        { name: '.b', type: 7, offset: 0, size: 64 },
      ],
    });
    expect(rowCount(overview, 'sections')).toBe(4);
  });

  test('a symbol table that says to have more than the file', async () => {
    const path = write({
      sections: [
        { name: '.symtab', type: 2, link: 2, offset: 64, size: 24_000_000, entryBytes: 24 },
        { name: '.strtab', type: 3, bytes: Buffer.of(0) },
      ],
    });
    const { total, findings } = await readRows(path, { table: 'symbols', start: 0, count: 1000, filter: '' });
    expect(total).toBeLessThan(50);
    expect(findings.map(({ code }) => code)).toContain('elf/symbols-truncated');
  });
});

describe('what no loader can map or find', () => {
  test('a segment whose alignment is no power of two, or does not fit its address', async () => {
    await checkFound({ segments: [{ ...load, alignment: 48 }] }, { code: 'elf/segment-alignment', actual: '0x30' });
    await checkFound(
      { segments: [{ ...load, offset: 0, address: 0x1234, alignment: 0x1000 }] },
      { code: 'elf/segment-alignment', offset: 64, actual: '0x1234' },
    );
  });

  test('a section whose alignment is no power of two', async () => {
    await checkFound(
      { sections: [{ name: '.x', type: 1, alignment: 6 }] },
      { code: 'elf/section-alignment', actual: '6' },
    );
  });

  test('sh_info beyond the sections and the symbols', async () => {
    await checkFound(
      { sections: [{ name: '.rela.x', type: 4, info: 9, entryBytes: 24 }] },
      { code: 'elf/section-info', actual: '9' },
    );
    await checkFound(
      { sections: [{ name: '.symtab', type: 2, info: 3, entryBytes: 24, bytes: Buffer.alloc(48), link: 2 }] },
      { code: 'elf/section-info', expected: expect.stringContaining('at most 2') },
    );
  });

  test('entries of another size than their section has', async () => {
    await checkFound(
      { sections: [{ name: '.dynamic', type: 6, entryBytes: 8 }] },
      { code: 'elf/entry-size', expected: '16', actual: '8' },
    );
  });

  test('a symbol in a section that is not there', async () => {
    const path = write({
      type: 1,
      sections: [
        { name: '.symtab', type: 2, link: 2, entryBytes: 24, bytes: symbolBytes(elf64, { name: 0, section: 77 }) },
        { name: '.strtab', type: 3, bytes: Buffer.of(0) },
      ],
    });
    const { findings } = await readRows(path, { table: 'symbols', start: 0, count: 9, filter: '' });
    expect(findings).toContainEqual(expect.objectContaining({ code: 'elf/symbol-section', actual: '77' }));
  });
});

describe('the dynamic section', () => {
  const dynamic = (entries: readonly (readonly [number, number | bigint])[]): ElfSpecification => {
    const bytes = dynamicBytes(elf64, entries);
    return {
      segments: [load, { type: 2, offset: 0x200, address: 0x200, fileBytes: bytes.length }],
      contents: [
        { offset: 0x200, bytes },
        { offset: 0xfff, bytes: Buffer.of(0) },
      ],
    };
  };

  test('without an end', async () => {
    await checkFound(dynamic([[1, 1]]), { code: 'elf/dynamic-unterminated', offset: 0x200, severity: 'error' });
  });

  test('with a string table in no segment', async () => {
    const overview = await checkFound(
      dynamic([
        [1, 1],
        [5, 2n ** 40n],
        [0, 0],
      ]),
      { code: 'elf/dynamic-strings' },
    );
    expect(overview.identity.needed).toEqual([]);
  });

  test('with addresses in no segment, and beyond the end of one', async () => {
    const area = (address: number | bigint, size: number) =>
      dynamic([
        [5, 0x300],
        [10, 8],
        [25, address],
        [27, size],
        [0, 0],
      ]);
    const code = 'elf/dynamic-address';
    await checkFound(area(2n ** 40n, 8), { code, offset: 0x200, message: expect.stringContaining('DT_INIT_ARRAY') });
    await checkFound(area(0xff8, 16), { code, expected: 'an end at 0x1000 or before', actual: '0x1008' });
    expect((await overviewOf(area(0xff8, 8))).findings.map(finding => finding.code)).not.toContain(code);
  });

  test('with sizes and counts that do not hold', async () => {
    const value = dynamic([
      [5, 0x300],
      [10, 8],
      [11, 16],
      [0x6ffffffe, 0x400],
      [0x6fffffff, 7],
      [0, 0],
    ]);
    const overview = await checkFound(value, { code: 'elf/dynamic-value', expected: '24', actual: '16' });
    expect(overview.findings).toContainEqual(
      expect.objectContaining({ code: 'elf/dynamic-value', message: expect.stringContaining('DT_VERNEEDNUM') }),
    );
    // The record of zeros there has no format either.
    expect(overview.findings).toContainEqual(expect.objectContaining({ code: 'elf/version-record', offset: 0x400 }));
  });

  test('with a hash table that claims more than the file has', async () => {
    const header = Buffer.concat([1, 0, 3, 0].map(elf64.u32));
    const specification = dynamic([
      [5, 0x300],
      [10, 8],
      [0x6ffffef5, 0x400],
      [0, 0],
    ]);
    const contents = [...(specification.contents ?? []), { offset: 0x400, bytes: header }];
    await checkFound({ ...specification, contents }, { code: 'elf/hash-table', offset: 0x400, actual: '3' });
  });

  test('with names beyond its string table', async () => {
    const overview = await checkFound(
      dynamic([
        [1, 500],
        [5, 0x300],
        [10, 8],
        [0, 0],
      ]),
      { code: 'elf/string-offset', actual: '0x1f4' },
    );
    expect(overview.identity.needed).toEqual(['<corrupt>']);
  });

  test('with version records that overlap and lead on and on', async () => {
    const record = Buffer.concat([elf64.half(1), elf64.half(0xffff), elf64.u32(0), elf64.u32(1), elf64.u32(1)]);
    const specification = dynamic([
      [5, 0x300],
      [10, 8],
      [0x6ffffffe, 0x400],
      [0, 0],
    ]);
    const contents = [
      ...(specification.contents ?? []),
      { offset: 0x400, bytes: Buffer.concat(Array.from({ length: 100 }, () => record)) },
    ];
    const overview = await overviewOf({ ...specification, contents });
    expect(rowCount(overview, 'versions')).toBeLessThan(200_000);
  });

  test('with a hash table of more buckets than bytes: symbols are not invented', async () => {
    const hash = Buffer.concat([0xffffffff, 1, 1, 0].map(elf64.u32));
    const specification = dynamic([
      [5, 0x300],
      [10, 8],
      [6, 0x320],
      [0x6ffffef5, 0x400],
      [0, 0],
    ]);
    const overview = await overviewOf({
      ...specification,
      contents: [...(specification.contents ?? []), { offset: 0x400, bytes: hash }],
    });
    expect(rowCount(overview, 'dynamic-symbols')).toBe(0);
    expect(overview.findings.map(({ code }) => code)).toContain('elf/symbol-count');
  });

  test('over NOBITS, as in separate debug files: nothing is made up from what is there', async () => {
    const bytes = dynamicBytes(elf64, [
      [1, 1],
      [1, 2],
      [0, 0],
    ]);
    const overview = await overviewOf({
      segments: [load, { type: 2, offset: 0x200, address: 0x200, fileBytes: bytes.length }],
      contents: [
        { offset: 0x200, bytes },
        { offset: 0xfff, bytes: Buffer.of(0) },
      ],
      sections: [
        { name: '.text', type: 8, flags: 6, address: 0x100, offset: 0x100, size: 16 },
        { name: '.dynamic', type: 8, flags: 3, address: 0x200, offset: 0x200, size: bytes.length },
      ],
    });
    expect(overview.identity).toMatchObject({ kind: 'debug-file', needed: [], soname: null });
    expect(rowCount(overview, 'dynamic')).toBe(0);
  });
});

describe('names and notes', () => {
  const symbolFile = (names: Uint8Array, offsets: readonly number[]): string =>
    write({
      type: 1,
      sections: [
        {
          name: '.symtab',
          type: 2,
          link: 2,
          entryBytes: 24,
          bytes: Buffer.concat(offsets.map(name => symbolBytes(elf64, { name }))),
        },
        { name: '.strtab', type: 3, bytes: names },
      ],
    });

  test('of megabytes are cut, and a page of them is no message of megabytes times a thousand', async () => {
    const path = symbolFile(
      Buffer.alloc(3_000_000, 'x'),
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    const { rows, findings } = await readRows(path, { table: 'symbols', start: 0, count: 1000, filter: '' });
    expect(JSON.stringify(rows).length).toBeLessThan(8 << 20);
    expect(rows).toHaveLength(1000);
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['elf/long-name', 'elf/long-rows']));
  });

  test('that are not UTF-8 or have no end', async () => {
    const path = symbolFile(Buffer.from('\0caf\xe9\0end', 'latin1'), [1, 6]);
    const { rows, findings } = await readRows(path, { table: 'symbols', start: 0, count: 9, filter: '' });
    expect(rows.map(({ cells }) => cells[1])).toEqual(['caf\udce9', 'end']);
    expect(findings.map(({ code }) => code)).toContain('elf/string-unterminated');
  });

  test('a thousand broken names are a few findings and a count', async () => {
    const path = symbolFile(
      Buffer.of(0),
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    const { findings } = await readRows(path, { table: 'symbols', start: 0, count: 1000, filter: '' });
    expect(findings.length).toBeLessThan(12);
    expect(findings.at(-1)?.message).toMatch(/in 99\d more places/u);
  });

  test('.note.dlopen: its JSON, cut off or not', async () => {
    const json = '[{"soname":["libz.so.1","libz.so"],"feature":"zip","priority":"suggested"}]';
    const rowOf = async (descriptor: Buffer): Promise<readonly string[]> => {
      const bytes = noteBytes(elf64, 'FDO', 0x407c0c0a, descriptor);
      const path = write({ sections: [{ name: '.note.dlopen', type: 7, bytes, alignment: 4 }] });
      const { rows } = await readRows(path, { table: 'notes', start: 0, count: 9, filter: '' });
      return rows[0]?.cells.slice(0, 5) ?? [];
    };
    const size = String(json.length + 1);
    expect(await rowOf(Buffer.from(`${json}\0`))).toEqual(['.note.dlopen', 'FDO', size, 'FDO_DLOPEN_METADATA', json]);
    expect((await rowOf(Buffer.from(json.slice(0, 20))))[4]).toBe(json.slice(0, 20));
  });

  test('a note that is larger than its section', async () => {
    const note = noteBytes(elf64, 'GNU', 3, Buffer.alloc(20));
    note.writeUInt32LE(0xfffffff0, 4);
    await checkFound(
      { sections: [{ name: '.note.x', type: 7, bytes: note, alignment: 4 }] },
      { code: 'elf/note-size', message: expect.stringContaining('.note.x') },
    );
  });
});
