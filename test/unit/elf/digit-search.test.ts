import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalDigitTest, hexDigitTest } from '../../../language-server/elf/rows/digit-search.ts';

const half = fc.oneof(fc.nat(0xffff_ffff), fc.nat(0xffff), fc.constantFrom(0, 0xffff_ffff, 0x8000_0000));

/** A piece of a text, or one that may not occur in it. */
function pieceOf(text: string, digits: string): fc.Arbitrary<string> {
  const piece = fc
    .tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: text.length }))
    .map(([start, length]) => text.slice(start, start + length));
  return fc.oneof(piece, fc.string({ unit: fc.constantFrom(...digits), minLength: 1, maxLength: 4 }));
}

test.for([8, 16] as const)('texts in hexadecimal numbers of %i digits', digits => {
  const cases = fc.tuple(half, half).chain(([high, low]) => {
    const upper = digits === 16 ? high.toString(16).padStart(8, '0') : '';
    const written = `0x${upper}${low.toString(16).padStart(8, '0')}`;
    return fc.tuple(fc.constant({ high, low, written }), pieceOf(written, '0123456789abcdefx'));
  });
  fc.assert(
    fc.property(cases, ([{ high, low, written }, text]) => {
      expect(hexDigitTest(text, digits)(high, low)).toBe(written.includes(text));
    }),
    { numRuns: 3000 },
  );
});

test('texts in decimal numbers', () => {
  const number = fc.oneof(fc.nat(999), fc.nat(), fc.maxSafeNat());
  const cases = number.chain(value => fc.tuple(fc.constant(value), pieceOf(String(value), '0123456789')));
  fc.assert(
    fc.property(cases, ([value, text]) => {
      expect(decimalDigitTest(text)(value)).toBe(String(value).includes(text));
    }),
    { numRuns: 3000 },
  );
});
