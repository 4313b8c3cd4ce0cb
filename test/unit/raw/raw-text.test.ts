import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readRawText as stream } from '../../../language-server/elf/raw/raw-text.ts';
import { collectText, type PrintOptions } from '../../../language-server/elf/raw/text-writer.ts';
import type { NativeDoor } from '../../../language-server/native/door.ts';
import type { RawView } from '../../../language-server/protocol/raw.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openDoor } from '../native/door-fixture.ts';

const folder = temporaryFolder();
const { compile, run, path } = toolchainIn(folder);
const door = openDoor();
const library = compile(
  'libraw.so',
  '#include <stdio.h>\nint raw_function(void) { return puts(""); }\n',
  '-shared',
  '-fPIC',
);
const object = compile('raw.o', 'int raw_object;\n', '-c');

/** The whole text at once. */
const readRawText = (through: NativeDoor, file: string, view: RawView, options: Partial<PrintOptions> = {}) =>
  collectText(onText => stream(through, file, view, { maximumLines: 100_000, onText, ...options }));

const printed = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' });

test.each([
  ['readelf', ['-a', '-W']],
  ['nm', ['-D']],
  ['objdump', ['-x', '-w']],
] as const)('%s prints what it prints in a shell', async (view, args) => {
  const { text, truncated, command } = await readRawText(door, library, view);
  expect(text).toContain('raw_function');
  expect(text.trimEnd()).toBe(printed(view, ...args, library).trimEnd());
  expect(text.trimEnd()).toBe(printed('/bin/sh', '-c', command).trimEnd());
  expect(truncated).toBeNull();
});

test('nm shows all symbols of a file that has no dynamic ones', async () => {
  const { text } = await readRawText(door, object, 'nm');
  expect(text).toBe(printed('nm', object));
  expect(text).toContain('raw_object');
});

test.each(['readelf', 'nm', 'objdump'] as const)('%s shows the members of an archive', async view => {
  const archive = path('libraw.a');
  run('ar', 'rcs', archive, object);
  const { text } = await readRawText(door, archive, view);
  expect(text).toContain('raw.o');
  expect(text).toContain('raw_object');
});

test('a complaint alone is an answer where the program calls it success', async () => {
  const bare = path('bare.o');
  run('strip', '-o', bare, object);
  expect((await readRawText(door, bare, 'nm')).text).toMatch(/no symbols\n$/u);
});

describe('what is too long', () => {
  test('is cut at the end of a line, and the text says so and how to get all of it', async () => {
    const { text, truncated, command } = await readRawText(door, library, 'readelf', { maximumLines: 50 });
    expect(truncated).toMatch(/^Cut here, after 50 lines/u);
    const lines = text.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(`${truncated} All of it: ${command}`);
    const whole = printed('readelf', '-aW', library);
    expect(whole).toContain(lines.slice(0, -2).join('\n'));
    expect(whole.split('\n')).toContain(lines.at(-3));
    expect(lines.length).toBeLessThanOrEqual(52);
  });
});

test('a broken file shows what is left, and what the program says of it', async () => {
  const broken = path('broken.so');
  writeFileSync(broken, readFileSync(library).subarray(0, 3000));
  const { text } = await readRawText(door, broken, 'readelf');
  expect(text).toContain('ELF Header:');
  expect(text).toMatch(/readelf: (?:Error|Warning): .+\n/u);
});

describe('is refused with a sentence:', () => {
  const written = (name: string, contents: string): string => {
    writeFileSync(path(name), contents);
    return path(name);
  };
  mkdirSync(path('folder.so'));
  run('mkfifo', path('fifo.so'));

  test.for<readonly [string, string, RawView, string, RegExp]>([
    ['text', written('text.so', 'hello\n'), 'readelf', 'notElf', /text \("hello"\)/u],
    ['a folder', path('folder.so'), 'nm', 'notRegularFile', /folder/u],
    ['a fifo', path('fifo.so'), 'objdump', 'notRegularFile', /fifo/u],
    ['nothing', path('absent.so'), 'readelf', 'notFound', /absent\.so does not exist/u],
    ['a header alone', written('header.so', '\x7fELF'), 'objdump', 'toolFailed', /objdump failed .*header\.so/u],
  ])('%s', async ([, file, view, kind, message]) => {
    await expect(readRawText(door, file, view)).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(message),
    });
  });

  test('a missing program, with its remedy', async () => {
    const without = openDoor({ toolPath: () => '/no/such/readelf' });
    await expect(readRawText(without, library, 'readelf')).rejects.toMatchObject({
      kind: 'toolMissing',
      remedy: expect.stringContaining('binutils'),
    });
  });
});

test('a name that looks like an option is none', async () => {
  const odd = compile('--help', 'int odd_name;\n', '-shared', '-fPIC');
  expect((await readRawText(door, odd, 'nm')).text).toContain('odd_name');
});

test('ends the program when it is cancelled', async () => {
  const slow = path('slow-nm');
  writeFileSync(slow, '#!/bin/sh\nexec sleep 1000\n');
  chmodSync(slow, 0o755);
  const stop = new AbortController();
  const slowDoor = openDoor({ toolPath: () => slow, log: () => stop.abort() });
  await expect(readRawText(slowDoor, library, 'nm', { signal: stop.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
