import type { Listing } from './listing.ts';
import { continuedBytes, instructionOf } from './places.ts';

/** How large a listed function is. */
export interface FunctionSize {
  readonly instructions: number;
  /** From its first byte to behind its last one, padding included where it is listed. */
  readonly bytes: number;
  /** False: without raw bytes in the listing, the length of the last instruction is not known and not counted. */
  readonly isExact: boolean;
}

export function functionSize(listing: Listing, index: number): FunctionSize {
  const listed = listing.functions[index];
  if (listed === undefined || listed.endInstruction <= listed.firstInstruction) {
    return { instructions: 0, bytes: 0, isExact: true };
  }
  const last = listed.endInstruction - 1;
  const span = Number((listing.instructionAddresses[last] ?? 0n) - listed.address);
  const { bytes } = instructionOf(listing, last);
  return {
    instructions: listed.endInstruction - listed.firstInstruction,
    bytes: span + (bytes === null ? 0 : bytes.count + continuedBytes(listing, last)),
    isExact: bytes !== null,
  };
}

/** "37 bytes, 12 instructions" */
export function sizeText({ bytes, instructions, isExact }: FunctionSize): string {
  const atLeast = isExact ? '' : 'over ';
  return `${atLeast}${counted(bytes, 'byte')}, ${counted(instructions, 'instruction')}`;
}

function counted(count: number, unit: string): string {
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;
}
