import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machine } from '../../language-server/elf/names/machines.ts';
import {
  buildElf,
  dynamicBytes,
  type ElfSpecification,
  fieldWriter,
  noteBytes,
  stringTable,
  symbolBytes,
} from '../support/elf-builder.ts';
import { allRows, differencesFromReadelf } from '../support/elf-compare.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Against readelf on files made byte by byte: machines, classes and byte orders that this machine has no files of. */
const folder = temporaryFolder();
let files = 0;

function write(specification: ElfSpecification): string {
  files += 1;
  const path = join(folder, `${files}.elf`);
  writeFileSync(path, buildElf(specification));
  return path;
}

async function check(specification: ElfSpecification): Promise<void> {
  expect(await differencesFromReadelf(write(specification))).toEqual([]);
}

const classes = [32, 64] as const;
const byteOrders = ['little', 'big'] as const;
const variants = classes.flatMap(elfClass => byteOrders.map(byteOrder => ({ class: elfClass, byteOrder })));
const machines = Object.entries(machine).map(([name, code]) => ({ name, code }));
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe.for(variants)('ELF$class, $byteOrder-endian', variant => {
  test('a shared library with everything that a loader reads', async () => {
    await check({ ...variant, ...library(variant.class, variant.byteOrder) });
  });

  test('the same without section headers: all that segments give', async () => {
    const { sections, ...segmentsOnly } = library(variant.class, variant.byteOrder);
    const bare = write(segmentsOnly);
    const whole = write({ ...segmentsOnly, sections: sections ?? [] });
    expect(await differencesFromReadelf(bare)).toEqual([]);
    for (const table of ['dynamic', 'dynamic-symbols', 'versions']) {
      const rows = await allRows(bare, table);
      expect(rows.length).toBeGreaterThan(3);
      // The names of the sections of symbols are known by section headers only.
      const known = (row: readonly string[]) => (table === 'dynamic-symbols' ? row.slice(0, -1) : row);
      expect(rows.map(known)).toEqual((await allRows(whole, table)).map(known));
    }
  });
});

describe.for(machines)('names of $name', ({ code }) => {
  test('section types', async () => {
    const types = [
      10,
      ...range(14, 16),
      0x6ffffff6,
      0x6ffffff7,
      ...range(0x70000000, 0x70000003),
      0x60001001,
      0x80000001,
    ];
    const sections = types.map(type => ({ name: `.s${type.toString(16)}`, type, size: 0 }));
    await check({ machine: code, type: 1, sections });
  });

  test('segment types', async () => {
    const types = [
      0,
      5,
      7,
      8,
      ...range(0x6474e550, 0x6474e554),
      ...range(0x70000000, 0x70000003),
      0x60000001,
      0x6474e556,
    ];
    await check({ machine: code, osAbi: 3, type: 2, segments: types.map(type => ({ type })) });
  });

  test('symbols', async () => {
    const write = fieldWriter();
    const names = stringTable(['', 'a']);
    const symbols = [
      ...range(0, 2).map(info => ({ name: 1, info, section: 1 })),
      ...range(4, 15).map(info => ({ name: 1, info, section: 1 })),
      ...range(0, 15).map(binding => ({ name: 1, info: binding << 4, section: 1 })),
      ...[1, 2, 3, 0x20, 0x60, 0x80].map(other => ({ name: 1, other, section: 1 })),
      ...[0xff01, 0xff1f, 0xff20, 0xff3f, 0xff40, 0xfff1, 0xfff2, 0].map(section => ({ name: 1, section })),
    ];
    await check({
      machine: code,
      type: 1,
      sections: [
        { name: '.text', type: 1 },
        {
          name: '.symtab',
          type: 2,
          link: 3,
          entryBytes: 24,
          bytes: Buffer.concat(symbols.map(symbol => symbolBytes(write, symbol))),
        },
        { name: '.strtab', type: 3, bytes: names.bytes },
      ],
    });
  });
});

test('dynamic tags and their values', async () => {
  const write = fieldWriter();
  const tags = [
    ...range(1, 37).filter(tag => tag !== 31),
    ...range(0x6ffffdf4, 0x6ffffe00),
    ...range(0x6ffffef5, 0x6fffffff),
    0x7ffffffd,
    0x7fffffff,
    0x6000000e,
    0x7ffffff0,
  ];
  // Not those that lead to other places: names, string table, symbols, versions.
  const passive = tags.filter(
    tag => ![1, 4, 5, 6, 14, 15, 29, 0x6ffffef5, 0x6ffffff0, 0x6ffffffc, 0x6ffffffe].includes(tag),
  );
  const bytes = dynamicBytes(write, [
    ...passive.map(tag => [tag, 3] as const),
    [20, 7],
    [20, 17],
    [30, 0x1f],
    [0x6ffffffb, 0x7fffffff],
    [0, 0],
  ]);
  const offset = 0x1000;
  await check({
    segments: [
      { type: 1, offset: 0, address: 0, fileBytes: offset + bytes.length },
      { type: 2, offset, address: offset, fileBytes: bytes.length },
    ],
    contents: [{ offset, bytes }],
  });
});

test('section flags', async () => {
  const flags = [...range(0, 27).map(bit => 2 ** bit), 0x10000000, 0x80000000, 3, 6, 7, 0x32];
  for (const code of [machine.x86_64, machine.arm, machine.riscv]) {
    for (const osAbi of [0, 3]) {
      await check({
        machine: code,
        osAbi,
        sections: flags.map((value, index) => ({ name: `.f${index}`, type: 8, flags: value })),
      });
    }
  }
});

/** Everything by address and by section at once, all contents in one page behind the headers. */
function library(elfClass: 32 | 64, byteOrder: 'little' | 'big'): ElfSpecification {
  const write = fieldWriter(elfClass, byteOrder);
  const base = 0x400000;
  const names = stringTable([
    '',
    'libmade.so.1',
    'libneeded.so.2',
    'own',
    'needed_one',
    'NEED_1.2',
    'MADE_1',
    '/some/where',
    'hidden_one',
    'MADE_2',
  ]);
  const name = names.offsetOf;
  const at = {
    strings: 0x400,
    symbols: 0x500,
    versions: 0x600,
    needs: 0x620,
    definitions: 0x680,
    hash: 0x720,
    notes: 0x780,
    dynamic: 0x800,
    interpreter: 0x3f0,
  };
  const symbols = Buffer.concat(
    [
      { name: 0 },
      { name: name('needed_one'), info: 0x12 },
      { name: name('own'), info: 0x12, section: 1, value: base + 0x10, size: 16 },
      { name: name('hidden_one'), info: 0x21, section: 1, value: base + 0x20, size: 200_000, other: 2 },
    ].map(symbol => symbolBytes(write, symbol)),
  );
  const versions = Buffer.concat([0, 4, 2, 0x8003].map(write.half));
  const aux = Buffer.concat([
    write.u32(0x1234),
    write.half(0),
    write.half(4),
    write.u32(name('NEED_1.2')),
    write.u32(0),
  ]);
  const needs = Buffer.concat([
    write.half(1),
    write.half(1),
    write.u32(name('libneeded.so.2')),
    write.u32(16),
    write.u32(0),
    aux,
  ]);
  const definition = (flags: number, index: number, names_: readonly string[], last: boolean): Buffer =>
    Buffer.concat([
      write.half(1),
      write.half(flags),
      write.half(index),
      write.half(names_.length),
      write.u32(0x99),
      write.u32(20),
      write.u32(last ? 0 : 20 + 8 * names_.length),
      ...names_.map((text, position) =>
        Buffer.concat([write.u32(name(text)), write.u32(position + 1 < names_.length ? 8 : 0)]),
      ),
    ]);
  const definitions = Buffer.concat([
    definition(1, 1, ['libmade.so.1'], false),
    definition(0, 2, ['MADE_1'], false),
    definition(2, 3, ['MADE_2', 'MADE_1'], true),
  ]);
  const hash = Buffer.concat([1, 4, 1, 0, 0, 3, 0].map(write.u32));
  const notes = Buffer.concat([
    noteBytes(write, 'GNU', 3, Buffer.from('0123456789abcdef0123456789abcdef01234567', 'hex')),
    noteBytes(write, 'GNU', 1, Buffer.concat([0, 3, 2, 0].map(write.u32))),
    noteBytes(write, 'Odd', 77, Buffer.of(1, 2, 3)),
  ]);
  const dynamic = dynamicBytes(write, [
    [1, name('libneeded.so.2')],
    [14, name('libmade.so.1')],
    [29, name('/some/where')],
    [5, base + at.strings],
    [10, names.bytes.length],
    [6, base + at.symbols],
    [11, symbols.length / 4],
    [4, base + at.hash],
    [0x6ffffff0, base + at.versions],
    [0x6ffffffe, base + at.needs],
    [0x6fffffff, 1],
    [0x6ffffffc, base + at.definitions],
    [0x6ffffffd, 3],
    [0x6ffffffb, 1],
    [0, 0],
  ]);
  const interpreter = Buffer.from('/lib/ld.so.9\0');
  const section = (sectionName: string, type: number, offset: number, bytes: Buffer, more: object) => ({
    name: sectionName,
    type,
    flags: 2,
    address: base + offset,
    offset,
    size: bytes.length,
    ...more,
  });
  const segment = (type: number, offset: number, bytes: Buffer, flags = 4) => ({
    type,
    flags,
    offset,
    address: base + offset,
    fileBytes: bytes.length,
    alignment: 4,
  });
  return {
    class: elfClass,
    byteOrder,
    machine: byteOrder === 'big' ? machine.sparcV9 : machine.x86_64,
    segments: [
      { type: 1, flags: 5, offset: 0, address: base, fileBytes: 0xa00, alignment: 0x1000 },
      segment(2, at.dynamic, dynamic, 6),
      segment(3, at.interpreter, interpreter),
      segment(4, at.notes, notes),
      { type: 0x6474e551, flags: 6, alignment: 16 },
      { type: 0x6474e552, flags: 4, offset: at.dynamic, address: base + at.dynamic, fileBytes: dynamic.length },
    ],
    contents: [
      { offset: at.interpreter, bytes: interpreter },
      { offset: at.strings, bytes: names.bytes },
      { offset: at.symbols, bytes: symbols },
      { offset: at.versions, bytes: versions },
      { offset: at.needs, bytes: needs },
      { offset: at.definitions, bytes: definitions },
      { offset: at.hash, bytes: hash },
      { offset: at.notes, bytes: notes },
      { offset: at.dynamic, bytes: dynamic },
      { offset: 0x9ff, bytes: Buffer.of(0) },
    ],
    sections: [
      section('.hash', 5, at.hash, hash, { link: 2, entryBytes: 4, alignment: 4 }),
      section('.dynsym', 11, at.symbols, symbols, { link: 3, info: 1, entryBytes: symbols.length / 4, alignment: 8 }),
      section('.dynstr', 3, at.strings, names.bytes, {}),
      section('.gnu.version', 0x6fffffff, at.versions, versions, { link: 2, entryBytes: 2 }),
      section('.gnu.version_d', 0x6ffffffd, at.definitions, definitions, { link: 3, info: 3 }),
      section('.gnu.version_r', 0x6ffffffe, at.needs, needs, { link: 3, info: 1 }),
      section('.note.made', 7, at.notes, notes, { alignment: 4 }),
      section('.dynamic', 6, at.dynamic, dynamic, { link: 3, flags: 3, entryBytes: dynamic.length / 15 }),
      section('.interp', 1, at.interpreter, interpreter, {}),
    ],
  };
}
