import { kindOfLine, type Listing, lineKinds, lineText } from './listing.ts';

/** A line of a source file, as `-l` prints it. */
export interface SourcePosition {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** Reads a line of kind `sourcePosition`: `/src/a.c:7 (discriminator 3)`. */
export function readSourcePosition(text: string): SourcePosition | null {
  const match = /^(?:; )?(.*):(\d+)(?: \(discriminator \d+\))?\s*$/u.exec(text);
  return match === null ? null : { path: match[1] ?? '', line: Number(match[2]) };
}

/** Of the lines at and above `line`, the last that says where in the source the code comes from; within the same function. */
export function sourcePositionAbove(listing: Listing, line: number): SourcePosition | null {
  for (let at = line; at >= 0; at -= 1) {
    const kind = kindOfLine(listing, at);
    if (kind === lineKinds.heading) return null;
    if (kind === lineKinds.sourcePosition) return readSourcePosition(lineText(listing, at));
  }
  return null;
}
