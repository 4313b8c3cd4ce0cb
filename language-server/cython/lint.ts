import type { Evidence, Severity } from '../protocol/finding.ts';
import { type AnalysisOptions, analyse } from './analyse.ts';
import type { Scope } from './binding/model.ts';
import { typeOfDeclaration } from './binding/resolve-type.ts';
import type { Visit } from './binding/visit.ts';
import type { LineIndex, LintRange } from './diagnostics/positions.ts';
import { readSuppressions } from './diagnostics/suppressions.ts';
import { checkSpecialized } from './rules/check-specialized.ts';
import type { RuleContext, RuleFix } from './rules/rule.ts';
import { rules } from './rules/rules.ts';

export type { CythonFileKind, Includer } from './analyse.ts';
export type { LintRange } from './diagnostics/positions.ts';

/** A change of the text that a person may ask for. */
export interface LintFix {
  readonly title: string;
  readonly edits: readonly { readonly range: LintRange; readonly newText: string }[];
  readonly isPreferred: boolean;
}

export interface LintDiagnostic {
  readonly range: LintRange;
  readonly code: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fixes: readonly LintFix[];
  readonly evidence?: Evidence;
}

export type LintOptions = AnalysisOptions;

/**
 * Lints a Cython source. Any text gives an answer: lines that cannot be read are passed over, and names that they may have
 * declared are unknown. Time is linear in the text. Ranges count from 0 in UTF-16 units, in the order of the text.
 * Throws only when `signal` is aborted.
 */
export function lintCython(text: string, options: LintOptions): readonly LintDiagnostic[] {
  if (options.kind === 'py' && !isPureMode(text)) return [];
  const analysis = analyse(text, options, visit => rules.some(({ concerns }) => concerns(visit)));
  const { visits, lines, module, inference, usage, tokenList } = analysis;
  const context: RuleContext = {
    text,
    inference,
    usage,
    module,
    numpyName: numpyNameIn(module),
    visits,
    lineOf: offset => lines.lineOf(offset) + 1,
  };
  const isSuppressed = readSuppressions(text, tokenList, lines);
  return visits
    .flatMap(visit => checkVisit(visit, context, lines))
    .filter(({ range, code }) => !isSuppressed(range, code))
    .sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
}

function checkVisit(visit: Visit, context: RuleContext, lines: LineIndex): readonly LintDiagnostic[] {
  return rules.flatMap(rule => {
    const report = rule.concerns(visit) ? checkSpecialized(rule, visit, context) : null;
    if (report === null) return [];
    const { span, severity, message, fixes, evidence } = report;
    const range = lines.range(span.start, span.end);
    const { id, code } = rule;
    return [{ range, code, rule: id, severity, message, fixes: fixes.map(fix => fixAt(fix, lines)), evidence }];
  });
}

function fixAt({ title, edits, isPreferred }: RuleFix, lines: LineIndex): LintFix {
  return {
    title,
    edits: edits.map(({ start, end, newText }) => ({ range: lines.range(start, end), newText })),
    isPreferred,
  };
}

/** The name under which the file cimports NumPy. */
function numpyNameIn(module: Scope): string | null {
  for (const [name, { module: names }] of module.bindings) {
    const ndarray = names?.lookup('ndarray') ?? null;
    if (ndarray === null || ndarray.meaning !== 'type') continue;
    const type = typeOfDeclaration(ndarray);
    if (type.kind === 'extension' && type.name === 'numpy.ndarray') return name;
  }
  return null;
}

/** A Python file that imports the compiler's module. */
export function isPureMode(text: string): boolean {
  return /^[ \t]*(?:import\s.*\bcython\b|from\s+cython\b)/mu.test(text);
}
