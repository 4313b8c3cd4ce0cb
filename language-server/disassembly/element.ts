import type { Instruction, Span } from './instruction.ts';
import { instructionAtLine, kindOfLine, type Listing, lineCount, lineKinds, lineText, rangeAtLine } from './listing.ts';
import { fileOfInstruction, instructionOf } from './places.ts';
import { findRegisters, type RegisterWord } from './registers.ts';
import type { TextPosition } from './text-range.ts';

/** What stands at a position of the text. `span` is in the position's line. */
export type Element =
  | { readonly kind: 'function'; readonly function: number; readonly span: Span }
  /** The target of an instruction, or the relocation below it that names it. */
  | { readonly kind: 'target'; readonly instruction: number; readonly span: Span }
  | { readonly kind: 'address'; readonly instruction: number; readonly span: Span }
  | { readonly kind: 'register'; readonly instruction: number; readonly register: RegisterWord; readonly span: Span }
  | { readonly kind: 'mnemonic'; readonly instruction: number; readonly span: Span }
  | { readonly kind: 'sourcePosition'; readonly line: number; readonly span: Span };

export function elementAt(listing: Listing, { line, character }: TextPosition): Element | null {
  const text = lineText(listing, line);
  const whole: Span = { start: 0, end: text.length };
  switch (kindOfLine(listing, line)) {
    case lineKinds.heading:
      return elementOfHeading(listing, line, holds(nameSpan(text), character) ? nameSpan(text) : whole);
    case lineKinds.instruction:
      return elementOfInstruction(listing, instructionAtLine(listing, line), text, character);
    case lineKinds.relocation:
      return holds(trimmedSpan(text), character) ? elementOfRelocation(listing, line, trimmedSpan(text)) : null;
    case lineKinds.sourcePosition:
    case lineKinds.source:
      return { kind: 'sourcePosition', line, span: whole };
    default:
      return null;
  }
}

function elementOfInstruction(listing: Listing, index: number, text: string, character: number): Element | null {
  const read = instructionOf(listing, index);
  const { addressSpan, target, mnemonic } = read;
  if (holds(addressSpan, character)) return { kind: 'address', instruction: index, span: addressSpan };
  if (holds(mnemonic, character)) return { kind: 'mnemonic', instruction: index, span: mnemonic };
  if (target !== null && holds(target, character)) return { kind: 'target', instruction: index, span: target };
  const registers = registersOf(listing, index, text, read);
  const register = registers.find(word => holds(word, character));
  return register === undefined ? null : { kind: 'register', instruction: index, register, span: register };
}

export function registersOf(
  listing: Listing,
  index: number,
  text: string,
  { operands, target }: Instruction,
): readonly RegisterWord[] {
  return findRegisters(text, operands, fileOfInstruction(listing, index)?.format ?? '', target?.symbol ?? null);
}

/** Editors ask for the position behind a word too. */
function holds({ start, end }: Span, character: number): boolean {
  return start <= character && character <= end;
}

/** A heading of a function, or of a label inside one, which stands for the address below it. */
function elementOfHeading(listing: Listing, line: number, span: Span): Element | null {
  const index = rangeAtLine(listing.functions, line);
  if (listing.functions[index]?.line === line) return { kind: 'function', function: index, span };
  const count = lineCount(listing);
  let below = line + 1;
  while (below < count && kindOfLine(listing, below) !== lineKinds.instruction) below += 1;
  const instruction = instructionAtLine(listing, below);
  return instruction < 0 ? null : { kind: 'address', instruction, span };
}

function elementOfRelocation(listing: Listing, line: number, span: Span): Element | null {
  let above = line;
  while (above >= 0 && kindOfLine(listing, above) !== lineKinds.instruction) above -= 1;
  const instruction = instructionAtLine(listing, above);
  return instruction < 0 ? null : { kind: 'target', instruction, span };
}

/** Between the brackets of a heading. */
export function nameSpan(heading: string): Span {
  const start = heading.indexOf('<') + 1;
  const end = heading.lastIndexOf('>');
  return end >= start ? { start, end } : { start: 0, end: heading.length };
}

function trimmedSpan(text: string): Span {
  return { start: text.length - text.trimStart().length, end: text.trimEnd().length };
}
