import type { LintDiagnostic, LintRange } from '../cython/lint.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { relativePath } from '../sarif/artifact.ts';
import { githubAnnotation } from './github-annotations.ts';
import type { LintedFile } from './lint-file.ts';
import { absolutePath } from './paths.ts';
import { type Printer, severityText } from './printer.ts';
import { type LookError, reportAsSarif } from './sarif.ts';

export const lintFormats = ['text', 'json', 'sarif', 'github'] as const;
export type LintFormat = (typeof lintFormats)[number];

interface NamedFile extends LintedFile {
  readonly path: ByteText;
}

/** Where the answers go: text and annotations at once, file by file, what is one value at the end. */
export interface LintOutput {
  add(file: NamedFile): void;
  end(errors: readonly LookError[]): Promise<void>;
}

export function createLintOutput(printer: Printer, format: LintFormat): LintOutput {
  const files: NamedFile[] = [];
  return {
    add(file) {
      files.push(file);
      if (format === 'text') printFile(printer, file);
      else if (format === 'github') annotateFile(printer, file);
    },
    async end(errors) {
      if (format === 'json') printer.json(jsonReport(files));
      else if (format === 'sarif') printer.json(await sarifReport(files, errors));
      else if (format === 'text') printer.line(summary(files));
      else printer.error(summary(files));
    },
  };
}

function printFile(printer: Printer, { path, diagnostics, fixed }: NamedFile): void {
  for (const { diagnostic, fix } of fixed) {
    const kind = printer.style('green', 'fixed');
    printer.line(`${placeOf(printer, path, diagnostic)}: ${kind}: ${displayText(fix.title)} [${diagnostic.code}]`);
  }
  for (const diagnostic of diagnostics) {
    const { severity, message, code } = diagnostic;
    const kind = severityText(printer, severity);
    printer.line(`${placeOf(printer, path, diagnostic)}: ${kind}: ${displayText(message)} [${code}]`);
  }
}

/** In the way of compilers, so that editors and terminals make links of it. */
function placeOf(printer: Printer, path: ByteText, { range: { start } }: LintDiagnostic): string {
  return printer.style('bold', `${displayText(path)}:${start.line + 1}:${start.character + 1}`);
}

function annotateFile(printer: Printer, { path, diagnostics }: NamedFile): void {
  const named = relativePath(absolutePath(path)) ?? path;
  for (const diagnostic of diagnostics) printer.line(githubAnnotation({ path: named, ...diagnostic }));
}

function summary(files: readonly NamedFile[]): string {
  const findings = files.reduce((sum, { diagnostics }) => sum + diagnostics.length, 0);
  const fixes = files.reduce((sum, { fixed }) => sum + fixed.length, 0);
  const fixedText = fixes === 0 ? '' : `${fixes} fixed, `;
  return `${fixedText}${count(findings, 'finding')}${fixes === 0 ? '' : ' left'} in ${count(files.length, 'Cython file')}.`;
}

async function sarifReport(files: readonly NamedFile[], errors: readonly LookError[]): Promise<object> {
  const found = files.flatMap(({ path, diagnostics }) =>
    diagnostics.map(({ evidence, ...diagnostic }) => ({
      ...diagnostic,
      ...(evidence !== undefined && { evidence }),
      path: absolutePath(path),
    })),
  );
  return await reportAsSarif(errors, found);
}

function jsonReport(files: readonly NamedFile[]): object {
  return {
    schema: 'binary-detective/lint@1',
    diagnostics: files.flatMap(({ path, diagnostics }) => diagnostics.map(each => jsonDiagnostic(path, each))),
    fixed: files.flatMap(({ path, fixed }) =>
      fixed.map(({ diagnostic: { range, code }, fix: { title } }) => ({ path, ...jsonRange(range), code, title })),
    ),
  };
}

/** Lines and columns from 1, as the documented shape has them; columns count UTF-16 units, as editors do. */
function jsonDiagnostic(path: ByteText, { range, code, rule, severity, message, fixes }: LintDiagnostic): object {
  return {
    path,
    ...jsonRange(range),
    code,
    rule,
    severity,
    message,
    fixes: fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map(edit => ({ ...jsonRange(edit.range), newText: edit.newText })),
    })),
  };
}

function jsonRange({ start, end }: LintRange): object {
  return { line: start.line + 1, column: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
