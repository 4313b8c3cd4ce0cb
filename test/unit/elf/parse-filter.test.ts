import { describe, expect, test } from 'vitest';
import { parseFilter } from '../../../language-server/elf/rows/parse-filter.ts';
import { rowMatches } from '../../../language-server/elf/rows/row-predicate.ts';
import { column } from '../../../language-server/elf/tables/table.ts';

const columns = [
  column('number', 'Nr', 'number'),
  column('name', 'Name', 'name'),
  column('address', 'Virtual Address', 'address'),
  column('size', 'Size', 'size'),
  column('binding', 'Bind', 'text'),
  column('addend', 'Addend', 'number'),
];
const row = ['7', 'std::alloc', '0x0000000000001000', '4096', 'GLOBAL', '-0x4'];

function check(filter: string, expected: boolean): void {
  const parsed = parseFilter(filter, columns);
  if (parsed.kind === 'error') throw new Error(parsed.error.message);
  expect(rowMatches(row, parsed.terms, undefined)).toBe(expected);
}

describe('a row has', () => {
  test.for([
    ['', true],
    ['alloc', true],
    ['ALLOC global', true],
    ['alloc local', false],
    ['-local', true],
    ['-global', false],
    ['std::alloc', true],
    ['std::free', false],
    ['"std::alloc"', true],
    ['-"std::alloc"', false],
    ['bind:global', true],
    ['binding:GLOBAL', true],
    ['Bind:glob', false],
    ['bind~glob', true],
    ['-bind:local', true],
    ['"Virtual Address":0x1000', true],
    ['virtualaddress:0x1000', true],
    ['address:4096', true],
    ['address:"0x0000000000001000"', true],
    ['address:"0x1000"', false],
    ['size:4k', true],
    ['size:4K', true],
    ['size:4kB', true],
    ['size:4KiB', true],
    ['size:0x1000', true],
    ['size:0.5k..4.5k', true],
    ['size:>4k', false],
    ['size:>=4k', true],
    ['size:<4k', false],
    ['size:<=4k', true],
    ['size:<1M size:>1', true],
    ['size:..4k', true],
    ['size:4097..', false],
    ['-size:>1M', true],
    ['addend:<0', true],
    ['addend:-4', true],
    ['addend:-0x8..-0x1', true],
    ['addend:>0', false],
    ['name:"std::alloc"', true],
    ['name~"::a"', true],
    ['-', true],
    ['- alloc', true],
    ['~alloc', false],
    ['a"b', false],
    ['"a\\"b"', false],
    ['"\\\\"', false],
    ['"Bind":"global"', true],
  ] as const)('%s', ([filter, expected]) => check(filter, expected));

  test('no number where a cell has none', () => {
    const parsed = parseFilter('size:>=0', columns);
    expect(parsed).toMatchObject({ kind: 'terms' });
    if (parsed.kind === 'terms') expect(rowMatches(['1', 'a', '', '', '', ''], parsed.terms, undefined)).toBe(false);
  });
});

describe('what cannot be understood is told with its place', () => {
  test.for([
    ['alloc colour:red', 6, 12, /no column "colour"; there are number, name/u],
    ['a http://x', 2, 6, /no column "http".*in quotes/u],
    ['x~y', 0, 1, /no column "x"/u],
    ['size:large', 5, 10, /"large" is not a number as Size takes it/u],
    ['size:>', 5, 6, /not a number/u],
    ['size:1..2..3', 5, 12, /not a number/u],
    ['size:..', 5, 7, /not a number/u],
    ['foo name:>4k', 9, 12, /Name holds texts/u],
    ['bind:', 0, 5, /A value is missing/u],
    ['-bind: x', 1, 6, /A value is missing/u],
    ['a "open', 2, 7, /no closing quotation mark/u],
    ['bind:"open', 5, 10, /no closing quotation mark/u],
  ] as const)('%s', ([filter, start, end, message]) => {
    expect(parseFilter(filter, columns)).toEqual({
      kind: 'error',
      error: { start, end, message: expect.stringMatching(message) },
    });
  });

  test('a text that only looks like a comparison stays a text', () => {
    expect(parseFilter('name:<corrupt>', columns)).toMatchObject({ terms: [{ kind: 'equals', text: '<corrupt>' }] });
  });
});
