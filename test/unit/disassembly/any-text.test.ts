import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folds } from '../../../language-server/disassembly/folding.ts';
import { hover } from '../../../language-server/disassembly/hover.ts';
import { lineCount } from '../../../language-server/disassembly/listing.ts';
import { definition, highlights, references } from '../../../language-server/disassembly/navigation.ts';
import { type OutlineEntry, outline } from '../../../language-server/disassembly/outline.ts';
import { parseListing } from '../../../language-server/disassembly/parse-listing.ts';
import type { TextRange } from '../../../language-server/disassembly/text-range.ts';
import { listingNames, listingText } from './listing-fixture.ts';

const realLines = [...new Set(listingNames.flatMap(name => listingText(name).split('\n')))];

/** Lines of real listings, cut, joined, and with anything in them. */
const line = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...realLines) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...realLines), fc.nat(80)).map(([text, at]) => text.slice(0, at)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...realLines), fc.nat(80), fc.string({ unit: 'binary' }))
      .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at)),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[ \t]{0,3}[0-9a-f]{1,18}:?[ \t]?[<>;#@+x0-9a-f ]{0,20}$/u) },
);
const text = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 60 })
  .map(lines => lines.flat().join(''));

function rangesOf(entries: readonly OutlineEntry[]): readonly TextRange[] {
  return entries.flatMap(({ range, selectionRange, children }) => [range, selectionRange, ...rangesOf(children)]);
}

test('any text is answered everywhere, with ranges that are in it', () => {
  fc.assert(
    fc.property(text, fc.nat(60), fc.nat(90), (content, atLine, character) => {
      const listing = parseListing(content);
      const lines = content.split(/\r\n|\r|\n/u);
      expect(lineCount(listing)).toBe(lines.length);
      const position = { line: atLine, character };
      const found = definition(listing, position);
      const ranges = [
        ...rangesOf(outline(listing)),
        ...references(listing, position).map(({ range }) => range),
        ...highlights(listing, position),
        ...(found === null ? [] : [found.origin]),
        ...(found?.kind === 'here' ? [found.range] : []),
        ...[hover(listing, position)].flatMap(text => (text === null ? [] : [text.range])),
      ];
      for (const { start, end } of ranges) {
        expect(end.line).toBeLessThan(lines.length);
        expect(end.line > start.line || end.character >= start.character).toBe(true);
        expect(end.character).toBeLessThanOrEqual(lines[end.line]?.length ?? -1);
      }
      for (const { startLine, endLine } of folds(listing)) {
        expect(startLine).toBeLessThan(endLine);
        expect(endLine).toBeLessThan(lines.length);
      }
      const { instructionLines } = listing;
      expect([...instructionLines].sort((one, other) => one - other)).toEqual([...instructionLines]);
    }),
    { numRuns: 1000 },
  );
});

test('addresses ascend in each section', () => {
  fc.assert(
    fc.property(text, content => {
      const { sections, instructionAddresses } = parseListing(content);
      for (const { firstInstruction, endInstruction } of sections) {
        const addresses = [...instructionAddresses.subarray(firstInstruction, endInstruction)];
        expect(addresses.every((address, index) => index === 0 || address > (addresses[index - 1] ?? 0n))).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
