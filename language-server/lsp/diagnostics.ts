import { type Diagnostic, DiagnosticSeverity, type Range } from 'vscode-languageserver/node';
import type { LintDiagnostic } from '../cython/lint.ts';
import { diagnosticSource } from '../protocol/cython.ts';
import { displayText } from '../protocol/display-text.ts';
import type { Finding, Severity } from '../protocol/finding.ts';
import type { SeverityByCode } from '../protocol/severity-by-code.ts';
import type { FindingLinks } from './finding-links.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** A binary has no lines: its findings stand at its beginning. */
const beginning: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** What a person has set about findings, and where their codes are explained. */
export interface FindingPresentation {
  readonly severities: SeverityByCode;
  readonly links: FindingLinks;
}

/** Without the findings that are switched off. */
export function diagnosticsOfFindings(findings: readonly Finding[], presentation: FindingPresentation): Diagnostic[] {
  return findings.flatMap(finding => {
    const severity = presentation.severities.get(finding.code) ?? finding.severity;
    if (severity === 'off') return [];
    return {
      range: beginning,
      severity: severities[severity],
      code: finding.code,
      ...describedBy(finding.code, presentation.links),
      source: diagnosticSource,
      message: displayText(finding.message),
    };
  });
}

export function diagnosticOfLint({ range, severity, code, message }: LintDiagnostic, links: FindingLinks): Diagnostic {
  const described = describedBy(code, links);
  return { range, severity: severities[severity], code, ...described, source: diagnosticSource, message };
}

function describedBy(code: string, links: FindingLinks): Pick<Diagnostic, 'codeDescription'> {
  const href = links(code);
  return href === undefined ? {} : { codeDescription: { href } };
}

/** Whether two ranges touch: a caret at the end of a cast asks for its fix as well. */
export function touches(first: Range, second: Range): boolean {
  return !isBefore(first.end, second.start) && !isBefore(second.end, first.start);
}

function isBefore(first: Range['start'], second: Range['start']): boolean {
  return first.line < second.line || (first.line === second.line && first.character < second.character);
}
