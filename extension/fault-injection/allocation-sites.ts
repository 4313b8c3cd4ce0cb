import { isSystemFrame } from '../../language-server/protocol/fault-frames.ts';
import type { StackFrame } from '../../language-server/protocol/faults.ts';
import type { KeptSweep } from './kept-sweep.ts';

/** A line of the person's own code where memory is asked for, and what happened when it was refused. */
export interface AllocationSite {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** What happened, the worst first; no two with the same verdict and group. */
  readonly outcomes: readonly SiteOutcome[];
}

export interface SiteOutcome {
  /** Index in `verdictOrder`. */
  readonly verdict: number;
  /** Index in the sweep's groups; -1: no bug. */
  readonly group: number;
  /** In order. */
  readonly ns: readonly number[];
}

/** The innermost frame of the program's own code that has a line in a file by its absolute path. */
export function sourceFrame(stack: readonly StackFrame[]): StackFrame | undefined {
  const placed = stack.filter(({ file, line }) => file?.startsWith('/') === true && line !== null && line > 0);
  return placed.find(frame => !isSystemFrame(frame));
}

/** Every line of the program that asked for memory in a sweep, by file and line. */
export function allocationSites(sweep: KeptSweep): readonly AllocationSite[] {
  const frames = sweep.stacks.map(sourceFrame);
  const sites = new Map<
    string,
    { file: string; line: number; outcomes: Map<string, SiteOutcome & { ns: number[] }> }
  >();
  for (const [row, n] of sweep.n.entries()) {
    const frame = frames[sweep.stack[row] ?? -1];
    if (frame === undefined || frame.file === null || frame.line === null) continue;
    const { file, line } = frame;
    const place = `${file}:${line}`;
    const site = sites.get(place) ?? { file, line, outcomes: new Map() };
    sites.set(place, site);
    const verdict = sweep.verdict[row] ?? 0;
    const group = sweep.group[row] ?? -1;
    const key = `${verdict} ${group}`;
    const outcome = site.outcomes.get(key) ?? { verdict, group, ns: [] };
    site.outcomes.set(key, outcome);
    outcome.ns.push(n);
  }
  return [...sites.values()].map(({ file, line, outcomes }) => ({
    file,
    line,
    outcomes: [...outcomes.values()].sort((a, b) => b.verdict - a.verdict || (a.ns[0] ?? 0) - (b.ns[0] ?? 0)),
  }));
}

/** An edit of a text: lines from 0, the last one included, and how many lines of text came in place of them, less one. */
export interface LineEdit {
  readonly startLine: number;
  readonly endLine: number;
  readonly insertedBreaks: number;
}

/**
 * The same marks after an edit: those on an edited line are gone, those below it have moved. Typing at the end of the line above
 * touches no mark below.
 * @param marks With lines from 1.
 */
export function afterEdit<Mark extends { readonly line: number }>(
  marks: readonly Mark[],
  { startLine, endLine, insertedBreaks }: LineEdit,
): readonly Mark[] {
  const moved = insertedBreaks - (endLine - startLine);
  return marks.flatMap(mark => {
    const line = mark.line - 1;
    if (line < startLine) return [mark];
    if (line <= endLine) return [];
    return moved === 0 ? [mark] : [{ ...mark, line: mark.line + moved }];
  });
}
