import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  functionOfInstruction,
  instructionAtAddress,
  type Listing,
  lineText,
} from '../../language-server/disassembly/listing.ts';
import { parseListing } from '../../language-server/disassembly/parse-listing.ts';
import {
  continuedBytes,
  type Destination,
  destinationOf,
  instructionOf,
} from '../../language-server/disassembly/places.ts';
import { sourcePositionAbove } from '../../language-server/disassembly/source-position.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * The model of a listing against what other programs say of the same file: the bytes of the section (objcopy), where functions
 * begin and end (readelf), which line of source each instruction comes from (addr2line).
 */
const folder = temporaryFolder();

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
}

function libraryOf(compiler: string, name: string): string {
  return run(compiler, `-print-file-name=${name}`).trim();
}

/** A program with a function of many thousand instructions, as generated code and interpreters have. */
function buildLargeFunction(): string {
  const cases = Array.from({ length: 3000 }, (_, index) => `case ${index}: x = x * ${index + 3} + helper(x); break;`);
  const source = join(folder, 'large.c');
  writeFileSync(
    source,
    `__attribute__((noinline)) int helper(int x) { return x ^ 5; }\nint main(int x, char **v) {\nfor (;x < 9;) switch (x) {\n${cases.join('\n')}\n}\nreturn x; }\n`,
  );
  const path = join(folder, 'large');
  run('cc', '-O1', '-o', path, source);
  return path;
}

describe.each([
  ['libc', () => libraryOf('cc', 'libc.so.6'), 100_000],
  ['libstdc++', () => libraryOf('g++', 'libstdc++.so.6'), 100_000],
  ['libgcc_s', () => libraryOf('cc', 'libgcc_s.so.1'), 5000],
  ['a program with a large function', buildLargeFunction, 10_000],
])('.text of %s', (_, pathOf, leastInstructions) => {
  let path = '';
  let listing: Listing;
  beforeAll(() => {
    path = pathOf();
    listing = parseListing(run('objdump', '-d', '-j', '.text', path));
  });

  test('is read with every byte, in order and without gap', () => {
    const binary = join(folder, 'text.bin');
    run('objcopy', '-O', 'binary', '-j', '.text', path, binary);
    const expected = readFileSync(binary);
    const [start = 0n] = listing.instructionAddresses;
    let at = 0;
    for (let index = 0; index < listing.instructionLines.length; index += 1) {
      const { address, bytes } = instructionOf(listing, index);
      const offset = Number(address - start);
      // objdump leaves out long runs of zeros, and begins anew at a symbol inside of an instruction.
      if (offset > at) expect(expected.subarray(at, offset).every(byte => byte === 0)).toBe(true);
      const text = lineText(listing, listing.instructionLines[index] ?? 0);
      const shown = Buffer.from(text.slice(bytes?.start, bytes?.end).replaceAll(' ', ''), 'hex');
      if (!shown.equals(expected.subarray(offset, offset + shown.length))) expect.fail(`Other bytes at ${text}`);
      at = offset + shown.length + continuedBytes(listing, index);
    }
    expect(expected.subarray(at).every(byte => byte === 0)).toBe(true);
    expect(listing.instructionLines.length).toBeGreaterThan(leastInstructions);
  });

  test('has the functions of the symbol table where they begin, and ends of instructions where they end', () => {
    const section = listing.sections.find(({ name }) => name === '.text');
    const first = listing.instructionAddresses[section?.firstInstruction ?? 0] ?? 0n;
    const last = listing.instructionAddresses[(section?.endInstruction ?? 1) - 1] ?? 0n;
    const functions = [...run('readelf', '-Ws', path).matchAll(/^ *\d+: ([0-9a-f]+) +(\d+) FUNC .* \d+ \S/gmu)]
      .map(([, address = '', size = '']) => ({ address: BigInt(`0x${address}`), size: BigInt(size) }))
      .filter(({ address, size }) => address >= first && address < last && size > 0n);
    expect(functions.length).toBeGreaterThan(0);
    const missing = functions.filter(({ address, size }) => {
      const start = section === undefined ? -1 : instructionAtAddress(listing, section, address);
      const listed = listing.functions[functionOfInstruction(listing, start)];
      // Another symbol may begin inside; the end of the function is where an instruction begins, or where all ends.
      const end = address + size;
      const ends = end > last || (section !== undefined && instructionAtAddress(listing, section, end) >= 0);
      return listed?.address !== address || !(ends || isSkipped(listing, end));
    });
    expect(missing.map(({ address }) => address.toString(16))).toEqual([]);
  });

  test('has every target in the line with its address, or inside an instruction', () => {
    const section = listing.sections.find(({ name }) => name === '.text');
    if (section === undefined) expect.fail('no .text');
    const first = listing.instructionAddresses[section.firstInstruction] ?? 0n;
    const last = listing.instructionAddresses[section.endInstruction - 1] ?? 0n;
    let found = 0;
    let inside = 0;
    for (let index = 0; index < listing.instructionLines.length; index += 1) {
      const target = destinationOf(listing, index);
      if (target?.address == null || target.address < first || target.address > last) continue;
      if (target.instruction < 0) {
        inside += 1;
        continue;
      }
      found += 1;
      expectPlace(listing, target);
    }
    expect(found).toBeGreaterThan(leastInstructions / 20);
    // Jumps over a lock prefix, and data among code.
    expect(inside / found).toBeLessThan(0.01);
  });

  test('is the same without raw bytes', () => {
    const plain = parseListing(run('objdump', '-d', '-j', '.text', '--no-show-raw-insn', '--wide', path));
    expect(plain.instructionAddresses).toEqual(listing.instructionAddresses);
    expect(plain.functions.map(({ name, address }) => [name, address])).toEqual(
      listing.functions.map(({ name, address }) => [name, address]),
    );
  });
});

/** The line has the address, and the symbol with its offset means it too. */
function expectPlace(listing: Listing, { address, instruction, symbol, offset }: Destination): void {
  const line = lineText(listing, listing.instructionLines[instruction] ?? 0);
  const digits = address?.toString(16);
  if (!line.trimStart().startsWith(`${digits}:`)) expect.fail(`${line} is not at ${digits}`);
  const listed = listing.functions[functionOfInstruction(listing, instruction)];
  if (symbol === listed?.name) expect((listed?.address ?? 0n) + offset).toBe(address);
}

/** Whether the address lies in zeros that objdump does not show, before the next instruction. */
function isSkipped(listing: Listing, address: bigint): boolean {
  const next = listing.instructionAddresses.findIndex(at => at > address);
  const line = listing.instructionLines[next] ?? 0;
  return [1, 2, 3].some(above => /^\s*\.\.\.$/u.test(lineText(listing, line - above)));
}

describe('source', () => {
  let path = '';
  let listing: Listing;
  beforeAll(() => {
    const source = join(folder, 'source.cc');
    writeFileSync(
      source,
      `#include <map>
#include <string>
/* Lines that look like a listing:
0000000000001139 <main>:
    1139:\t55                   \tpush   %rbp
    113a:\t48 89 e5             \tmov    %rsp,%rbp
main():
/src/a.c:7
Disassembly of section .fini:
\t...
*/
static std::map<std::string, int> counts;
int count(const std::string &name) {
  // add:\tdead
  return ++counts[name];
}
int main(int argc, char **argv) {
  int sum = 0;
  for (int i = 0; i < argc; i++)
    sum += argc > 1 ? count(argv[i]) : i/2:3;
  return sum;
}
`.replace('i/2:3', 'i / 2'),
    );
    path = join(folder, 'source');
    run('g++', '-g', '-O1', '-o', path, source);
    listing = parseListing(run('objdump', '-d', '-S', '-l', '-j', '.text', path));
  });

  test('between the instructions hides none of them', () => {
    const plain = parseListing(run('objdump', '-d', '-j', '.text', path));
    expect(listing.instructionAddresses).toEqual(plain.instructionAddresses);
    expect(listing.functions.map(({ name }) => name)).toEqual(plain.functions.map(({ name }) => name));
  });

  test('is where addr2line says', () => {
    const addresses = Array.from(listing.instructionAddresses, address => `0x${address.toString(16)}`);
    const expected = run('addr2line', '-e', path, ...addresses)
      .trim()
      .split('\n');
    let compared = 0;
    for (const [index, place] of expected.entries()) {
      const where = /^(.*):(\d+)/u.exec(place);
      if (where === null) continue;
      const found = sourcePositionAbove(listing, listing.instructionLines[index] ?? 0);
      expect(`${found?.path}:${found?.line} at ${addresses[index]}`).toBe(
        `${where[1]}:${where[2]} at ${addresses[index]}`,
      );
      compared += 1;
    }
    expect(compared).toBeGreaterThan(50);
  });
});
