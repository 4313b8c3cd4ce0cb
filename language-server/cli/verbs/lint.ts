import { Option } from 'commander';
import type { LintDiagnostic } from '../../cython/lint.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { failureText } from '../failure.ts';
import { type CompilerFlags, type CompilerMode, compilerModes, createLintCompiler } from '../lint-compiler.ts';
import { lintFile } from '../lint-file.ts';
import { createLintOutput, type LintFormat, lintFormats } from '../lint-output.ts';
import { collectSelectors, preferencesOf, type SelectionFlags } from '../lint-selection.ts';
import { absolutePath } from '../paths.ts';
import type { LookError } from '../sarif.ts';
import { cythonSources } from '../source-files.ts';
import { exitCodes, type Verb, type VerbContext } from '../verb.ts';

interface LintFlags extends SelectionFlags, CompilerFlags {
  readonly format: LintFormat;
  readonly fix?: boolean;
}

export const lintVerb: Verb = {
  name: 'lint',
  declare: (program, run) => {
    program
      .command('lint')
      .description('casts in Cython sources (.pyx, .pxd, .pxi) that take the address of a Python object')
      .argument('<path...>', 'files, or folders to search')
      .option(
        '--select <code>',
        'only these codes, or what begins with them; with commas, or repeated',
        collectSelectors,
      )
      .option(
        '--ignore <code>',
        'not these codes, or what begins with them; with commas, or repeated',
        collectSelectors,
      )
      .option('--fix', 'apply the preferred fix of each finding; of a hint only where --select names its code')
      .addOption(
        new Option('--compiler <when>', 'whether the Cython compiler of a Python interpreter gives types as well')
          .choices(compilerModes)
          .default('auto' satisfies CompilerMode),
      )
      .option('--python <path>', 'the interpreter that has Cython; else python3 on PATH')
      .addOption(lintFormatOption())
      .action((paths: readonly ByteText[], flags: LintFlags) => run(context => runLint(context, paths, flags)));
  },
};

function lintFormatOption(): Option {
  return new Option('--format <format>', 'how to print').choices(lintFormats).default('text' satisfies LintFormat);
}

async function runLint(context: VerbContext, paths: readonly ByteText[], flags: LintFlags): Promise<number> {
  const { printer, signal } = context;
  const output = createLintOutput(printer, flags.format);
  const errors: LookError[] = [];
  const fail = (path: ByteText, error: unknown): void => {
    if (!(error instanceof UserError)) throw error;
    errors.push({ path: absolutePath(path), message: error.message });
    printer.error(failureText(error));
  };
  const preferencesFor = preferencesOf(flags, (path, problem) => fail(path, new UserError('invalidParams', problem)));
  const seen = new Set<ByteText>();
  const compiler = createLintCompiler(context, flags);
  let worst: number = exitCodes.clean;
  for (const path of paths) {
    for (const file of cythonSources(path, error => fail(path, error))) {
      const absolute = absolutePath(file);
      if (seen.has(absolute)) continue;
      seen.add(absolute);
      printer.progress(`Linting ${displayText(file)}`);
      try {
        const preferences = preferencesFor(file);
        const linted = await lintFile(file, {
          preferences,
          isFixing: flags.fix === true,
          typesOf: compiler.typesOf,
          signal,
        });
        output.add({ path: file, ...linted });
        worst = Math.max(worst, exitCodeOfLint(linted.diagnostics));
      } catch (error) {
        fail(file, error);
      }
      // Lets Ctrl-C be heard between two files.
      await new Promise(resolve => setImmediate(resolve));
      signal.throwIfAborted();
    }
  }
  await compiler.close();
  await output.end(errors);
  return errors.length > 0 ? exitCodes.failed : worst;
}

/** A cast that may be meant is information, and somebody has to look at it; a hint says that it is most likely meant. */
function exitCodeOfLint(diagnostics: readonly LintDiagnostic[]): number {
  return diagnostics.some(({ severity }) => severity !== 'hint') ? exitCodes.findings : exitCodes.clean;
}
