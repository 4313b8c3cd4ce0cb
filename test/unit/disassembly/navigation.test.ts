import { describe, expect, test } from 'vitest';
import { lineText } from '../../../language-server/disassembly/listing.ts';
import { definition, highlights, references } from '../../../language-server/disassembly/navigation.ts';
import { parseListing } from '../../../language-server/disassembly/parse-listing.ts';
import { listingNames, positionOf, readListing, textAt } from './listing-fixture.ts';

/** The line that a definition leads to, or what else it says. */
function followed(name: string, where: string, what: string): string | null {
  const listing = readListing(name);
  const found = definition(listing, positionOf(listing, where, what));
  switch (found?.kind) {
    case undefined:
      return null;
    case 'here':
      return lineText(listing, found.range.start.line).trim().replace(/\s+/gu, ' ');
    case 'symbol':
      return `symbol ${found.symbol}`;
    case 'source':
      return `source ${found.source.path}:${found.source.line}`;
  }
}

describe('definition', () => {
  test.each([
    ['a jump', 'x86-64-source-gnu', 'jle    11fe', '11fe', '11fe: bd 00 00 00 00 mov $0x0,%ebp'],
    ['a jump, by its symbol', 'x86-64-source-gnu', 'jle    11fe', 'main+', '11fe: bd 00 00 00 00 mov $0x0,%ebp'],
    ['a jump of LLVM', 'x86-64-source-llvm', 'jle\t0x11fe', '11fe', '11fe: bd 00 00 00 00 movl $0, %ebp'],
    ['a call to code elsewhere', 'x86-64-source-gnu', 'call   1159', 'table', 'symbol table'],
    ['a call to a stub, whose code is elsewhere', 'x86-64-source-gnu', 'call   1050', 'rand', null],
    ['data', 'x86-64-source-gnu', 'lea    0xe3c', '_IO_stdin', null],
    ['a mnemonic with source', 'x86-64-source-gnu', 'jle    11fe', 'jle', 'source /src/t.c:9'],
    ['a line of source', 'x86-64-source-gnu', 'for (int i', 'for', 'source /src/t.c:9'],
    ['the position of a line of source', 'x86-64-source-llvm', '/src/t.c:10', 'src', 'source /src/t.c:10'],
    ['a mnemonic without source', 'aarch64-gnu', 'cbz', 'cbz', null],
    ['a function, from its call', 'aarch64-gnu', 'bl\t38', '38', '0000000000000038 <g>:'],
    ['a label', 'riscv64-gnu-relocations', 'beqz', '.L1', '2c: 00813083 ld ra,8(sp)'],
    ['the section of a relocation', 'x86-64-relocations-gnu', '24:\te8', 'main+', '0000000000000000 <helper>:'],
    ['the symbol of a relocation', 'x86-64-relocations-gnu', 'table-0x4', 'table', '0000000000000000 <table>:'],
    ['an imported symbol of a relocation', 'x86-64-relocations-gnu', '25: R', 'R_', '0000000000000000 <helper>:'],
    ['a relocation of LLVM', 'x86-64-relocations-llvm', 'table-0x4', 'table', '0000000000000000 <table>:'],
    ['the call above a relocation', 'x86-64-relocations-gnu', 'puts-0x4', 'puts', 'symbol puts'],
    ['code of a stripped file', 'x86-64-stripped-gnu', 'lea    0x11c', '11a7', '11a7: 41 55 push %r13'],
    ['a register', 'aarch64-gnu', 'cbz', 'x0', null],
  ])('of %s', (_, name, where, what, expected) => {
    expect(followed(name, where, what)).toBe(expected);
  });

  test('of an address behind the nearest symbol of a stripped file leads nowhere', () => {
    const listing = parseListing('0000000000001000 <f>:\n    1000:\tcall   9000 <g+0x7abc>\n');
    expect(definition(listing, { line: 1, character: 18 })).toBeNull();
  });

  test('of a jump back from a split-off part leads to its function', () => {
    const listing = parseListing('0000000000001000 <f.cold>:\n    1000:\tjmp    2003 <f+0x3>\n');
    expect(definition(listing, { line: 1, character: 18 })).toMatchObject({ kind: 'symbol', symbol: 'f' });
  });

  test('of a versioned symbol is the symbol', () => {
    const listing = parseListing('0000000000001000 <f>:\n    1000:\tcall   2000 <malloc@@GLIBC_2.2.5>\n');
    expect(definition(listing, { line: 1, character: 18 })).toMatchObject({ kind: 'symbol', symbol: 'malloc' });
  });

  test('of an address without symbol is the line, for a branch', () => {
    const listing = parseListing('    1000:\tjmp    0x1004\n    1002:\tmov    0x1004,%eax\n    1004:\tret\n');
    expect(definition(listing, { line: 0, character: 20 })).toMatchObject({
      kind: 'here',
      range: { start: { line: 2 } },
    });
    expect(definition(listing, { line: 1, character: 20 })).toBeNull();
  });
});

describe('targets of demangled names', () => {
  const listing = readListing('x86-64-operators-gnu');
  test.each([
    'A::operator<(A const&) const@plt',
    'A::operator->()@plt',
    'A::operator>(A const&) const@plt',
    'A::operator<<(int) const@plt',
    'int operator<< <int>(int, A)@plt',
  ])('%s', name => {
    const found = references(listing, positionOf(listing, `<${name}>`, '<'));
    expect(found.length).toBeGreaterThan(0);
    for (const { range } of found) expect(textAt(listing, range).replace(/^[0-9a-f]+ /u, '')).toBe(`<${name}>`);
  });
});

describe('references', () => {
  test('of an address are the jumps to it', () => {
    const listing = readListing('x86-64-relocations-gnu');
    const found = references(listing, positionOf(listing, '66:\tc9', '66'));
    expect(found.map(({ range, isDefinition }) => [textAt(listing, range), isDefinition])).toEqual([
      ['66', true],
      ...Array.from({ length: 5 }, () => ['66 <table+0x66>', false]),
    ]);
  });

  test('are the same from wherever they are asked', () => {
    const listing = readListing('x86-64-relocations-gnu');
    const fromAddress = references(listing, positionOf(listing, '66:\tc9', '66'));
    const fromJump = references(listing, positionOf(listing, 'jmp    66 <table+0x66>', '66'));
    expect(fromJump).toEqual(fromAddress);
  });

  test('of a function are its calls, through relocations too', () => {
    const listing = readListing('x86-64-relocations-gnu');
    const found = references(listing, positionOf(listing, '<helper>:', 'helper'));
    expect(found.map(({ range }) => textAt(listing, range))).toEqual(['helper', '25: R_X86_64_PC32\t.text.helper-0x4']);
  });

  test('of code elsewhere are all that name it', () => {
    const listing = readListing('x86-64-relocations-gnu');
    const found = references(listing, positionOf(listing, '17: R_X86_64_PLT32', 'rand'));
    expect(found.map(({ range }) => textAt(listing, range))).toEqual([
      '17: R_X86_64_PLT32\trand-0x4',
      '3c: R_X86_64_PLT32\trand-0x4',
    ]);
  });

  test('of an address that is in several sections stay in its own', () => {
    const listing = readListing('x86-64-relocations-gnu');
    // All three sections have an instruction at 0x1d or 0x1f; only main jumps to its own.
    const [own, ...rest] = references(listing, positionOf(listing, '1f:\t8b 45 f8', '1f'));
    expect([own?.isDefinition, rest.length]).toEqual([true, 1]);
  });

  test('of nothing are none', () => {
    const listing = readListing('x86-64-relocations-gnu');
    expect(references(listing, { line: 0, character: 0 })).toEqual([]);
    expect(references(listing, { line: 5000, character: 3 })).toEqual([]);
  });
});

describe('highlights of a register are all of its names in the function', () => {
  test.each([
    ['x86-64-source-gnu', 'test   %edi', '%edi', ['%edi', '%edi', '%rdi', '%rdi', '%rdi', '%edi']],
    ['x86-64-source-llvm', 'testl\t%edi', '%edi', ['%edi', '%edi', '%rdi', '%rdi', '%rdi', '%edi']],
    ['aarch64-gnu', 'tbnz', 'w1', ['w1']],
    ['aarch64-gnu', 'mov\tw0', 'w0', ['w0']],
    ['arm-gnu', 'push', 'lr', ['lr']],
    ['riscv64-llvm', 'addi\tsp', 'sp', ['sp', 'sp', 'sp', 'sp']],
    ['mips-gnu', 'bne', 'v1', ['v1']],
    ['s390x-gnu', 'stmg', '%r15', ['%r15', '%r15']],
    ['i386-intel-plain', 'mov    eax', 'eax', ['eax', 'eax', 'eax']],
    ['i386-gnu', 'rep movsb', '%esi', ['%esi']],
  ])('%s: %s', (name, where, what, expected) => {
    const listing = readListing(name);
    const found = highlights(listing, positionOf(listing, where, what));
    expect(found.map(range => textAt(listing, range))).toEqual(expected);
  });
});

test('highlights of a target are its references', () => {
  const listing = readListing('aarch64-gnu');
  const position = positionOf(listing, 'cbz', '24');
  expect(highlights(listing, position)).toEqual(references(listing, position).map(({ range }) => range));
  expect(highlights(listing, position).length).toBe(3);
});

test.each(listingNames)('every position of %s is answered', name => {
  const listing = readListing(name);
  for (const [line, content] of listing.text.split('\n').entries()) {
    for (let character = 0; character <= content.length; character += 1) {
      const position = { line, character };
      const found = definition(listing, position);
      if (found === null) continue;
      expect(found.origin.start.line).toBe(line);
      expect(found.origin.start.character).toBeLessThanOrEqual(character);
      expect(found.origin.end.character).toBeGreaterThanOrEqual(character);
    }
  }
});
