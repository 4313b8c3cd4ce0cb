import type { LintDiagnostic, LintFix } from '../lint.ts';
import type { TextEdit } from '../rules/rule.ts';
import { LineIndex } from './positions.ts';

/** A diagnostic as it stood in the text of its round. */
export interface AppliedFix {
  readonly diagnostic: LintDiagnostic;
  readonly fix: LintFix;
}

export interface FixedText {
  readonly text: string;
  readonly fixed: readonly AppliedFix[];
  /** What is left to say of the new text. */
  readonly left: readonly LintDiagnostic[];
}

/** A fix may bring another diagnostic about, whose fix may do the same; nothing real takes as many rounds. */
const mostRounds = 10;

/**
 * Applies the preferred fix of each diagnostic that `isWanted`, again and again until none is left: fixes that overlap wait for
 * the next round. Null where that does not end, which is a mistake of a rule: then the text is better left as it is.
 */
export function applyFixes(
  original: string,
  lint: (text: string) => readonly LintDiagnostic[],
  isWanted: (diagnostic: LintDiagnostic) => boolean,
): FixedText | null {
  const fixed: AppliedFix[] = [];
  let text = original;
  let left = lint(text);
  for (let round = 0; round < mostRounds; round += 1) {
    const chosen = chooseFixes(text, left.filter(isWanted));
    if (chosen.fixes.length === 0) return { text, fixed, left };
    fixed.push(...chosen.fixes);
    text = applyEdits(text, chosen.edits);
    left = lint(text);
  }
  return null;
}

function chooseFixes(text: string, diagnostics: readonly LintDiagnostic[]) {
  const lines = new LineIndex(text);
  const fixes: AppliedFix[] = [];
  const taken: TextEdit[] = [];
  for (const diagnostic of diagnostics) {
    const fix = diagnostic.fixes.find(({ isPreferred }) => isPreferred);
    if (fix === undefined || fix.edits.length === 0) continue;
    const edits = fix.edits.map(({ range, newText }) => ({
      start: lines.offset(range.start),
      end: lines.offset(range.end),
      newText: withLineEndsOf(text, newText),
    }));
    // Two casts may want the same of one declaration: then one edit is for both.
    const further = edits.filter(edit => !taken.some(other => isSame(edit, other)));
    if (further.some(edit => taken.some(other => isOverlapping(edit, other)))) continue;
    taken.push(...further);
    fixes.push({ diagnostic, fix });
  }
  return { fixes, edits: taken };
}

/** @param edits None of them overlaps another. */
function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, newText } of edits.toSorted((first, second) => first.start - second.start)) {
    pieces.push(text.slice(at, start), newText);
    at = end;
  }
  return [...pieces, text.slice(at)].join('');
}

function isSame(first: TextEdit, second: TextEdit): boolean {
  return first.start === second.start && first.end === second.end && first.newText === second.newText;
}

/** What is inserted overlaps with all that it touches: which of the two would come first is not said. */
function isOverlapping(first: TextEdit, second: TextEdit): boolean {
  const isInsertion = first.start === first.end || second.start === second.end;
  return isInsertion
    ? first.start <= second.end && second.start <= first.end
    : first.start < second.end && second.start < first.end;
}

function withLineEndsOf(text: string, newText: string): string {
  if (!newText.includes('\n')) return newText;
  const lineEnd = /\r\n|\r|\n/u.exec(text)?.[0] ?? '\n';
  return newText.replace(/\r\n|\r|\n/gu, lineEnd);
}
