import { statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cover, coverRest } from '../../../language-server/elf/size/cover.ts';
import { readSize } from '../../../language-server/elf/size/size-tree.ts';
import type { SizePart } from '../../../language-server/protocol/size.ts';
import { buildElf } from '../../support/elf-builder.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());

/** Throws where the children of a part are not what it is. */
function checkSums(part: SizePart): void {
  if (part.children.length === 0) return;
  const sums = { fileBytes: 0, memoryBytes: 0 };
  for (const child of part.children) {
    sums.fileBytes += child.fileBytes;
    sums.memoryBytes += child.memoryBytes;
    checkSums(child);
  }
  expect(sums).toEqual({ fileBytes: part.fileBytes, memoryBytes: part.memoryBytes });
}

function childOf(part: SizePart, name: string): SizePart {
  const child = part.children.find(candidate => candidate.name === name);
  if (child === undefined) throw new Error(`${part.name} has no ${name}, but ${part.children.map(one => one.name)}`);
  return child;
}

async function rootOf(file: string, limit = 1000): Promise<SizePart> {
  const { root } = await readSize(file, { limit });
  checkSums(root);
  expect(root.fileBytes).toBe(statSync(file).size);
  return root;
}

describe('parts', () => {
  const source = `char zeros[5000]; char data[300] = {1}; const char words[200] = "x"; __thread int slot; __thread int set = 3;
static int helper(int a) { return a * 3 + data[a]; }
int work(int a) { slot += a; set += a; return helper(a) + words[a] + zeros[a]; }
`;
  const options = ['-O0', '-shared', '-fPIC'];

  test('a library: sections, their symbols, what is between', async () => {
    const root = await rootOf(compile('lib.so', source, ...options));
    expect(childOf(childOf(root, '.bss'), 'zeros')).toMatchObject({ kind: 'symbol', fileBytes: 0, memoryBytes: 5000 });
    expect(childOf(childOf(root, '.data'), 'data')).toMatchObject({ fileBytes: 300, memoryBytes: 300 });
    expect(childOf(childOf(root, '.rodata'), 'words')).toMatchObject({ fileBytes: 200, memoryBytes: 200 });
    expect(childOf(childOf(root, '.text'), 'helper').fileBytes).toBeGreaterThan(10);
    expect(childOf(childOf(root, '.text'), '[section .text]').kind).toBe('gap');
    expect(childOf(childOf(root, '.tdata'), 'set').fileBytes).toBe(4);
    expect(childOf(root, '[ELF header]')).toMatchObject({ kind: 'headers', fileBytes: 64, memoryBytes: 64 });
    expect(childOf(root, '[section headers]').memoryBytes).toBe(0);
    // Not loaded, so no memory; zeros of threads take none where their section seems to be.
    expect(childOf(root, '.symtab').memoryBytes).toBe(0);
    expect(root.children.find(({ name }) => name === '.tbss')).toBeUndefined();
  });

  test('a stripped one has its dynamic symbols', async () => {
    run('strip', '-o', path('stripped.so'), compile('full.so', source, ...options));
    const { root, symbolTable } = await readSize(path('stripped.so'));
    expect(symbolTable).toBe('.dynsym');
    expect(childOf(childOf(root, '.data'), 'data').fileBytes).toBe(300);
    expect(childOf(root, '.text').children.map(({ name }) => name)).not.toContain('helper');
  });

  test('a stripped one has the symbols of its debug file, if that one is here', async () => {
    const full = compile('whole.so', source, ...options, '-g', '-Wl,--build-id');
    const debug = path('apart.so.debug');
    const stripped = path('apart.so');
    run('objcopy', '--only-keep-debug', full, debug);
    run('strip', '-R', '.comment', '-o', stripped, full);
    run('objcopy', `--add-gnu-debuglink=${debug}`, stripped);
    const whole = await rootOf(full);
    const { root, symbolTable, symbolFile, commands } = await readSize(stripped, { limit: 1000 });
    checkSums(root);
    expect([symbolTable, symbolFile]).toEqual(['.symtab', debug]);
    expect(commands.at(-1)).toContain(debug);
    for (const section of ['.text', '.data', '.bss', '.rodata', '.tdata']) {
      expect(childOf(root, section).children).toEqual(childOf(whole, section).children);
    }
    const index = childOf(root, '.text').section;
    const { root: only } = await readSize(stripped, { limit: 1000, ...(index !== undefined && { section: index }) });
    expect(only).toEqual(childOf(root, '.text'));
    // One of another build is none.
    run(
      'objcopy',
      '--only-keep-debug',
      compile('other.so', `${source} int more;`, ...options, '-g', '-Wl,--build-id'),
      debug,
    );
    expect((await readSize(stripped)).symbolTable).toBe('.dynsym');
  });

  test('an object file: by offsets in its sections', async () => {
    const root = await rootOf(compile('work.o', source, '-c', '-ffunction-sections'));
    expect(childOf(childOf(root, '.text.work'), 'work').fileBytes).toBeGreaterThan(10);
    expect(childOf(childOf(root, '.bss'), 'zeros')).toMatchObject({ fileBytes: 0, memoryBytes: 5000 });
  });

  test('a file without section headers: its segments', async () => {
    const bytes = buildElf({
      type: 2,
      segments: [
        { type: 1, flags: 5, offset: 0, address: 0x1000, fileBytes: 300, memoryBytes: 300 },
        { type: 1, flags: 6, offset: 300, address: 0x3000, fileBytes: 100, memoryBytes: 500 },
      ],
      contents: [{ offset: 0, bytes: Buffer.alloc(450) }],
    });
    writeFileSync(path('bare'), bytes);
    const root = await rootOf(path('bare'));
    expect(childOf(root, '[LOAD #0 RX]')).toMatchObject({ kind: 'segment', fileBytes: 124, memoryBytes: 124 });
    expect(childOf(root, '[LOAD #1 RW]')).toMatchObject({ fileBytes: 100, memoryBytes: 500 });
    expect(childOf(root, '[program headers]')).toMatchObject({ fileBytes: 112, memoryBytes: 112 });
    expect(childOf(root, '[unmapped]')).toMatchObject({ kind: 'unmapped', fileBytes: 50, memoryBytes: 0 });
    expect(root.memoryBytes).toBe(800);
  });

  test('names for one place count once, a function within another belongs to that', async () => {
    const aliases = `.text
.globl whole, same, inner
.type whole, @function
.type same, @function
.type inner, @function
whole: .skip 10
inner: .skip 20
.skip 70
.size whole, 100
.set same, whole
.size same, 100
.size inner, 20
.section .note.GNU-stack,"",@progbits
`;
    const text = childOf(await rootOf(compile('aliases.o', aliases, '-c')), '.text');
    expect(text.children).toEqual([expect.objectContaining({ kind: 'symbol', fileBytes: 100 })]);
  });

  test('what is beyond the limit is one part', async () => {
    const many = Array.from({ length: 40 }, (_, at) => `int f${at}(int a) { return a * ${at}; }`).join('\n');
    const file = compile('many.so', `${many}\n`, '-O0', '-shared', '-fPIC');
    const { root } = await readSize(file, { limit: 3 });
    checkSums(root);
    const others = childOf(root, '[others]');
    expect(others.kind).toBe('others');
    expect(others.count).toBeGreaterThan(5);
    const text =
      root.children.find(({ name }) => name === '.text') ??
      (await rootOf(file)).children.find(({ name }) => name === '.text');
    expect(text?.children.length).toBeGreaterThan(3);
    const weights = root.children.map(({ fileBytes, memoryBytes }) => Math.max(fileBytes, memoryBytes));
    expect(weights).toEqual([...weights].sort((left, right) => right - left));
  });

  test('one section by its number', async () => {
    const file = compile('one.so', source, ...options);
    const text = childOf(await rootOf(file), '.text');
    const { root } = await readSize(file, { section: text.section ?? 0, limit: 1000 });
    expect(root).toEqual(text);
    await expect(readSize(file, { section: 999 })).rejects.toMatchObject({ kind: 'invalidParams' });
    await expect(readSize(file, { section: 0 })).rejects.toMatchObject({ kind: 'invalidParams' });
  });
});

describe('hostile files', () => {
  test('sections that overlap, lie beyond the end, or wrap around', async () => {
    const file = path('overlap');
    const sections = [
      { name: '.a', type: 1, flags: 2, offset: 100, size: 200, address: 0x1000 },
      { name: '.b', type: 1, flags: 2, offset: 150, size: 300, address: 0x1032 },
      { name: '.c', type: 1, flags: 2, offset: 50, size: 0xffff_ffff_ffff_ffffn, address: 0xffff_ffff_ffff_fff0n },
      { name: '.d', type: 1, offset: 0xffff_ffff_0000n, size: 10 },
    ];
    const segments = [
      { type: 1, flags: 7, offset: 0, address: 0x1000, fileBytes: 400, memoryBytes: 400 },
      { type: 1, flags: 4, offset: 0, address: 0x1080, fileBytes: 400, memoryBytes: 0xffff_ffff_ffff_ffffn },
    ];
    writeFileSync(file, buildElf({ sections, segments, contents: [{ offset: 500, bytes: Buffer.alloc(10) }] }));
    const { root } = await readSize(file);
    expect(root.fileBytes).toBe(statSync(file).size);
    expect(root.children.reduce((sum, { fileBytes }) => sum + fileBytes, 0)).toBe(root.fileBytes);
  });

  test('can be cancelled', async () => {
    await expect(readSize('/bin/sh', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('cover', () => {
  const claims = fc.array(
    fc.record({ start: fc.integer({ min: -20, max: 120 }), length: fc.integer({ min: 0, max: 60 }) }),
    { maxLength: 12 },
  );
  const named = (list: readonly { readonly start: number; readonly length: number }[]) =>
    list.map(({ start, length }, owner) => ({ start, end: start + length, owner }));

  test('gives each place to one owner that claims it', () => {
    fc.assert(
      fc.property(claims, fc.integer({ min: 0, max: 100 }), (list, total) => {
        const all = named(list);
        const pieces = cover(all, total);
        let at = 0;
        for (const { start, end, owner } of pieces) {
          expect(start).toBe(at);
          expect(end).toBeGreaterThan(start);
          at = end;
          for (let place = start; place < end; place += 1) {
            const claiming = all.filter(claim => claim.start <= place && place < claim.end).map(claim => claim.owner);
            if (owner === null) expect(claiming).toEqual([]);
            else expect(claiming).toContain(owner);
          }
        }
        expect(at).toBe(total);
      }),
    );
  });

  test('the rest is divided without a gap', () => {
    fc.assert(
      fc.property(claims, claims, fc.integer({ min: 0, max: 100 }), (first, second, total) => {
        const pieces = coverRest(cover(named(first), total), cover(named(second), total));
        let at = 0;
        for (const { start, end } of pieces) {
          expect(start).toBe(at);
          at = end;
        }
        expect(at).toBe(total);
      }),
    );
  });
});
