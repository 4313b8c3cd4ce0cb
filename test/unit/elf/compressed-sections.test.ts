import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRows } from '../../../language-server/elf/tables.ts';
import { buildElf, fieldWriter } from '../../support/elf-builder.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());

/** Name, method and size of each compressed section. */
async function check(file: string): Promise<readonly (readonly (string | undefined)[])[]> {
  const { rows } = await readRows(file, { table: 'sections', start: 0, count: 1000, filter: '' });
  return rows.flatMap(({ cells }) => (cells[12] === '' ? [] : [[cells[1], cells[12], cells[13]]]));
}

test('what the compiler compressed, as readelf tells it', async () => {
  const file = compile(
    'packed.o',
    'struct s { int a; char b[99]; }; int f(struct s *p) { return p->a; }\n',
    '-c',
    '-g3',
    '-gz=zlib',
  );
  const printed = run('readelf', '-tW', file);
  const theirs = [
    ...printed.matchAll(/^\s*\[\s*\d+\] (\S+)\n(?:(?!^\s*\[\s*\d+\] \S).*\n)*?\s+(ZLIB|ZSTD), ([0-9a-f]+),/gmu),
  ].map(([, name, method, size = '']) => [name, method, String(Number.parseInt(size, 16))]);
  expect(theirs.length).toBeGreaterThan(0);
  expect(await check(file)).toEqual(theirs);
});

test.each([
  [32, 'big'],
  [32, 'little'],
  [64, 'big'],
  [64, 'little'],
] as const)('in ELF%d, %s-endian', async (elfClass, byteOrder) => {
  const { u32, word } = fieldWriter(elfClass, byteOrder);
  const header = (type: number) =>
    elfClass === 64 ? [u32(type), u32(0), word(70_000), word(8)] : [u32(type), word(70_000), word(4)];
  const compressed = { type: 1, flags: 0x800 };
  const old = Buffer.concat([Buffer.from('ZLIB'), Buffer.from([0, 0, 0, 0, 0, 0, 0x10, 1])]);
  const bytes = buildElf({
    class: elfClass,
    byteOrder,
    sections: [
      { name: '.one', ...compressed, bytes: Buffer.concat(header(1)) },
      { name: '.two', ...compressed, bytes: Buffer.concat(header(2)) },
      { name: '.three', ...compressed, bytes: Buffer.concat(header(0x77)) },
      { name: '.cut', ...compressed, bytes: Buffer.from([1, 0, 0]) },
      { name: '.zdebug_info', type: 1, bytes: old },
      { name: '.plain', type: 1, bytes: Buffer.from('ZLIB') },
    ],
  });
  writeFileSync(path('compressed'), bytes);
  expect(await check(path('compressed'))).toEqual([
    ['.one', 'ZLIB', '70000'],
    ['.two', 'ZSTD', '70000'],
    ['.three', '0x77', '70000'],
    ['.zdebug_info', 'ZLIB', '4097'],
  ]);
});
