import { cythonFileKind } from '../../cython/files.ts';
import { type LintDiagnostic, lintCython } from '../../cython/lint.ts';
import { createSourceReader, readSource } from '../../cython/read-source.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { failureText } from '../failure.ts';
import { formatOption } from '../options.ts';
import { type Printer, severityText } from '../printer.ts';
import { cythonSources } from '../source-files.ts';
import { exitCodes, type Verb, type VerbContext } from '../verb.ts';

export const lintVerb: Verb = {
  name: 'lint',
  declare: (program, run) => {
    program
      .command('lint')
      .description('casts in Cython sources (.pyx, .pxd, .pxi) that take the address of a Python object')
      .argument('<path...>', 'files, or folders to search')
      .addOption(formatOption())
      .action((paths: readonly ByteText[], { format }) => run(context => runLint(context, paths), format));
  },
};

interface FileDiagnostic extends LintDiagnostic {
  readonly path: ByteText;
}

async function runLint(context: VerbContext, paths: readonly ByteText[]): Promise<number> {
  const { printer, format, signal } = context;
  const found: FileDiagnostic[] = [];
  let failures = 0;
  let files = 0;
  const fail = (error: unknown): void => {
    if (!(error instanceof UserError)) throw error;
    failures += 1;
    printer.error(failureText(error));
  };
  for (const file of paths.flatMap(path => [...cythonSources(path, fail)])) {
    files += 1;
    printer.progress(`Linting ${displayText(file)}`);
    try {
      const diagnostics = lintFile(file, signal).map(diagnostic => ({ path: file, ...diagnostic }));
      if (format === 'text') for (const diagnostic of diagnostics) printDiagnostic(printer, diagnostic);
      found.push(...diagnostics);
    } catch (error) {
      fail(error);
    }
    // Lets Ctrl-C be heard between two files.
    await new Promise(resolve => setImmediate(resolve));
    signal.throwIfAborted();
  }
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/lint@1', diagnostics: found.map(jsonDiagnostic) });
  } else {
    printer.line(`${count(found.length, 'finding')} in ${count(files, 'Cython file')}.`);
  }
  if (failures > 0) return exitCodes.failed;
  // A cast that may be meant is information, and somebody has to look at it; a hint says that it is most likely meant.
  return found.some(({ severity }) => severity !== 'hint') ? exitCodes.findings : exitCodes.clean;
}

function lintFile(path: ByteText, signal: AbortSignal): readonly LintDiagnostic[] {
  // A file that is named by hand is linted whatever it is called.
  const kind = cythonFileKind(path) ?? 'pyx';
  return lintCython(readSource(path), { kind, readSibling: createSourceReader(path), signal });
}

function printDiagnostic(printer: Printer, { path, range, severity, code, message }: FileDiagnostic): void {
  const { line, character } = range.start;
  const place = printer.style('bold', `${displayText(path)}:${line + 1}:${character + 1}`);
  printer.line(`${place}: ${severityText(printer, severity)}: ${displayText(message)} [${code}]`);
}

/** Lines and columns from 1, as the documented shape has them; columns count UTF-16 units, as editors do. */
function jsonDiagnostic({ path, range, code, rule, severity, message, fixes }: FileDiagnostic): object {
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

function jsonRange({ start, end }: LintDiagnostic['range']): object {
  return { line: start.line + 1, column: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
