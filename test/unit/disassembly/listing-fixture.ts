import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Listing, lineText } from '../../../language-server/disassembly/listing.ts';
import { parseListing } from '../../../language-server/disassembly/parse-listing.ts';
import type { TextPosition, TextRange } from '../../../language-server/disassembly/text-range.ts';

const folder = join(import.meta.dirname, 'listings');

/** What objdump of binutils 2.40 and LLVM 14 printed for small files; `MACHINE-WRITER.txt`. */
export const listingNames: readonly string[] = readdirSync(folder).map(name => name.replace('.txt', ''));

export function listingText(name: string): string {
  return readFileSync(join(folder, `${name}.txt`), 'utf8');
}

export function readListing(name: string): Listing {
  return parseListing(listingText(name));
}

/** The place of `what` in the first line that holds `where`, one character into it. */
export function positionOf({ text }: Listing, where: string, what: string): TextPosition {
  const line = text.split('\n').findIndex(content => content.includes(where));
  const character = text.split('\n')[line]?.indexOf(what) ?? -1;
  if (line < 0 || character < 0) throw new Error(`The listing has no "${what}" in a line with "${where}"`);
  return { line, character: character + 1 };
}

/** The text that a range covers, which is in one line. */
export function textAt(listing: Listing, { start, end }: TextRange): string {
  return lineText(listing, start.line).slice(start.character, end.character);
}
