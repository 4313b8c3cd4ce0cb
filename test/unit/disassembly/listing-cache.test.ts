import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createListingCache } from '../../../language-server/disassembly/listing-cache.ts';
import { parseListing } from '../../../language-server/disassembly/parse-listing.ts';
import { listingNames, listingText } from './listing-fixture.ts';

/** A document that another text is put into, as an editor does while a listing is still coming. */
function growing() {
  const document = { version: 0, text: '', getText: () => document.text };
  const read = createListingCache();
  return (text: string) => {
    document.version += 1;
    document.text = text;
    return read(document);
  };
}

test.each(listingNames)('%s, in parts, is read as it is at once', name => {
  const text = listingText(name);
  const lines = text.split(/(?<=\n)/u);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: lines.length }), { maxLength: 6 }), ends => {
      const show = growing();
      for (const end of [...ends].sort((one, other) => one - other)) {
        const part = lines.slice(0, end).join('');
        expect(show(part)).toEqual(parseListing(part));
      }
      expect(show(text)).toEqual(parseListing(text));
    }),
    { numRuns: 20 },
  );
});

test('a text that is no longer the same is read anew', () => {
  const [one = '', other = ''] = [listingText('x86-64-source-gnu'), listingText('aarch64-gnu')];
  const show = growing();
  for (const text of [one, other, other.slice(0, 200), one.replace('main', 'niam'), '']) {
    expect(show(text)).toEqual(parseListing(text));
  }
});

test('what was answered about the beginning stays as it was', () => {
  const text = listingText('x86-64-source-gnu');
  const show = growing();
  const end = text.indexOf('\n', text.length / 2) + 1;
  const before = show(text.slice(0, end));
  show(text);
  expect(before).toEqual(parseListing(text.slice(0, end)));
});
