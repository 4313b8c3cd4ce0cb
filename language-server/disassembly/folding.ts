import { kindOfLine, type ListedRange, type Listing, lineCount, lineKinds } from './listing.ts';

export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  /** `source`: lines of source and their positions, which fold like comments. */
  readonly kind: 'region' | 'source';
}

/** Shorter runs of source are not worth a fold. */
const shortestSource = 3;

/** Files, sections, functions and runs of interleaved source. */
export function folds(listing: Listing): readonly Fold[] {
  const ranges: readonly ListedRange[] = [
    ...(listing.files.length > 1 ? listing.files : []),
    ...listing.sections,
    ...listing.functions,
  ];
  const regions = ranges
    .filter(({ line, lastLine }) => lastLine > line)
    .map(({ line, lastLine }): Fold => ({ startLine: line, endLine: lastLine, kind: 'region' }));
  return [...regions, ...sourceFolds(listing)];
}

function sourceFolds(listing: Listing): readonly Fold[] {
  const found: Fold[] = [];
  const count = lineCount(listing);
  let start = -1;
  for (let line = 0; line <= count; line += 1) {
    const kind = line < count ? kindOfLine(listing, line) : lineKinds.other;
    if (kind === lineKinds.source || kind === lineKinds.sourcePosition || kind === lineKinds.sourceFunction) {
      if (start < 0) start = line;
    } else if (start >= 0) {
      if (line - start >= shortestSource) found.push({ startLine: start, endLine: line - 1, kind: 'source' });
      start = -1;
    }
  }
  return found;
}
