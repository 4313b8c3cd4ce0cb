import { kindOfLine, type Listing, lineKinds, lineText } from './listing.ts';

/** A line of a source file, as `-l` prints it. */
export interface SourcePosition {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Reads a line of `-l`: `/src/a.c:7 (discriminator 3)`. Null where it is none. Nothing marks such a line among the source of
 * `-S`: a path is absolute, or relative and without the characters of an expression.
 */
export function readSourcePosition(text: string): SourcePosition | null {
  const match = /^(?:; )?(\S.*):(\d+)(?: \(discriminator \d+\))?\s*$/u.exec(text);
  const path = match?.[1] ?? '';
  const isPath = /^(?:[/\\]|[A-Za-z]:[\\/])/u.test(path) || (/[./]/u.test(path) && !/[;{}?"<>|\s]/u.test(path));
  return isPath && !path.startsWith('//') ? { path, line: Number(match?.[2]) } : null;
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
