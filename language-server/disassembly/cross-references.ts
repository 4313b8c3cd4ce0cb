import { type Listing, lineText } from './listing.ts';
import { type Destination, destinationOf } from './places.ts';

/** Which instructions point to a place. */
export interface CrossReferences {
  /** Indexes of instructions, ascending. */
  readonly to: (place: Destination) => readonly number[];
}

const known = new WeakMap<Listing, CrossReferences>();

/** Made on first use, which reads every instruction once, and kept as long as the listing. */
export function crossReferences(listing: Listing): CrossReferences {
  let references = known.get(listing);
  if (references === undefined) {
    references = makeReferences(listing);
    known.set(listing, references);
  }
  return references;
}

function makeReferences(listing: Listing): CrossReferences {
  const byPlace = new Map<string, number[]>();
  const hasRelocations = listing.text.includes('\tR_') || listing.text.includes(' R_');
  for (let index = 0; index < listing.instructionLines.length; index += 1) {
    // Reading an instruction costs more than seeing that it can have no target.
    if (!hasRelocations && !canHaveTarget(lineText(listing, listing.instructionLines[index] ?? 0))) continue;
    const destination = destinationOf(listing, index);
    if (destination === null) continue;
    const key = keyOf(destination);
    const same = byPlace.get(key);
    if (same === undefined) byPlace.set(key, [index]);
    else same.push(index);
  }
  return { to: place => byPlace.get(keyOf(place)) ?? [] };
}

/** A symbol, or an address without one that a jump has as its last operand. */
function canHaveTarget(line: string): boolean {
  return line.includes(' <') || /[\s,]0x[0-9a-f]+(?:\s|$)/u.test(line);
}

/** The same for one place, as seen from anywhere: an instruction of the listing, else an offset of a symbol, else an address. */
function keyOf({ instruction, symbol, offset, address }: Destination): string {
  if (instruction >= 0) return `#${instruction}`;
  return symbol === null ? `@${address}` : `${offset} ${symbol}`;
}
