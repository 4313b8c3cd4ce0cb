import { crossReferences } from './cross-references.ts';
import { type Element, elementAt, nameSpan, registersOf } from './element.ts';
import { functionOfInstruction, kindOfLine, type Listing, lineKinds, lineText } from './listing.ts';
import {
  type Destination,
  destinationOf,
  destinationOfFunction,
  destinationOfInstruction,
  instructionOf,
} from './places.ts';
import { type SourcePosition, sourcePositionAbove } from './source-position.ts';
import { rangeInLine, type TextPosition, type TextRange } from './text-range.ts';

/** Where "go to definition" leads. `origin` is what was asked about. */
export type Definition = { readonly origin: TextRange } & (
  | { readonly kind: 'here'; readonly range: TextRange }
  /** Code that the listing does not show. The symbol is as the file's symbol table has it, without version. */
  | { readonly kind: 'symbol'; readonly symbol: string }
  | { readonly kind: 'source'; readonly source: SourcePosition }
);

/**
 * From a target (or the relocation that names it) to the line with that address, or to the symbol that is not in this listing;
 * from a mnemonic or a line of source to the source, where `-l` says which.
 */
export function definition(listing: Listing, position: TextPosition): Definition | null {
  const element = elementAt(listing, position);
  if (element === null) return null;
  const origin = rangeInLine(position.line, element.span.start, element.span.end);
  if (element.kind === 'mnemonic' || element.kind === 'sourcePosition') {
    const source = sourcePositionAbove(listing, position.line);
    return source === null ? null : { kind: 'source', origin, source };
  }
  const place = placeOf(listing, element);
  if (place === null) return null;
  const range = rangeOfPlace(listing, place);
  if (range !== null) return { kind: 'here', origin, range };
  const symbol = symbolToOpen(listing, element, place);
  return symbol === null ? null : { kind: 'symbol', origin, symbol };
}

export interface Reference {
  readonly range: TextRange;
  /** The line that has the address, not one that points to it. */
  readonly isDefinition: boolean;
}

/**
 * All that points to the place at the position (a target, an address, a function's heading), and the place itself first,
 * where it is in the listing.
 */
export function references(listing: Listing, position: TextPosition): readonly Reference[] {
  const element = elementAt(listing, position);
  const place = element === null ? null : placeOf(listing, element);
  if (place === null) return [];
  const own = rangeOfPlace(listing, place);
  const pointing = crossReferences(listing)
    .to(place)
    .map(index => ({ range: rangeOfTarget(listing, index), isDefinition: false }));
  return own === null ? pointing : [{ range: own, isDefinition: true }, ...pointing];
}

/** The instructions around the position whose registers are looked at; larger functions are generated code. */
const highlightedInstructions = 10_000;

/** As {@link references}; of a register, all of its uses in the function, under any of its names (`%rax`, `%eax`, `%al`). */
export function highlights(listing: Listing, position: TextPosition): readonly TextRange[] {
  const element = elementAt(listing, position);
  if (element?.kind !== 'register') return references(listing, position).map(({ range }) => range);
  const { instruction, register } = element;
  const listed = listing.functions[functionOfInstruction(listing, instruction)];
  const first = Math.max(listed?.firstInstruction ?? 0, instruction - highlightedInstructions);
  const end = Math.min(
    listed?.endInstruction ?? listing.instructionLines.length,
    instruction + highlightedInstructions,
  );
  const found: TextRange[] = [];
  for (let index = first; index < end; index += 1) {
    const line = listing.instructionLines[index] ?? 0;
    for (const word of registersOf(listing, index, lineText(listing, line), instructionOf(listing, index))) {
      if (word.family === register.family) found.push(rangeInLine(line, word.start, word.end));
    }
  }
  return found;
}

/** The place that an element is about; null: none. */
export function placeOf(listing: Listing, element: Element): Destination | null {
  switch (element.kind) {
    case 'function':
      return destinationOfFunction(listing, element.function);
    case 'target':
      return destinationOf(listing, element.instruction);
    case 'address':
      return destinationOfInstruction(listing, element.instruction);
    case 'register':
    case 'mnemonic':
    case 'sourcePosition':
      return null;
  }
}

/** A function's name in its heading, else the address of the instruction; null where the listing does not show it. */
function rangeOfPlace(listing: Listing, place: Destination): TextRange | null {
  const listed = listing.functions[place.function];
  if (listed !== undefined) {
    const { start, end } = nameSpan(lineText(listing, listed.line));
    return rangeInLine(listed.line, start, end);
  }
  if (place.instruction < 0) return null;
  const { start, end } = instructionOf(listing, place.instruction).addressSpan;
  return rangeInLine(listing.instructionLines[place.instruction] ?? 0, start, end);
}

/** The target in the line, else the symbol of the relocation below it. */
function rangeOfTarget(listing: Listing, index: number): TextRange {
  const line = listing.instructionLines[index] ?? 0;
  if (kindOfLine(listing, line + 1) === lineKinds.relocation) {
    const text = lineText(listing, line + 1);
    return rangeInLine(line + 1, text.length - text.trimStart().length, text.trimEnd().length);
  }
  const { target, mnemonic } = instructionOf(listing, index);
  const { start, end } = target ?? mnemonic;
  return rangeInLine(line, start, end);
}

/**
 * The name by which the file's symbol table knows the code that control goes to; null where there is none: stubs of the
 * linker, whose code is in another file, and addresses that merely lie behind the nearest symbol of a stripped file.
 */
function symbolToOpen(listing: Listing, element: Element, { symbol, offset, isBranch }: Destination): string | null {
  if (!isBranch || symbol === null || element.kind !== 'target' || /@plt$/u.test(symbol)) return null;
  const name = symbol.replace(/@@?[^@\s]*$/u, '');
  // Sections stand in for symbols that the file does not have.
  if (name === '' || /^[.*]/u.test(name)) return null;
  // A part that the compiler split off (f.cold, f.part.0) jumps back into the middle of its function.
  const from = listing.functions[functionOfInstruction(listing, element.instruction)]?.name ?? '';
  return offset === 0n || from.startsWith(`${name}.`) ? name : null;
}
