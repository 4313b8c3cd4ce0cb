import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { disassemble as stream } from '../../../language-server/elf/disassemble.ts';
import { collectText, type PrintOptions } from '../../../language-server/elf/raw/text-writer.ts';
import type { NativeDoor } from '../../../language-server/native/door.ts';
import type { DisassembledPart } from '../../../language-server/protocol/disassembly.ts';
import { buildElf } from '../../support/elf-builder.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openDoor } from '../native/door-fixture.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());
const door = openDoor();

/** The whole text at once. */
const disassemble = (through: NativeDoor, file: string, part: DisassembledPart, options: Partial<PrintOptions> = {}) =>
  collectText(onText => stream(through, file, part, { maximumLines: 100_000, onText, ...options }));

const source =
  '.text\n.globl first, second, alias, "-odd", "a b"\n.type first, @function\n.type second, @function\nfirst: nop\nret\n.size first, .-first\nsecond: alias: push %rbx\nret\n.size second, .-second\n"-odd": int3\nret\n"a b": hlt\n.data\n.globl datum\n.type datum, @object\ndatum: .long 1\n.section .note.GNU-stack,"",@progbits\n';
const library = compile('libcode.so', source, '-shared', '-nostdlib');

describe('one symbol', () => {
  test('shows its code only, with addresses, and the command', async () => {
    const { text, truncated, command } = await disassemble(door, library, { symbol: 'first' });
    expect(text).toMatch(/<first>:\n\s+[0-9a-f]+:\tnop\n\s+[0-9a-f]+:\tret/u);
    expect(text).not.toContain('push');
    expect(truncated).toBeNull();
    expect(run('/bin/sh', '-c', command)).toBe(text);
  });

  test.for([
    ['-odd', 'int3'],
    ['a b', 'hlt'],
    ['alias', 'push'],
    ['second', 'push'],
  ] as const)('"%s"', async ([symbol, instruction]) => {
    expect((await disassemble(door, library, { symbol })).text).toContain(instruction);
  });

  test('of a stripped library, by its address where objdump knows it under another name', async () => {
    run('strip', '-o', path('stripped.so'), library);
    for (const symbol of ['second', 'alias']) {
      const { text, command } = await disassemble(door, path('stripped.so'), { symbol });
      expect(text).toContain('push');
      expect(text).not.toContain('nop');
      expect(command).toMatch(/^objdump -d /u);
    }
  });

  test('of an object file', async () => {
    const object = compile('code.o', source, '-c');
    expect((await disassemble(door, object, { symbol: 'first' })).text).toContain('nop');
  });

  test.for([
    ['absent', /has no symbol "absent"/u],
    ['datum', /"datum" in .* is data, so there is no code/u],
  ] as const)('%s is a sentence', async ([symbol, message]) => {
    await expect(disassemble(door, library, { symbol })).rejects.toMatchObject({
      kind: 'invalidParams',
      message: expect.stringMatching(message),
    });
  });

  test('imported ones too', async () => {
    const user = compile('libuser.so', 'int puts(const char *); int f(void) { return puts(""); }', '-shared', '-fPIC');
    await expect(disassemble(door, user, { symbol: 'puts' })).rejects.toMatchObject({
      message: expect.stringContaining('is imported'),
    });
  });
});

describe('the whole text', () => {
  test('is the section .text', async () => {
    const { text } = await disassemble(door, library, {});
    for (const instruction of ['nop', 'push', 'int3']) expect(text).toContain(instruction);
    expect(text).not.toContain('section .plt');
  });

  test('is handed on as it comes, and cut at the limit, in words', async () => {
    const long = compile('long.o', `.text\nlong: .fill 600000, 1, 0x90\nret\n`, '-c');
    const parts: string[] = [];
    const end = await stream(door, long, {}, { maximumLines: 5000, onText: text => parts.push(text) });
    expect(end).toMatchObject({ cutAtLines: 5000, truncated: expect.stringMatching(/^Cut here, after 5,000 lines/u) });
    const lines = parts.join('').split('\n');
    const printed = run('/bin/sh', '-c', `objdump -dr --no-show-raw-insn -w ${long} | head -n 5000`);
    expect(lines.slice(0, 5000).join('\n')).toBe(printed.trimEnd());
    expect(lines.slice(5000)).toEqual(['', `${end.truncated} All of it: ${end.command}`, '']);
    expect(parts.length).toBeGreaterThan(1000);
  });

  test('is whole where it fits exactly', async () => {
    const whole = run('objdump', '-d', '--no-show-raw-insn', '-w', '--section=.text', library);
    const maximumLines = whole.trimEnd().split('\n').length;
    expect(await disassemble(door, library, {}, { maximumLines })).toMatchObject({ text: whole, truncated: null });
    expect(await disassemble(door, library, {}, { maximumLines: maximumLines - 1 })).toMatchObject({
      cutAtLines: maximumLines - 1,
    });
  });
});

describe('one section', () => {
  const parts = compile(
    'parts.so',
    '.text\nf: nop\nret\n.section .other,"ax",@progbits\ng: hlt\nret\n.data\n.long 1\n',
    '-shared',
    '-nostdlib',
  );

  test('shows its code only', async () => {
    const { text, command } = await disassemble(door, parts, { section: '.other' });
    expect(text).toContain('hlt');
    expect(text).not.toContain('nop');
    expect(run('/bin/sh', '-c', command)).toBe(text);
  });

  test.for([
    [{ section: '.data' }, /"\.data" of .* holds no code/u],
    [{ section: '.absent' }, /has no section "\.absent"/u],
    [{ section: '.text', symbol: 'f' }, /not both/u],
  ] as const)('%j is a sentence', async ([part, message]) => {
    await expect(disassemble(door, parts, part)).rejects.toMatchObject({
      kind: 'invalidParams',
      message: expect.stringMatching(message),
    });
  });
});

describe('what goes wrong', () => {
  test('a file that is no ELF file never reaches objdump', async () => {
    writeFileSync(path('text.so'), 'text');
    await expect(disassemble(door, path('text.so'), {})).rejects.toMatchObject({ kind: 'notElf' });
    await expect(disassemble(door, path('none.so'), { symbol: 'x' })).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('a path that looks like an option', async () => {
    renameSync(compile('plain.so', source, '-shared', '-nostdlib'), path('--help'));
    expect((await disassemble(door, path('--help'), { symbol: 'first' })).text).toContain('nop');
  });

  test('a machine that this objdump does not know', async () => {
    const file = path('foreign.so');
    writeFileSync(
      file,
      buildElf({ machine: 0x1234, type: 1, sections: [{ name: '.text', type: 1, flags: 6, bytes: Buffer.alloc(16) }] }),
    );
    await expect(disassemble(door, file, {})).rejects.toMatchObject({
      kind: 'toolFailed',
      message: expect.stringMatching(/cannot disassemble code for an unknown machine \(0x1234\).*binutils-multiarch/u),
      remedy: expect.stringContaining('binutils-multiarch'),
    });
  });

  test('a machine that only llvm-objdump knows', async () => {
    writeFileSync(
      path('narrow'),
      '#!/bin/sh\necho "objdump: can\'t disassemble for architecture UNKNOWN!" >&2\nexit 1\n',
    );
    chmodSync(path('narrow'), 0o755);
    const narrow = openDoor({ toolPath: tool => (tool === 'objdump' ? path('narrow') : undefined) });
    const { text, command } = await disassemble(narrow, library, { symbol: 'first' });
    expect(command).toMatch(/^llvm-objdump /u);
    expect(text).toMatch(/<first>:/u);
  });

  test('with the lines of its source', async () => {
    writeFileSync(path('lines.c'), 'int twice(int n) {\n  return n + n; /* HERE */\n}\n');
    const file = path('lines.so');
    run('cc', '-g', '-shared', '-fPIC', '-o', file, path('lines.c'));
    expect((await disassemble(door, file, { symbol: 'twice', source: true })).text).toContain('/* HERE */');
    expect((await disassemble(door, file, { symbol: 'twice' })).text).not.toContain('HERE');
  });

  test('calls of an object file, by its relocations', async () => {
    writeFileSync(path('calls.c'), 'int away(void); int f(void) { return away() + 1; }\n');
    run('cc', '-c', '-fPIC', '-o', path('calls.o'), path('calls.c'));
    expect((await disassemble(door, path('calls.o'), { symbol: 'f' })).text).toMatch(/R_\w+\s+away/u);
  });

  test('no objdump', async () => {
    const without = openDoor({ toolPath: () => '/nonexistent/objdump' });
    await expect(disassemble(without, library, { symbol: 'first' })).rejects.toMatchObject({
      kind: 'toolMissing',
      message: expect.stringContaining('binaryDetective.tools.objdump'),
      remedy: expect.stringContaining('binutils'),
    });
  });

  test('an objdump that fails, in its own words', async () => {
    writeFileSync(path('objdump'), '#!/bin/sh\necho "objdump: I am ill" >&2\nexit 3\n');
    chmodSync(path('objdump'), 0o755);
    const ill = openDoor({ toolPath: () => path('objdump') });
    await expect(disassemble(ill, library, { symbol: 'first' })).rejects.toMatchObject({
      kind: 'toolFailed',
      message: expect.stringMatching(/exit code 3.*I am ill/u),
    });
  });

  test('cancelled while objdump runs', async () => {
    writeFileSync(path('slow'), '#!/bin/sh\nexec sleep 600\n');
    chmodSync(path('slow'), 0o755);
    const slow = openDoor({ toolPath: () => path('slow') });
    const controller = new AbortController();
    const answer = disassemble(slow, library, { symbol: 'first' }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });
});
