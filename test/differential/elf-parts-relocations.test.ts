import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import { relocationTypeName } from '../../language-server/elf/relocations/relocation-type-name.ts';
import { relocationsTable } from '../../language-server/elf/relocations/relocations-table.ts';
import { encodeBytes } from '../../language-server/native/byte-text.ts';
import { filesBeginning, machineFolders } from '../support/elf-parts-files.ts';
import {
  fieldsOf,
  type PrintedRelocation,
  printedRelocations,
  type RelocationFile,
  relocationFile,
} from '../support/elf-parts-relocations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

function ours(path: string): Promise<readonly PrintedRelocation[]> {
  return withElfFile(path, file => {
    const rows = relocationsTable.open(file);
    return (rows?.page(0, rows.count) ?? []).map(
      ([offset = '', type = '', symbol = '', addend = '', section = '']) => ({
        section: printed(section),
        offset: offset.slice(2),
        type,
        symbol: printed(symbol),
        addend,
      }),
    );
  });
}

const printed = (name: string): string => encodeBytes(name).toString('latin1');

/** readelf prints of RELR nothing but addresses. */
function comparable(rows: readonly PrintedRelocation[]): readonly string[] {
  return rows.map(({ section, offset, type, symbol, addend }) =>
    /relr/u.test(section) ? `${section} ${offset}` : `${section} ${offset} ${type} ${symbol.trim()} ${addend}`,
  );
}

async function disagreements(path: string): Promise<readonly string[]> {
  const [mine, theirs] = [comparable(await ours(path)), comparable(printedRelocations(path))];
  if (mine.length !== theirs.length) return [`${path}: ${mine.length} of ${theirs.length} relocations`];
  const at = mine.findIndex((row, index) => row !== theirs[index]);
  return at < 0 ? [] : [`${path}: "${mine[at]}" against "${theirs[at]}"`];
}

/** All machines with a list of their own, in a class and byte order that they have. */
const machines = [
  ['x86-64', 62, 64, 'little'],
  ['x32', 62, 32, 'little'],
  ['i386', 3, 32, 'little'],
  ['aarch64', 183, 64, 'little'],
  ['aarch64 ilp32', 183, 32, 'little'],
  ['arm', 40, 32, 'little'],
  ['riscv64', 243, 64, 'little'],
  ['riscv32', 243, 32, 'little'],
  ['ppc', 20, 32, 'big'],
  ['ppc64', 21, 64, 'big'],
  ['ppc64le', 21, 64, 'little'],
  ['s390x', 22, 64, 'big'],
  ['s390', 22, 32, 'big'],
  ['mips', 8, 32, 'big'],
  ['loongarch64', 258, 64, 'little'],
  ['sparc', 2, 32, 'big'],
  ['sparc v9', 43, 64, 'big'],
  ['m68k', 4, 32, 'big'],
  ['sh', 42, 32, 'little'],
  ['hppa', 15, 32, 'big'],
  ['hppa64', 15, 64, 'big'],
  ['ia64', 50, 64, 'little'],
  ['alpha', 0x9026, 64, 'little'],
  ['arc', 93, 32, 'little'],
  ['arc v2', 195, 32, 'little'],
  ['amdgpu', 224, 64, 'little'],
  ['avr', 83, 32, 'little'],
  ['csky', 252, 32, 'little'],
  ['cris', 76, 32, 'little'],
  ['microblaze', 189, 32, 'big'],
  ['nios2', 113, 32, 'little'],
  ['or1k', 92, 32, 'big'],
  ['xtensa', 94, 32, 'little'],
  ['tilegx', 191, 64, 'little'],
  ['msp430', 105, 32, 'little'],
] as const;

function entries(file: Omit<RelocationFile, 'contents'>, types: readonly number[]): Buffer {
  const { word } = fieldsOf(file);
  const symbols = file.symbols?.length ?? 0;
  return Buffer.concat(
    types.flatMap((type, index) => {
      const symbol = symbols === 0 ? 0 : index % (symbols + 1);
      const info = file.class === 64 ? (BigInt(symbol) << 32n) | BigInt(type) : (symbol << 8) | type;
      const addend = ((index % 5) - 2) * 0x1234;
      return [word(index * 8), word(info), ...(file.sectionType === 4 ? [word(addend)] : [])];
    }),
  );
}

function write(name: string, file: RelocationFile): string {
  const path = join(folder, `${name.replace(/\W/gu, '-')}.o`);
  writeFileSync(path, relocationFile(file));
  return path;
}

test.each(machines)('every relocation type of %s', (name, machine, bits, order) => {
  const types = Array.from({ length: bits === 32 || machine === 43 ? 256 : 2048 }, (_, type) => type);
  const shape = { machine, class: bits, order, sectionType: 4 } as const;
  const rows = printedRelocations(write(`types ${name}`, { ...shape, contents: entries(shape, types) }));
  expect(rows.length).toBe(types.length);
  let known = 0;
  const wrong = types.filter(type => {
    const theirs = rows[type]?.type.replace(/ \(.*\)$/u, '') ?? '';
    // What is newer than the readelf at hand, it cannot name.
    if (theirs.startsWith('unrecognized')) return false;
    known += 1;
    return relocationTypeName(machine, bits, type) !== theirs;
  });
  expect(known).toBeGreaterThan(10);
  expect(wrong.map(type => `${relocationTypeName(machine, bits, type)} is ${rows[type]?.type}`)).toEqual([]);
});

const shapes = [
  ...machines.map(([name, machine, bits, order]) => [name, machine, bits, order] as const),
  ['mips64', 8, 64, 'big'],
  ['mips64el', 8, 64, 'little'],
] as const;

test.each(shapes)('offsets, symbols and addends of %s', async (name, machine, class_, order) => {
  const symbols = ['first', 'second_with_a_rather_long_name_that_is_not_cut', '_ZN5third4nameEv'];
  for (const sectionType of [4, 9]) {
    const shape = { machine, class: class_, order, sectionType, symbols } as const;
    const types = Array.from({ length: 60 }, (_, index) => index % 5);
    const contents = name.startsWith('mips64') ? mips64Entries(shape) : entries(shape, types);
    expect(await disagreements(write(`${name} ${sectionType}`, { ...shape, contents }))).toEqual([]);
  }
});

/** Three types a relocation, and a symbol index in the byte order of the file. */
function mips64Entries(file: Omit<RelocationFile, 'contents'>): Buffer {
  const { word, word32 } = fieldsOf(file);
  const threes = [
    [5, 0, 0],
    [7, 24, 5],
    [7, 24, 6],
    [18, 0, 0],
    [3, 18, 0],
    [0, 0, 0],
  ] as const;
  return Buffer.concat(
    threes.flatMap(([first, second, third], index) => [
      word(index * 8),
      word32(index % 4),
      Buffer.from([0, third, second, first]),
      ...(file.sectionType === 4 ? [word(index - 2)] : []),
    ]),
  );
}

test.each([
  [32, 'little', 3],
  [64, 'little', 62],
  [32, 'big', 20],
  [64, 'big', 22],
] as const)('RELR of %d bits, %s-endian', async (class_, order, machine) => {
  const { word } = fieldsOf({ class: class_, order });
  // Addresses and bitmaps in many patterns; over 512 words, so that decoding begins in the middle too.
  const words = Array.from({ length: 3000 }, (_, index) =>
    index % 3 === 0 ? BigInt(index * 0x1000) : BigInt.asUintN(class_, BigInt(index) * 0x9e3779b97f4a7c15n) | 1n,
  );
  const path = write(`relr ${class_} ${order}`, {
    machine,
    class: class_,
    order,
    sectionType: 19,
    contents: Buffer.concat(words.map(word)),
  });
  const theirs = printedRelocations(path).map(({ offset }) => BigInt(`0x${offset}`));
  expect(theirs.length).toBeGreaterThan(10_000);
  await withElfFile(path, file => {
    const rows = relocationsTable.open(file);
    expect(rows?.count).toBe(theirs.length);
    for (let first = 0; first < theirs.length; first += 997) {
      const page = rows?.page(first, 50).map(([offset = '']) => BigInt(offset));
      expect(page).toEqual(theirs.slice(first, first + 50));
    }
  });
});

test('a library linked with RELR, and the same without section headers', async () => {
  const source = join(folder, 'packed.c');
  writeFileSync(
    source,
    'extern int there, call(void); static int here; int *p[200] = {&here, 0, &here}; int *q = &there; int *r[9] = {&here, &here};\nint f(void) { return call(); }',
  );
  const path = join(folder, 'packed.so');
  execFileSync('cc', ['-shared', '-fPIC', '-nostdlib', '-Wl,-z,pack-relative-relocs', '-o', path, source]);
  const rows = printedRelocations(path);
  expect(rows.filter(({ section }) => section === '.relr.dyn').length).toBe(4);
  expect(await disagreements(path)).toEqual([]);
  const headless = join(folder, 'headless.so');
  const bytes = readFileSync(path);
  // e_shoff, e_shnum and e_shstrndx.
  bytes.fill(0, 0x28, 0x30);
  bytes.fill(0, 0x3c, 0x40);
  writeFileSync(headless, bytes);
  const names = new Map([
    ['.rela.dyn', 'DT_RELA'],
    ['.rela.plt', 'DT_JMPREL'],
    ['.relr.dyn', 'DT_RELR'],
  ]);
  const key = ({ section, ...row }: PrintedRelocation): string => JSON.stringify([names.get(section) ?? section, row]);
  const expected = (await ours(path)).map(key).sort();
  expect((await ours(headless)).map(key).sort()).toEqual(expected);
});

test('how Alpha says in which way a literal is used', async () => {
  const shape = { machine: 0x9026, class: 64, order: 'little', sectionType: 4 } as const;
  const { word } = fieldsOf(shape);
  const contents = Buffer.concat(Array.from({ length: 7 }, (_, use) => [word(use * 8), word(5), word(use)]).flat());
  const path = write('lituse', { ...shape, contents });
  expect((await ours(path)).map(({ type }) => type)).toEqual(printedRelocations(path).map(({ type }) => type));
});

const most = Number(process.env['BINARY_DETECTIVE_TEST_FILES'] ?? 300);
const elfs = filesBeginning(machineFolders, ['\x7fELF']).filter(path => statSync(path).size < 40 << 20);
const step = Math.max(1, elfs.length / most);
const chosen = Array.from({ length: Math.floor(elfs.length / step) }, (_, at) => elfs[Math.floor(at * step)] ?? '');

test(
  `${chosen.length} of the ${elfs.length} ELF files of this machine`,
  async () => {
    expect(chosen.length).toBeGreaterThan(100);
    const wrong: string[] = [];
    for (const path of chosen) wrong.push(...(await disagreements(path)));
    expect(wrong).toEqual([]);
    // With `BINARY_DETECTIVE_TEST_FILES=100000` there are thousands.
  },
  300_000 + 500 * chosen.length,
);
