import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../../language-server/elf/inspection.ts';
import { readOverview } from '../../language-server/elf/overview.ts';
import { readRows } from '../../language-server/elf/tables.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Broken copies of real files through all that reads them: no exception but UserError, no hang, no memory without bound.
 * `FUZZ_SEED` and `FUZZ_RUNS` repeat or extend a run.
 */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_701);
const runs = Number(process.env['FUZZ_RUNS'] ?? 160);
/** A case takes milliseconds; this is for the busiest machine, and still tells a loop from work. */
const deadlineMs = 10_000;

const folder = temporaryFolder();
const samples = buildSamples();
console.log(`fuzz seed ${seed}, ${runs} runs a sample and kind, ${samples.length} samples`);

describe.for(samples)('$name', ({ bytes, name }) => {
  test('is whole to begin with', async () => {
    // The copy is not called as the library calls itself.
    const found = await readAll(name, bytes);
    expect(found.filter(code => code !== 'elf/soname-file-name')).toEqual([]);
  });

  test('with bytes changed', async () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.integer({ min: 0, max: 255 }),
    });
    await property(name, fc.array(change, { minLength: 1, maxLength: 12 }), changes => {
      const copy = Buffer.from(bytes);
      // Most of the file is code that nobody looks at: half of the changes go to the headers at its ends.
      for (const [index, { at, value }] of changes.entries()) copy[place(at, index, copy.length)] = value;
      return copy;
    });
  });

  test('with fields of the headers replaced', async () => {
    const field = fc.record({
      at: fc.nat({ max: headerWords(bytes) - 1 }),
      size: fc.constantFrom(1, 2, 4, 8),
      value: fc.oneof(fc.constantFrom(...hostileValues), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    });
    await property(name, fc.array(field, { minLength: 1, maxLength: 4 }), fields => {
      const copy = Buffer.from(bytes);
      for (const { at, size, value } of fields) writeField(copy, headerWord(bytes, at), size, value);
      return copy;
    });
  });

  test('cut off anywhere', async () => {
    await property(name, fc.nat({ max: bytes.length }), length => bytes.subarray(0, length));
  });

  test('with a piece of itself or of another file in its middle', async () => {
    const splice = fc.record({
      from: fc.nat(),
      to: fc.nat(),
      length: fc.integer({ min: 1, max: 4096 }),
      other: fc.nat(),
    });
    await property(name, splice, ({ from, to, length, other }) => {
      const source = samples[other % samples.length]?.bytes ?? bytes;
      const copy = Buffer.from(bytes);
      copy.set(
        source.subarray(
          from % source.length,
          (from % source.length) + Math.min(length, copy.length - (to % copy.length)),
        ),
        to % copy.length,
      );
      return copy;
    });
  });

  test('with more behind its end', async () => {
    await property(name, fc.uint8Array({ maxLength: 8192 }), tail => Buffer.concat([bytes, tail]));
  });
});

/** Reads everything there is of the file; what was found. */
async function readAll(name: string, bytes: Uint8Array): Promise<readonly string[]> {
  const path = join(folder, `${name}.broken`);
  writeFileSync(path, bytes);
  const started = performance.now();
  const found: string[] = [];
  try {
    const overview = await readOverview(path);
    found.push(...overview.findings.map(({ code }) => code));
    // However broken: an answer fits into a message.
    expect(JSON.stringify(overview).length).toBeLessThan(8 << 20);
    for (const { id, rowCount, isScanned } of overview.tables) {
      expect(rowCount).toBeLessThanOrEqual(bytes.length);
      for (const start of [0, Math.max(0, rowCount - 5)]) {
        const page = await readRows(path, { table: id, start, count: 1000, filter: '' });
        expect(page.rows.length).toBeLessThanOrEqual(1000);
        if (isScanned !== true) expect(page.total).toBe(rowCount);
      }
      const filtered = await readRows(path, { table: id, start: 0, count: 10, filter: 'a global' });
      expect(filtered.matching).toBeLessThanOrEqual(filtered.total);
    }
    const inspection = await inspectFile(path);
    expect(JSON.stringify(inspection).length).toBeLessThan(64 << 20);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toMatch(/^\S.*[.]$/su);
  }
  expect(performance.now() - started).toBeLessThan(deadlineMs);
  return found;
}

async function property<T>(name: string, input: fc.Arbitrary<T>, broken: (value: T) => Uint8Array): Promise<void> {
  const check = fc.asyncProperty(input, async value => {
    await readAll(name, broken(value));
  });
  await fc.assert(check, { seed, numRuns: runs, verbose: 1 });
}

/** Bytes that headers, program headers and section headers take, in words of four. */
function headerWords(bytes: Buffer): number {
  return Math.floor(headerRanges(bytes).reduce((sum, { length }) => sum + length, 0) / 4);
}

function headerWord(bytes: Buffer, index: number): number {
  let at = index * 4;
  for (const { start, length } of headerRanges(bytes)) {
    if (at < length) return start + at;
    at -= length;
  }
  return 0;
}

/** Of a 64-bit little-endian sample: the header, the program headers, the dynamic section, the section headers. */
function headerRanges(bytes: Buffer): readonly { readonly start: number; readonly length: number }[] {
  const programHeaders = Number(bytes.readBigUInt64LE(32));
  const sectionHeaders = Number(bytes.readBigUInt64LE(40));
  const count = bytes.readUInt16LE(56);
  const ranges = [
    { start: 0, length: 64 },
    { start: programHeaders, length: 56 * count },
  ];
  for (let index = 0; index < count; index += 1) {
    const header = programHeaders + 56 * index;
    // The dynamic section and the notes.
    if (![2, 4].includes(bytes.readUInt32LE(header))) continue;
    const start = Number(bytes.readBigUInt64LE(header + 8));
    ranges.push({ start, length: Number(bytes.readBigUInt64LE(header + 32)) });
  }
  if (sectionHeaders > 0) ranges.push({ start: sectionHeaders, length: bytes.length - sectionHeaders });
  return ranges;
}

const hostileValues = [
  0n,
  1n,
  2n,
  7n,
  0xffn,
  0xffffn,
  0xfffen,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 53n + 1n,
];

function writeField(bytes: Buffer, at: number, size: number, value: bigint): void {
  for (let index = 0; index < size && at + index < bytes.length; index += 1) {
    bytes[at + index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
}

function place(at: number, index: number, length: number): number {
  const region = index % 2 === 0 ? length : Math.min(length, 2048);
  const offset = Math.min(region - 1, Math.floor(at * region));
  return index % 4 === 1 ? length - 1 - offset : offset;
}

function buildSamples(): readonly { readonly name: string; readonly bytes: Buffer }[] {
  mkdirSync(join(folder, 'src'));
  const source = join(folder, 'src', 'sample.c');
  const script = join(folder, 'src', 'sample.map');
  writeFileSync(
    source,
    '#include <stdio.h>\n#include <string.h>\n__thread int t; static int s; int api(char *p) { char b[64]; strcpy(b, p); return puts(b) + t + s; }\nint api2(void) { return 2; }\n',
  );
  writeFileSync(script, 'V_1 { global: api; };\nV_2 { global: api2; local: *; } V_1;\n');
  const out = (name: string): string => join(folder, 'src', name);
  const cc = (...args: readonly string[]): void => void execFileSync('cc', ['-O1', ...args]);
  cc(
    '-shared',
    '-fPIC',
    '-g',
    `-Wl,--version-script=${script}`,
    '-Wl,-soname,libsample.so.1',
    '-Wl,-rpath,/x:$ORIGIN',
    '-o',
    out('library'),
    source,
  );
  cc('-c', '-ffunction-sections', '-o', out('object'), source);
  execFileSync('strip', ['-o', out('stripped'), out('library')]);
  writeFileSync(out('bare'), withoutSectionHeaders(readFileSync(out('stripped'))));
  return ['library', 'object', 'bare']
    .map(name => ({ name, bytes: readFileSync(out(name)) }))
    .filter(({ name }) => statSync(out(name)).size > 0);
}

/** e_shoff, e_shnum and e_shstrndx are 0: what the loader sees is all that is left. */
function withoutSectionHeaders(bytes: Buffer): Buffer {
  const end = Number(bytes.readBigUInt64LE(40));
  bytes.fill(0, 40, 48);
  bytes.fill(0, 60, 64);
  return bytes.subarray(0, end);
}
