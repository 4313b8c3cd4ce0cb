import { type Diagnostic, DiagnosticSeverity, type Range } from 'vscode-languageserver/node';
import type { LintDiagnostic } from '../cython/lint.ts';
import { diagnosticSource } from '../protocol/cython.ts';
import { displayText } from '../protocol/display-text.ts';
import type { Finding, Severity } from '../protocol/finding.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** A binary has no lines: its findings stand at its beginning. */
const beginning: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

export function diagnosticOfFinding(finding: Finding): Diagnostic {
  return {
    range: beginning,
    severity: severities[finding.severity],
    code: finding.code,
    source: diagnosticSource,
    message: displayText(finding.message),
  };
}

export function diagnosticOfLint({ range, severity, code, message }: LintDiagnostic): Diagnostic {
  return { range, severity: severities[severity], code, source: diagnosticSource, message };
}

/** Whether two ranges touch: a caret at the end of a cast asks for its fix as well. */
export function touches(first: Range, second: Range): boolean {
  return !isBefore(first.end, second.start) && !isBefore(second.end, first.start);
}

function isBefore(first: Range['start'], second: Range['start']): boolean {
  return first.line < second.line || (first.line === second.line && first.character < second.character);
}
