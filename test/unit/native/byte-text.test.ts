import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBytes, displayText, encodeBytes, osPath } from '../../../language-server/native/byte-text.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

test('any bytes come back the same', () => {
  fc.assert(
    fc.property(bytes, given => {
      expect(new Uint8Array(encodeBytes(decodeBytes(given)))).toEqual(given);
    }),
  );
});

test('any bytes survive JSON', () => {
  fc.assert(
    fc.property(bytes, given => {
      const travelled = JSON.parse(JSON.stringify(decodeBytes(given)));
      expect(new Uint8Array(encodeBytes(travelled))).toEqual(given);
    }),
  );
});

test('valid UTF-8 decodes as UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      expect(decodeBytes(Buffer.from(text))).toBe(text);
    }),
  );
});

test('a name that is not UTF-8 is given to the system as bytes, any other as text', () => {
  expect(osPath('/tmp/ä')).toBe('/tmp/ä');
  expect(osPath(decodeBytes(Buffer.from([0x2f, 0xff])))).toEqual(Buffer.from([0x2f, 0xff]));
});

test('what is shown cannot command a terminal or reverse a name', () => {
  const hostile = decodeBytes(Buffer.from('a\u001b[31mb\nc\u202ed\u2066é日本', 'utf8'));
  expect(displayText(hostile)).toBe('a\\x1b[31mb\\x0ac\\u{202e}d\\u{2066}é日本');
  expect(displayText(decodeBytes(Buffer.from([0x61, 0xff])))).toBe('a\\xff');
});
