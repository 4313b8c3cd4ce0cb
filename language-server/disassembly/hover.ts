import { displayText } from '../protocol/display-text.ts';
import { elementAt } from './element.ts';
import { functionSize, sizeText } from './function-size.ts';
import { functionOfInstruction, type Listing, sectionOfInstruction } from './listing.ts';
import { placeOf } from './navigation.ts';
import type { DisplayNames } from './outline.ts';
import type { Destination } from './places.ts';
import { sourcePositionAbove } from './source-position.ts';
import { rangeInLine, type TextPosition, type TextRange } from './text-range.ts';

export interface HoverText {
  readonly range: TextRange;
  readonly markdown: string;
}

/** The symbol that {@link hover} will name there, so that it can be demangled before; null: none. */
export function hoveredSymbol(listing: Listing, position: TextPosition): string | null {
  const element = elementAt(listing, position);
  return element === null ? null : (placeOf(listing, element)?.symbol ?? null);
}

/** About a function, a target or an address: its name, where it is, how large the function is, and its source where known. */
export function hover(
  listing: Listing,
  position: TextPosition,
  displayName: DisplayNames = name => name,
): HoverText | null {
  const element = elementAt(listing, position);
  const place = element === null ? null : placeOf(listing, element);
  if (element === null || place === null) return null;
  const range = rangeInLine(position.line, element.span.start, element.span.end);
  const paragraphs = [
    ...nameParagraphs(place, displayName),
    whereText(listing, place),
    ...sizeAndSource(listing, place),
  ];
  return { range, markdown: paragraphs.filter(text => text !== '').join('\n\n') };
}

function nameParagraphs({ symbol, offset }: Destination, displayName: DisplayNames): readonly string[] {
  if (symbol === null) return [];
  const shown = displayName(symbol);
  return [codeBlock(`${shown}${offsetText(offset)}`), ...(shown === symbol ? [] : [code(symbol)])];
}

function whereText(listing: Listing, place: Destination): string {
  const section = listing.sections[sectionOfInstruction(listing, place.instruction)]?.name ?? '';
  const address = place.address ?? listing.instructionAddresses[place.instruction] ?? null;
  const parts = [
    address === null ? '' : code(`0x${address.toString(16)}`),
    section === '' ? '' : `section ${code(section)}`,
    place.instruction < 0 ? 'not in this listing' : '',
    place.symbol?.endsWith('@plt') === true ? 'stub of the procedure linkage table' : '',
  ];
  return parts.filter(part => part !== '').join(', ');
}

function sizeAndSource(listing: Listing, place: Destination): readonly string[] {
  if (place.instruction < 0) return [];
  const index = place.function >= 0 ? place.function : functionOfInstruction(listing, place.instruction);
  const listed = listing.functions[index];
  const source = sourcePositionAbove(listing, listing.instructionLines[place.instruction] ?? 0);
  return [
    // The size of the function around an inner address would be taken for the size from there on.
    listed !== undefined && place.function >= 0 ? sizeText(functionSize(listing, index)) : '',
    source === null ? '' : code(`${source.path}:${source.line}`),
  ];
}

function offsetText(offset: bigint): string {
  if (offset === 0n) return '';
  return offset < 0n ? `-0x${(-offset).toString(16)}` : `+0x${offset.toString(16)}`;
}

/** A name may hold anything, also backticks: the fence is longer than any run of them. */
function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestTicks(text) + 1));
  return `${fence}cpp\n${displayText(text)}\n${fence}`;
}

function code(text: string): string {
  const fence = '`'.repeat(longestTicks(text) + 1);
  const padding = text.includes('`') ? ' ' : '';
  return `${fence}${padding}${displayText(text)}${padding}${fence}`;
}

function longestTicks(text: string): number {
  return Math.max(0, ...(text.match(/`+/gu) ?? []).map(run => run.length));
}
