import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { cythonFileKind } from '../../cython/files.ts';
import { type LintDiagnostic, lintCython } from '../../cython/lint.ts';
import { createSourceReader, readSource } from '../../cython/read-source.ts';
import { decodeBytes, encodeBytes, osPath } from '../../native/byte-text.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { failureText } from '../failure.ts';
import { formatOption } from '../options.ts';
import { type Printer, severityText } from '../printer.ts';
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
  for (const path of paths) {
    for (const file of sourcesUnder(path, error => {
      failures += 1;
      printer.error(failureText(error));
    })) {
      files += 1;
      printer.progress(`Linting ${displayText(file)}`);
      try {
        const diagnostics = lintFile(file, signal).map(diagnostic => ({ path: file, ...diagnostic }));
        if (format === 'text') for (const diagnostic of diagnostics) printDiagnostic(printer, diagnostic);
        found.push(...diagnostics);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        failures += 1;
        printer.error(failureText(error));
      }
      // Lets Ctrl-C be heard between two files.
      await new Promise(resolve => setImmediate(resolve));
      signal.throwIfAborted();
    }
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

/** Folders that hold no sources of the person's own. */
const skippedFolders = new Set(['.git', '.hg', 'node_modules', '.tox', '.venv', '__pycache__']);

function* sourcesUnder(path: ByteText, onError: (error: UserError) => void): Generator<ByteText> {
  if (!isFolder(path)) {
    yield path;
    return;
  }
  const pending = [path.length > 1 ? path.replace(/\/+$/u, '') : path];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const folders: ByteText[] = [];
    for (const entry of entriesOf(folder, onError)) {
      const name = decodeBytes(entry.name);
      const child = folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
      // Links are not followed: they can lead back up.
      if (entry.isDirectory() && !skippedFolders.has(name)) folders.push(child);
      else if (entry.isFile() && cythonFileKind(name) !== null) yield child;
    }
    pending.push(...folders.reverse());
  }
}

function isFolder(path: ByteText): boolean {
  try {
    return lstatSync(osPath(path.replace(/\/*$/u, '/'))).isDirectory();
  } catch {
    return false;
  }
}

function entriesOf(folder: ByteText, onError: (error: UserError) => void): readonly Dirent<Buffer>[] {
  try {
    const entries = readdirSync(encodeBytes(folder), { withFileTypes: true, encoding: 'buffer' });
    return entries.toSorted((first, second) => Buffer.compare(first.name, second.name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    onError(new UserError('unreadable', `The folder ${displayText(folder)} cannot be read (${code}).`));
    return [];
  }
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
