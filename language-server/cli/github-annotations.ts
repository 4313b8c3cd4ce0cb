import type { LintRange } from '../cython/diagnostics/positions.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Severity } from '../protocol/finding.ts';

const commands: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

export interface Annotated {
  /** As a repository has it, where that is known. */
  readonly path: ByteText;
  readonly range: LintRange;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
}

/**
 * A workflow command of GitHub Actions (actions/toolkit core/src/command.ts): a line of a job's log that becomes an annotation of
 * the source. The runner drops columns where a range has several lines, and says so, so they are not given.
 */
export function githubAnnotation({ path, range: { start, end }, severity, code, message }: Annotated): string {
  const isOnOneLine = start.line === end.line;
  const properties = {
    file: displayText(path),
    line: String(start.line + 1),
    ...(isOnOneLine && { col: String(start.character + 1) }),
    endLine: String(end.line + 1),
    ...(isOnOneLine && { endColumn: String(end.character + 1) }),
    title: `Binary Detective: ${code}`,
  };
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${commands[severity]} ${shown.join(',')}::${escapeData(displayText(message))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
