import { expect, test } from 'vitest';
import { readRows } from '../../../language-server/elf/tables.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile } = toolchainIn(temporaryFolder());
const source = `
__attribute__((constructor(101))) static void first(void) {}
__attribute__((constructor)) void second(void) {}
__attribute__((destructor)) static void last(void) {}
int main(void) { return 0; }
`;

async function check(file: string, kind: string): Promise<readonly string[]> {
  const { rows } = await readRows(file, { table: 'initializers', start: 0, count: 100, filter: '' });
  return rows.filter(({ cells }) => cells[0] === kind).map(({ cells }) => cells[4] ?? '');
}

test.for([
  ['a program that is loaded anywhere', ['-pie', '-fPIE']],
  ['a program with a fixed address', ['-no-pie']],
  ['a library', ['-shared', '-fPIC']],
  ['a library with packed relocations', ['-shared', '-fPIC', '-Wl,-z,pack-relative-relocs']],
  ['a static program', ['-static']],
] as const)('of %s, by name', async ([name, options]) => {
  const file = compile(name.replaceAll(' ', '-'), source, ...options);
  const run = await check(file, 'init array');
  expect(run).toEqual(expect.arrayContaining(['first', 'second']));
  expect(run.indexOf('first')).toBeLessThan(run.indexOf('second'));
  expect(await check(file, 'fini array')).toContain('last');
});

test('of an object file, whose pointers are relocations', async () => {
  const file = compile('init.o', source, '-c');
  const run = [...(await check(file, 'init array'))].sort();
  expect(run).toEqual(['first', 'second']);
  expect(await check(file, 'fini array')).toEqual(['last']);
});

test('the functions of DT_INIT and DT_FINI', async () => {
  const file = compile('libinit.so', source, '-shared', '-fPIC');
  expect(await check(file, 'init')).toEqual(['_init']);
  expect(await check(file, 'fini')).toEqual(['_fini']);
});

test('a file without any has no such table', async () => {
  const file = compile('none.o', 'int f(void) { return 1; }\n', '-c');
  const { total } = await readRows(file, { table: 'initializers', start: 0, count: 1, filter: '' });
  expect(total).toBe(0);
});

test('the sections of a segment and the segments of a section are the same', async () => {
  const file = compile('mapped', source, '-pie', '-fPIE');
  const rows = async (table: string) => (await readRows(file, { table, start: 0, count: 100, filter: '' })).rows;
  const bySegment = new Map<string, string[]>();
  for (const { cells } of await rows('segments')) {
    const number = (cells[0] ?? '').padStart(2, '0');
    for (const name of (cells[9] ?? '').split(' ').filter(text => text !== '')) {
      bySegment.set(name, [...(bySegment.get(name) ?? []), number]);
    }
  }
  expect(bySegment.size).toBeGreaterThan(10);
  for (const { cells } of await rows('sections')) {
    expect(cells[11], cells[1]).toBe((bySegment.get(cells[1] ?? '') ?? []).join(' '));
  }
});
