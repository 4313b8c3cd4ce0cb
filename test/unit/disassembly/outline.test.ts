import { describe, expect, test } from 'vitest';
import { folds } from '../../../language-server/disassembly/folding.ts';
import { hover, hoveredSymbol } from '../../../language-server/disassembly/hover.ts';
import { type OutlineEntry, outline } from '../../../language-server/disassembly/outline.ts';
import { parseListing } from '../../../language-server/disassembly/parse-listing.ts';
import { listingNames, positionOf, readListing, textAt } from './listing-fixture.ts';

function flat(entries: readonly OutlineEntry[], depth = 0): readonly string[] {
  return entries.flatMap(({ name, detail, children }) => [
    `${'  '.repeat(depth)}${name}${detail === '' ? '' : ` (${detail})`}`,
    ...flat(children, depth + 1),
  ]);
}

describe('the outline', () => {
  test('of one section is its functions', () => {
    expect(flat(outline(readListing('arm-gnu')))).toEqual([
      'f (0x0, 32 bytes, 8 instructions)',
      'g (0x20, 4 bytes, 1 instruction)',
      'h (0x24, 16 bytes, 6 instructions)',
    ]);
  });

  test('of several sections has them above, without those that are empty', () => {
    expect(flat(outline(readListing('x86-64-relocations-gnu')))).toEqual([
      '.text.helper',
      '  helper (0x0, 35 bytes, 14 instructions)',
      '.text.table',
      '  table (0x0, 104 bytes, 29 instructions)',
      '.text.main',
      '  main (0x0, 98 bytes, 29 instructions)',
    ]);
    expect(flat(outline(readListing('x86-64-source-gnu')))).toEqual(['main (0x11a7, 94 bytes, 32 instructions)']);
  });

  test('of an archive has its files above', () => {
    const { text } = readListing('arm-gnu');
    const names = outline(parseListing(`${text}${text.replace('arm.o', 'leg.o')}`)).map(({ name, kind }) => [
      name,
      kind,
    ]);
    expect(names).toEqual([
      ['arm.o', 'file'],
      ['leg.o', 'file'],
    ]);
  });

  test('without raw bytes says what is certain of a size', () => {
    expect(flat(outline(readListing('i386-intel-plain')))).toEqual([
      'f (0x0, over 25 bytes, 9 instructions)',
      'g (0x1a, over 5 bytes, 4 instructions)',
    ]);
  });

  test('shows names as it is told, and never what could deceive', () => {
    const listing = parseListing('0000000000000000 <_Z1fv>:\n   0:\tret\n0000000000000001 <a\u202eb>:\n   1:\tret\n');
    const names = outline(listing, name => (name === '_Z1fv' ? 'f()' : name)).map(({ name }) => name);
    expect(names).toEqual(['f()', 'a\\u{202e}b']);
  });

  test.each(listingNames)('of %s has ranges that lie in each other', name => {
    const check = (entries: readonly OutlineEntry[], from: number, to: number): void => {
      let last = from;
      for (const { range, selectionRange, children } of entries) {
        expect(range.start.line).toBeGreaterThanOrEqual(last);
        expect(range.end.line).toBeLessThanOrEqual(to);
        expect(selectionRange.start).toEqual(range.start);
        check(children, range.start.line, range.end.line);
        last = range.end.line + 1;
      }
    };
    const listing = readListing(name);
    expect(outline(listing).length).toBeGreaterThan(0);
    check(outline(listing), 0, listing.lineKinds.length);
  });
});

describe('folds', () => {
  test('are sections and functions', () => {
    expect(folds(readListing('mips-gnu'))).toEqual([
      { startLine: 4, endLine: 23, kind: 'region' },
      { startLine: 6, endLine: 18, kind: 'region' },
      { startLine: 20, endLine: 23, kind: 'region' },
    ]);
  });

  test('are runs of source', () => {
    const listing = readListing('x86-64-source-gnu');
    const first = folds(listing).find(({ kind }) => kind === 'source');
    expect(first).toEqual({ startLine: 13, endLine: 20, kind: 'source' });
  });

  test.each(listingNames)('of %s have an end', name => {
    const listing = readListing(name);
    for (const { startLine, endLine } of folds(listing)) {
      expect(endLine).toBeGreaterThan(startLine);
      expect(endLine).toBeLessThan(listing.lineKinds.length);
    }
  });
});

describe('a hover', () => {
  const markdown = (
    name: string,
    where: string,
    what: string,
    demangled = (symbol: string) => symbol,
  ): string | null => {
    const listing = readListing(name);
    return hover(listing, positionOf(listing, where, what), demangled)?.markdown ?? null;
  };

  test('over a heading tells the size of the function', () => {
    expect(markdown('arm-gnu', '<h>:', 'h>')).toBe(
      ['```cpp\nh\n```', '`0x24`, section `.text`', '16 bytes, 6 instructions'].join('\n\n'),
    );
  });

  test('over a call tells the same', () => {
    expect(markdown('arm-gnu', 'blx', '24')).toBe(markdown('arm-gnu', '<h>:', 'h>'));
  });

  test('over a jump into a function tells where, and the source', () => {
    expect(markdown('x86-64-source-gnu', 'jle    11fe', 'main+')).toBe(
      ['```cpp\nmain+0x57\n```', '`0x11fe`, section `.text`', '`/src/t.c:8`'].join('\n\n'),
    );
  });

  test('over code elsewhere says that it is', () => {
    expect(markdown('x86-64-source-gnu', 'call   1050', 'rand')).toBe(
      ['```cpp\nrand@plt\n```', '`0x1050`, not in this listing, stub of the procedure linkage table'].join('\n\n'),
    );
  });

  test('shows a demangled name, and the mangled one below it', () => {
    const listing = parseListing('0000000000000000 <_Z1fv>:\n   0:\tret\n');
    const position = { line: 0, character: 20 };
    expect(hoveredSymbol(listing, position)).toBe('_Z1fv');
    expect(hover(listing, position, () => 'f()')?.markdown).toMatch(/^```cpp\nf\(\)\n```\n\n`_Z1fv`\n\n/u);
  });

  test('cannot be broken out of by a name', () => {
    const listing = parseListing('0000000000000000 <a```b\u0007>:\n   0:\tret\n');
    expect(hover(listing, { line: 0, character: 20 })?.markdown).toMatch(/^````cpp\na```b\\x07\n````\n\n/u);
  });

  test('says nothing of mnemonics and registers', () => {
    expect(markdown('aarch64-gnu', 'cbz', 'cbz')).toBeNull();
    expect(markdown('aarch64-gnu', 'cbz', 'x0')).toBeNull();
  });

  test('covers what it is about', () => {
    const listing = readListing('aarch64-gnu');
    const found = hover(listing, positionOf(listing, 'cbz', '24'));
    expect(found === null ? '' : textAt(listing, found.range)).toBe('24 <f+0x24>');
  });
});
