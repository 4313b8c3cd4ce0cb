import { describe, expect, test } from 'vitest';
import { readInstruction } from '../../../language-server/disassembly/instruction.ts';
import { kindOfLine, type Listing, lineKinds, lineText } from '../../../language-server/disassembly/listing.ts';
import { parseListing } from '../../../language-server/disassembly/parse-listing.ts';
import { destinationOf, fileOfInstruction, instructionOf } from '../../../language-server/disassembly/places.ts';
import { listingNames, listingText, readListing } from './listing-fixture.ts';

/** "address|bytes|prefix|mnemonic|operands|comment|target", as little as says all of an instruction. */
function described(listing: Listing, index: number): string {
  const line = lineText(listing, listing.instructionLines[index] ?? 0);
  const { address, bytes, prefix, mnemonic, operands, comment, target } = readInstruction(
    line,
    fileOfInstruction(listing, index)?.dialect ?? 'gnu',
  );
  const part = (span: { start: number; end: number } | null): string =>
    span === null ? '' : line.slice(span.start, span.end);
  return [
    address.toString(16),
    bytes?.count ?? '',
    prefix,
    mnemonic.text,
    part(operands),
    part(comment),
    target === null ? '' : `${target.address.toString(16)}=${target.symbol?.name ?? '?'}+${target.symbol?.offset ?? 0}`,
  ].join('|');
}

describe('instructions of', () => {
  test.each([
    ['aarch64-gnu', 0, '0|4||stp|x29, x30, [sp, #-16]!||'],
    ['aarch64-gnu', 6, '18|4||b.eq|0 <f>|// b.none|0=f+0'],
    ['aarch64-gnu', 14, '38|4||mov|w0, #0x2a|// #42|'],
    ['aarch64-llvm', 5, '14|4||tbnz|w1, #3, 0x24 <f+0x24>||24=f+36'],
    ['aarch64-llvm', 12, '30|4||.word|0x9abcdef0||'],
    ['arm-gnu', 2, '8|4||ldr|r0, [pc, #12]|@ 1c <f+0x1c>|1c=f+28'],
    ['arm-gnu', 10, '26|4||movw|r1, #1234|@ 0x4d2|'],
    ['arm-gnu', 11, '2a|2||cbz|r0, 30 <h+0xc>||30=h+12'],
    ['arm-llvm', 1, '4|4||bl|0x20 <g>|@ imm = #20|20=g+0'],
    ['riscv64-gnu-relocations', 3, 'c|4||jalr|ra|# 8 <f+0x8>|8=f+8'],
    ['riscv64-llvm', 3, '100bc|4||beqz|a0, 0x100d8 <f+0x28>||100d8=f+40'],
    ['mips-gnu', 3, 'c|4||beqz|v0,24 <f+0x24>||24=f+36'],
    ['powerpc-gnu', 4, '10|4||beq|1c <f+0x1c>||1c=f+28'],
    ['s390x-gnu', 1, '6|6||brasl|%r14,24 <g>||24=g+0'],
    ['m68k-gnu', 0, '0|4||movel|%sp@(4),%d0||'],
    ['m68k-gnu', 1, '4|4||bsrw|18 <g>||18=g+0'],
    ['sparc64-gnu', 6, '18|4||sethi|%hi(0x12000), %o0||'],
    ['sh4-gnu', 4, '8|2||mov.l|10 <f+0x10>,r1|! 12345678|10=f+16'],
    ['alpha-gnu', 1, '4|4||bsr|ra,14 <g>||14=g+0'],
    ['hppa-gnu', 1, '4|4||b,l|1c <g>,rp||1c=g+0'],
    ['ia64-gnu', 0, '0|6||alloc|r32=ar.pfs,0,0,0;;||'],
    ['ia64-gnu', 5, '1c|4||br.cond.dptk.few|10 <f+0x10>||10=f+16'],
    ['i386-gnu', 3, '8|4|lock|cmpxchg|%eax,(%edx)||'],
    ['i386-gnu', 11, '1e|1||(bad)|||'],
    ['i386-intel-plain', 3, '8||lock|cmpxchg|DWORD PTR [edx],eax||'],
    ['i386-llvm', 6, 'e|3|repne|jmp|0x0 <f>||0=f+0'],
    ['x86-64-jumps-gnu', 6, '11b3|2||jle|11fe <main+0x57> (File Offset: 0x11fe)||11fe=main+87'],
    ['x86-64-plain-llvm', 4, '1164|||leaq|3745(%rip), %rdx|# 0x200c <_IO_stdin_used+0xc>|200c=_IO_stdin_used+12'],
    ['x86-64-source-gnu', 10, '11c3|7||lea|0xe3c(%rip),%r12|# 2006 <_IO_stdin_used+0x6>|2006=_IO_stdin_used+6'],
  ])('%s: number %i', (name, index, expected) => {
    expect(described(readListing(name), index)).toBe(expected);
  });
});

describe.each(listingNames)('every line of %s', name => {
  const listing = readListing(name);

  test('that begins with an address is an instruction, or goes on with the bytes of one', () => {
    const addressed = listingText(name)
      .split('\n')
      .filter(line => /^ *[0-9a-f]+:[\t ]/u.test(line));
    const kinds = Array.from(listing.lineKinds).filter(
      kind => kind === lineKinds.instruction || kind === lineKinds.continuation,
    );
    expect(kinds.length).toBe(addressed.length);
    expect(addressed.length).toBeGreaterThan(4);
  });

  test('that an instruction of the listing points to is found by its address', () => {
    let found = 0;
    for (let index = 0; index < listing.instructionLines.length; index += 1) {
      const target = destinationOf(listing, index);
      const written = instructionOf(listing, index).target;
      const isHere = listing.instructionAddresses.includes(written?.address ?? -1n);
      // Where a relocation stands below, the address is not the target yet; an address inside an instruction is no line.
      if (written === null || !isHere || name.includes('relocations')) continue;
      expect(listing.instructionAddresses[target?.instruction ?? -1]).toBe(written.address);
      found += 1;
    }
    expect(found > 0 || name.includes('relocations')).toBe(true);
  });
});

test('the model has files, sections and functions with their lines', () => {
  const listing = readListing('x86-64-relocations-gnu');
  expect(listing.files).toMatchObject([{ name: 't.o', format: 'elf64-x86-64', dialect: 'gnu', line: 1, lastLine: 97 }]);
  expect(listing.sections.map(({ name }) => name)).toEqual(['.text.helper', '.text.table', '.text.main']);
  expect(listing.functions).toMatchObject([
    { name: 'helper', address: 0n, line: 6, lastLine: 21, section: 0, firstInstruction: 0, endInstruction: 14 },
    { name: 'table', address: 0n, section: 1, firstInstruction: 14 },
    { name: 'main', address: 0n, section: 2, lastLine: 97 },
  ]);
});

test('labels inside a function do not end it', () => {
  expect(readListing('riscv64-gnu-relocations').functions.map(({ name }) => name)).toEqual(['f', 'g']);
  expect(readListing('aarch64-llvm').functions.map(({ name }) => name)).toEqual(['f', 'g']);
});

describe('interleaved source', () => {
  test.each(['x86-64-source-gnu', 'x86-64-source-llvm'])('of %s is told from the code', name => {
    const listing = readListing(name);
    const kinds = new Map(
      Array.from(listing.lineKinds, (_, line) => [
        lineText(listing, line).replace(/^; /u, ''),
        kindOfLine(listing, line),
      ]),
    );
    expect(kinds.get('main():')).toBe(lineKinds.sourceFunction);
    expect(kinds.get('/src/t.c:9')).toBe(lineKinds.sourcePosition);
    expect(kinds.get('    s += helper(i); // <weird>: comment')).toBe(lineKinds.source);
    expect(listing.instructionLines.length).toBe(32);
  });

  test('that looks like code is not', () => {
    const text = [
      'a.out:     file format elf64-x86-64',
      '',
      'Disassembly of section .text:',
      '',
      '0000000000001139 <main>:',
      ' * Of another build:',
      '    1139:\t55                   \tpush   %rbp',
      '    1130:\tc3                   \tret',
      '  113a:\t90                   \tnop',
      '    feed:',
      '    113a:\t48 89 e5             \tmov    %rsp,%rbp',
      '    dead:\tbeef;',
      '1:2',
      'x ? y : z/3:4',
      '    113d:\tc3                   \tret',
    ].join('\n');
    const listing = parseListing(text);
    const addresses = Array.from(listing.instructionAddresses, address => address.toString(16));
    expect(addresses).toEqual(['1139', '113a', '113d']);
  });

  test('before the first instruction is told by the address of the heading', () => {
    const text = '0000000000001139 <main>:\n    2000:\tfoo\n    1139:\t55\tpush   %rbp\n';
    const listing = parseListing(text);
    expect([...listing.instructionAddresses]).toEqual([0x1139n]);
  });
});

test('lines end as in the Language Server Protocol', () => {
  const text = '0000000000000000 <f>:\r\n   0:\tnop\rsource\n   1:\tret';
  const listing = parseListing(text);
  expect(Array.from(listing.lineKinds)).toEqual([
    lineKinds.heading,
    lineKinds.instruction,
    lineKinds.source,
    lineKinds.instruction,
  ]);
  expect(lineText(listing, 1)).toBe('   0:\tnop');
});

test('an archive has files', () => {
  const one = readListing('x86-64-relocations-gnu').text;
  const listing = parseListing(`In archive libt.a:\n${one}${one.replace('t.o', 'u.o')}`);
  expect(listing.files.map(({ name }) => name)).toEqual(['t.o', 'u.o']);
  expect(listing.functions.map(({ name }) => name)).toEqual(['helper', 'table', 'main', 'helper', 'table', 'main']);
});

test('several names of one address share its code', () => {
  const listing = parseListing('0000000000000010 <a>:\n0000000000000010 <b>:\n  10:\tnop\n  11:\tret\n');
  expect(listing.functions).toMatchObject([
    { name: 'a', firstInstruction: 0, endInstruction: 2, lastLine: 3 },
    { name: 'b', firstInstruction: 0, endInstruction: 2, lastLine: 3 },
  ]);
});

test('joined listings of one section are all read', () => {
  const listing = parseListing(
    'Disassembly of section .text:\n0000000000000020 <b>:\n  20:\tret\n0000000000000010 <a>:\n  10:\tret\n',
  );
  expect(listing.functions.map(({ name }) => name)).toEqual(['b', 'a']);
  expect([...listing.instructionAddresses]).toEqual([0x20n, 0x10n]);
});

test('addresses of the kernel keep all of their bits', () => {
  const listing = parseListing('ffffffff81000001 <startup_64>:\nffffffff81000001:\tnop\nffffffff81000003:\tret\n');
  expect([...listing.instructionAddresses]).toEqual([0xffffffff81000001n, 0xffffffff81000003n]);
});

describe('text that is no listing', () => {
  test.each([
    '',
    '\n',
    'Hello',
    'objdump: x: file format not recognized',
    '<>:',
    ':\t:',
    '0:',
    '0000000000000000 <>:\n',
  ])('%j is read without complaint', text => {
    expect(parseListing(text).instructionLines.length).toBe(0);
  });
});
