import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withElfFile } from '../../../language-server/elf/open-elf.ts';
import type { FilterTerm } from '../../../language-server/elf/rows/filter-term.ts';
import { cellMatcher } from '../../../language-server/elf/rows/matching-rows.ts';
import { parseFilter } from '../../../language-server/elf/rows/parse-filter.ts';
import { dynamicSymbolsTable, symbolsTable } from '../../../language-server/elf/tables/symbols-table.ts';
import { relocationFile } from '../../support/elf-parts-relocations.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const { compile } = toolchainIn(folder);
const library = compile(
  'libmatch.so',
  '#include <stdio.h>\n__thread int tls_one; static int Static_Datum; int Function_One(void) { return puts("") + Static_Datum + tls_one; }\nint function_two(void) { return 2; }\n',
  '-shared',
  '-fPIC',
  '-g',
);

function termsOf(filter: string, { columns }: typeof symbolsTable): readonly FilterTerm[] {
  const parsed = parseFilter(filter, columns);
  if (parsed.kind === 'error') throw new Error(parsed.error.message);
  return parsed.terms;
}

/** The quick search finds exactly the rows that the cells show. */
async function check(path: string, table: typeof symbolsTable, filter: string): Promise<number> {
  return await withElfFile(path, async file => {
    const rows = table.open(file);
    if (rows === null) throw new Error('No such table');
    const terms = termsOf(filter, table);
    const quick = (await rows.matcher?.(terms)) ?? null;
    if (quick === null) throw new Error(`No quick search for ${filter}`);
    const found = quick(0, rows.count);
    expect(found).toEqual(cellMatcher(rows, terms)(0, rows.count));
    return found.length;
  });
}

test.for([
  ['function_', 2],
  ['FUNCTION_one global', 1],
  ['func', 4],
  ['tls', 2],
  ['glibc', 0],
  ['datum local object', 1],
  ['nothing at all', 0],
  ['und', 4],
  ['default 0x0 0', 20],
  ['type:func', 4],
  ['type:func -section:und', 3],
  ['-type:func -type:section -type:file', 10],
  ['bind:global size:>0', 2],
  ['name:function_one', 1],
  ['name:function', 0],
  ['name~function_', 2],
  ['-name~function_ type:func', 2],
  ['section:.text type:func', 3],
  ['section:".text" size:1..4k', 2],
  ['value:0', 5],
  ['value~00 value:>=0x1', 10],
  ['number:0..3', 3],
  ['number:..3 -number:0', 3],
  ['ndx:UND', 4],
  ['-ndx:UND', 10],
  ['-0x', 0],
  ['value:>0xfffffffffffffff0', 0],
  ['value:<=0xffffffffffffffff', 20],
  ['visibility:hidden', 0],
  ['size:8', 0],
  ['size~8', 0],
  ['""', 20],
] as const)('"%s" in the symbols', async ([filter, atLeast]) => {
  expect(await check(library, symbolsTable, filter)).toBeGreaterThanOrEqual(atLeast);
});

test('sections by their names in an object file', async () => {
  const object = compile('match.o', 'int f(void) { return 1; }\n', '-c', '-g');
  expect(await check(object, symbolsTable, '.debug section')).toBeGreaterThanOrEqual(1);
});

test.each([
  [32, 'little', 3],
  [32, 'big', 20],
  [64, 'little', 62],
  [64, 'big', 22],
] as const)('in %d bits, %s-endian', async (bits, order, machine) => {
  const path = join(folder, `${bits}-${order}.o`);
  const symbols = Array.from({ length: 300 }, (_, index) => `Name_${index.toString(16)}_end`);
  const shape = { class: bits, order, machine, sectionType: 4, symbols } as const;
  writeFileSync(path, relocationFile({ ...shape, contents: Buffer.alloc(0) }));
  for (const [filter, count] of [
    ['name_1', 61],
    ['name:name_1_end', 1],
    ['a_end func', 19],
    ['a_end -type:func', 0],
    ['value:0x10..0x30', 3],
    ['size:4', 300],
  ] as const) {
    expect(await check(path, symbolsTable, filter)).toBe(count);
  }
});

test('any words in the symbols of the C library', async () => {
  const pieces = [
    'mem',
    'glibc_2',
    'glibc_2.3',
    'func',
    'weak',
    'object',
    '0x',
    'de',
    '12',
    '8',
    'und',
    'default',
    'abs',
    'str',
    '_',
    'private',
    'Z',
    'x1',
    '16',
    'GLIBC_2.2.5',
    'type:FUNC',
    '-type:FUNC',
    'bind:weak',
    'size:>100',
    '-size:>100',
    'size:16',
    'value:0x1000..0x90000',
    'name:malloc',
    'name~mem',
    '-name~mem',
    'section:.text',
    '-section:UND',
    'number:<100',
    'version~2.2',
    'c@@glibc',
    '@GLIBC_2.2.5',
    'name:malloc@@GLIBC_2.2.5',
    'name~c@',
    '-name~y@@',
    '@@',
    'm@@glibc_2.2.5 mem',
    '-version~2.2',
    'visibility:default',
    '-mem',
  ];
  const filters = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 3 });
  const property = fc.asyncProperty(filters, async words => {
    await check('/lib/x86_64-linux-gnu/libc.so.6', dynamicSymbolsTable, words.join(' '));
  });
  await fc.assert(property, { seed: 4, numRuns: 250 });
});

test('words that are not ASCII are left to the cells', async () => {
  await withElfFile(library, async file => {
    const rows = dynamicSymbolsTable.open(file);
    expect(await rows?.matcher?.(termsOf('ü', dynamicSymbolsTable))).toBeNull();
  });
});
