import { describe, expect, test } from 'vitest';
import { readInstruction } from '../../../language-server/disassembly/instruction.ts';
import { kindOfLine, lineKinds, lineText } from '../../../language-server/disassembly/listing.ts';
import { disassemblyLanguageId } from '../../../language-server/protocol/disassembly.ts';
import { listingNames, readListing } from './listing-fixture.ts';
import { allRules, grammar, tokenize } from './tokenize.ts';

test('the grammar is for the language', () => {
  expect(grammar.scopeName).toBe('source.disassembly');
  expect(disassemblyLanguageId).toMatch(/-disassembly$/u);
});

test('its rules are ones that the test can follow: single lines, regular expressions that both engines read', () => {
  for (const rule of allRules()) {
    expect(
      Object.keys(rule).filter(key => !['name', 'match', 'captures', 'patterns', 'include'].includes(key)),
    ).toEqual([]);
    expect(() => new RegExp(rule.match ?? '', 'u')).not.toThrow();
    // Of Oniguruma only: possessive quantifiers, \h, \A, \z, \G, POSIX brackets; of JavaScript only: named groups as here.
    expect(rule.match ?? '').not.toMatch(/[*+?]\+|\\[hAzZGK]|\[\[:|\(\?<[A-Za-z]/u);
  }
});

test('its scopes are those that themes colour', () => {
  const roots = new Set(
    allRules().flatMap(({ name }) => (name === undefined ? [] : [name.split('.').slice(0, 2).join('.')])),
  );
  const standard =
    /^(?:meta\.\w[\w-]*|comment\.(?:line|block)|constant\.numeric|entity\.name|invalid\.illegal|keyword\.(?:control|other|operator)|punctuation\.(?:definition|separator)|storage\.(?:type|modifier)|string\.unquoted|variable\.parameter)$/u;
  expect([...roots].filter(root => !standard.test(root))).toEqual([]);
});

describe('a line', () => {
  const address = 'constant.numeric.hex.address';
  const bytes = 'comment.block.raw-bytes';
  const register = 'variable.parameter.register';
  const symbol = 'entity.name.function.symbol';
  test.each([
    [
      '    11b3:\t7e 49                \tjle    11fe <main+0x57>',
      {
        '11b3': address,
        '7e 49': bytes,
        jle: 'keyword.control.flow.jump',
        '11fe': address,
        main: symbol,
        '+0x57': 'constant.numeric.hex.offset',
      },
    ],
    [
      '    11ca: e8 81 fe ff ff               \tcallq\t0x1050 <rand@plt>',
      { 'e8 81 fe ff ff': bytes, callq: 'keyword.control.flow.call', '0x1050': address, 'rand@plt': symbol },
    ],
    ['    117d:\tret', { '117d': address, ret: 'keyword.control.flow.return' }],
    ['    115c:      \tja\t0x119a <table+0x41>', { '115c': address, ja: 'keyword.control.flow.jump', table: symbol }],
    [
      '      30:\tf0 de bc 9a\t.word\t0x9abcdef0',
      { 'f0 de bc 9a': bytes, '.word': 'keyword.other.directive', '0x9abcdef0': 'constant.numeric.immediate' },
    ],
    [
      '  18:\t54000000 \tb.eq\t0 <f>  // b.none',
      {
        '54000000': bytes,
        'b.eq': 'keyword.control.flow.jump',
        '//': 'punctuation.definition.comment',
        'b.none': 'comment.line',
      },
    ],
    [
      '   0:\ta9bf7bfd \tstp\tx29, x30, [sp, #-16]!',
      {
        stp: 'keyword.other.mnemonic',
        x29: register,
        x30: register,
        sp: register,
        '#-16': 'constant.numeric.immediate',
      },
    ],
    [
      '   8:\te59f000c \tldr\tr0, [pc, #12]\t@ 1c <f+0x1c>',
      { r0: register, pc: register, '@': 'punctuation.definition.comment', '1c': address },
    ],
    [
      '   8:\tf0 0f b1 02          \tlock cmpxchg %eax,(%edx)',
      { lock: 'storage.modifier.prefix', cmpxchg: 'keyword.other.mnemonic', '%eax': register },
    ],
    ['   8:\tlock cmpxchg DWORD PTR [edx],eax', { 'DWORD PTR': 'storage.type.size', edx: register, eax: register }],
    ['  1e:\tff                   \t(bad)', { '(bad)': 'invalid.illegal.instruction' }],
    ['  1b:\t00 ', { '1b': address, '00': bytes }],
    [
      '\t\t\t17: R_X86_64_PLT32\trand-0x4',
      { '17': address, R_X86_64_PLT32: 'storage.type.relocation', rand: symbol, '-0x4': 'constant.numeric.hex.offset' },
    ],
    ['00000000000011a7 <main>:', { '00000000000011a7': address, main: 'entity.name.function' }],
    [
      '0000000000001200 <std::map<int, long>::operator[](int&&)>:',
      { 'std::map<int, long>::operator[](int&&)': 'entity.name.function' },
    ],
    ['    1200:\tcall   10b0 <A::operator<(A const&) const@plt>', { 'A::operator<(A const&) const@plt': symbol }],
    [
      'Disassembly of section .text:',
      { 'Disassembly of section': 'keyword.other.section', '.text': 'entity.name.section' },
    ],
    [
      'a.out:     file format elf64-x86-64',
      { 'a.out': 'string.unquoted.file', 'elf64-x86-64': 'storage.type.file-format' },
    ],
    [
      '/src/t.c:9 (discriminator 3)',
      {
        '/src/t.c': 'string.unquoted.path',
        '9': 'constant.numeric.line-number',
        '(discriminator 3)': 'comment.block.discriminator',
      },
    ],
    ['main():', { main: 'entity.name.function.source' }],
    ['  for (int i = 0; i < n; i++) {', { 'for (int i = 0; i < n; i++) {': 'meta.embedded.source' }],
    ['\t...', { '...': 'comment.line.skipped' }],
  ])('%s', (line, expected) => {
    const tokens = new Map(tokenize(line).map(({ text, scope }) => [text, scope]));
    expect(Object.fromEntries([...tokens].filter(([text]) => text in expected))).toEqual(expected);
  });
});

describe.each(listingNames)('of %s', name => {
  const listing = readListing(name);

  test('each instruction has its parts in the scopes of the model', () => {
    for (const line of listing.instructionLines) {
      const text = lineText(listing, line);
      const tokens = tokenize(text);
      const { mnemonic, addressSpan } = readInstruction(text, listing.files[0]?.dialect ?? 'gnu');
      expect(tokens[0]).toEqual({
        text: text.slice(addressSpan.start, addressSpan.end),
        scope: 'constant.numeric.hex.address',
      });
      const found = tokens.find(token => token.text === mnemonic.text && /^(?:keyword|invalid)/u.test(token.scope));
      expect(found, text).toBeDefined();
    }
  });

  test('no line of code is taken for source', () => {
    for (let line = 0; line < listing.lineKinds.length; line += 1) {
      const kind = kindOfLine(listing, line);
      if (kind === lineKinds.source || kind === lineKinds.other) continue;
      expect(tokenize(lineText(listing, line)).map(({ scope }) => scope)).not.toContain('meta.embedded.source');
    }
  });
});
