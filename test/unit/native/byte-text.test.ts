import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBytes, encodeBytes, osPath } from '../../../language-server/native/byte-text.ts';
import { displayText } from '../../../language-server/protocol/display-text.ts';

/** Any bytes, and bytes that are nearly UTF-8, which arbitrary ones hardly ever are. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 2 })), { maxLength: 20 })
    .map(parts => new Uint8Array(Buffer.concat(parts.map(part => Buffer.from(part as string))))),
);

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

test('what is not UTF-8 is escaped byte by byte, as a strict decoder sees it', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(bytes, given => {
      const text = decodeBytes(given);
      // The text without its escapes is what the valid parts alone decode to; a valid whole has no escapes.
      const escapes = /[\uDC80-\uDCFF]/gu;
      expect(strict.decode(encodeBytes(text.replace(escapes, '')))).toBe(text.replace(escapes, ''));
      expect(escapes.test(text)).toBe(!isUtf8(given));
    }),
  );
});

test.each([
  ['overlong slash', [0xc0, 0xaf], '\uDCC0\uDCAF'],
  ['overlong three bytes', [0xe0, 0x80, 0xaf], '\uDCE0\uDC80\uDCAF'],
  ['encoded surrogate', [0xed, 0xa0, 0x80], '\uDCED\uDCA0\uDC80'],
  ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], '\uDCF4\uDC90\uDC80\uDC80'],
  ['lead of five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80], '\uDCF8\uDC88\uDC80\uDC80\uDC80'],
  ['cut sequence', [0x61, 0xe2, 0x82], 'a\uDCE2\uDC82'],
  ['byte order mark', [0xef, 0xbb, 0xbf, 0xff], '\uFEFF\uDCFF'],
  ['four bytes beside a bad one', [0xf0, 0x9f, 0x92, 0x80, 0xff], '\u{1F480}\uDCFF'],
  ['NUL and DEL', [0x00, 0x7f, 0x80], '\0\x7F\uDC80'],
])('%s', (_, given, text) => {
  expect(decodeBytes(Uint8Array.from(given))).toBe(text);
  expect([...encodeBytes(text)]).toEqual(given);
});

test('a long text that is not UTF-8 comes back too', () => {
  const long = Buffer.alloc(100_000, Uint8Array.of(0xf0, 0x9f, 0x92, 0x80, 0xff, 0x41));
  expect(encodeBytes(decodeBytes(long)).equals(long)).toBe(true);
});

test('a view into a larger buffer is decoded alone', () => {
  const page = new Uint8Array([0x61, 0x62, 0xff, 0x63]);
  expect(decodeBytes(page.subarray(1, 3))).toBe('b\uDCFF');
});

test('a name that is not UTF-8 is given to the system as bytes, any other as text', () => {
  expect(osPath('/tmp/ä')).toBe('/tmp/ä');
  expect(osPath(decodeBytes(Buffer.from([0x2f, 0xff])))).toEqual(Buffer.from([0x2f, 0xff]));
});

test('what is shown cannot command a terminal or reverse a name', () => {
  const hostile = decodeBytes(Buffer.from('a\u001b[31mb\nc\u202ed\u2066é日本', 'utf8'));
  expect(displayText(hostile)).toBe('a\\x1b[31mb\\x0ac\\u{202e}d\\u{2066}é日本');
  expect(displayText(decodeBytes(Buffer.from([0x61, 0xff])))).toBe('a\\xff');
  expect(displayText('a\u2028b\u061Cc\u200Bd\uD800e')).toBe('a\\u{2028}b\\u{61c}c\\u{200b}d\\u{d800}e');
  // Joiners belong to words of several scripts and to emoji.
  expect(displayText('👩\u200D💻')).toBe('👩\u200D💻');
});
