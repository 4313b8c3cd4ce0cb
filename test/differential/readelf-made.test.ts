import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machine } from '../../language-server/elf/names/machines.ts';
import {
  buildElf,
  dynamicBytes,
  type ElfSpecification,
  fieldWriter,
  stringTable,
  symbolBytes,
} from '../support/elf-builder.ts';
import { allRows, differencesFromReadelf } from '../support/elf-compare.ts';
import { madeLibrary } from '../support/elf-made-library.ts';
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
    await check({ ...variant, ...madeLibrary(variant.class, variant.byteOrder) });
  });

  test('the same without section headers: all that segments give', async () => {
    const { sections, ...segmentsOnly } = madeLibrary(variant.class, variant.byteOrder);
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
