import { InvalidArgumentError } from 'commander';
import { readEnvironment } from '../../environment/read-environment.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { EnvironmentReport, PathEntry, VariableEffect, VariableReport } from '../../protocol/environment.ts';
import { formatOption } from '../options.ts';
import { absolutePath } from '../paths.ts';
import type { Printer } from '../printer.ts';
import { exitCodeOf, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';
import { printFinding } from './inspect.ts';

interface EnvironmentFlags {
  readonly format: OutputFormat;
  readonly sysroot?: ByteText;
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

export const environmentVerb: Verb = {
  name: 'environment',
  declare: (program, run) => {
    program
      .command('environment')
      .description(
        'what LD_*, PYTHON*, CUDA* and the like do here, to a file, and what of CUDA is installed; runs nothing',
      )
      .argument('[file]', 'a program or a shared library; absent: the variables alone')
      .option('--set <name=value>', 'as if this variable were set; may be given several times', assignment, {})
      .option(
        '--unset <name>',
        'as if this one were not',
        (name: string, names: readonly string[]) => [...names, name],
        [],
      )
      .option('--sysroot <folder>', 'look at the files below this folder instead of /')
      .addOption(formatOption())
      .action((file: ByteText | undefined, flags: EnvironmentFlags) =>
        run(context => runEnvironment(context, file, flags), flags.format),
      );
  },
};

function assignment(text: string, others: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.');
  return { ...others, [text.slice(0, at)]: text.slice(at + 1) };
}

async function runEnvironment(
  { printer, format, signal }: VerbContext,
  file: ByteText | undefined,
  { set, unset, sysroot }: EnvironmentFlags,
): Promise<number> {
  const kept = Object.entries(process.env).filter(([name]) => !unset.includes(name));
  const report = await readEnvironment(
    {
      file: file === undefined ? null : absolutePath(file),
      variables: { ...Object.fromEntries(kept), ...set },
      whose: Object.keys(set).length + unset.length === 0 ? 'server' : 'given',
      cwd: process.cwd(),
      ...(sysroot !== undefined && { sysroot: absolutePath(sysroot) }),
    },
    signal,
  );
  if (format === 'json') printer.json({ schema: 'binary-detective/environment@1', ...report });
  else printReport(printer, report);
  return exitCodeOf(report.findings);
}

function printReport(printer: Printer, { variables, cuda, findings }: EnvironmentReport): void {
  if (variables.length === 0) printer.line('No variable is set that a loader, the C library, Python or CUDA looks at.');
  for (const variable of variables) printVariable(printer, variable);
  printer.line();
  printer.line(`${printer.style('bold', 'CUDA')}  ${displayText(cuda.summary)}`);
  for (const { kind, path, version } of cuda.parts) {
    printer.line(`  ${kind}${version === null ? '' : ` ${version}`}  ${displayText(path)}`);
  }
  if (cuda.state === 'half') {
    printer.line('  Without it:');
    for (const { applies, command } of cuda.without) {
      printer.line(`    ${printer.style('cyan', command)}`);
      printer.line(printer.style('gray', `      ${applies}`));
    }
  }
  printer.line();
  for (const finding of findings) printFinding(printer, finding);
}

const effectStyles: Readonly<Record<VariableEffect, Parameters<Printer['style']>[0]>> = {
  used: 'green',
  unused: 'gray',
  ignored: 'gray',
  dangerous: 'red',
};

function printVariable(printer: Printer, { name, value, meaning, effect, effectText, entries }: VariableReport): void {
  printer.line(`${printer.style('bold', name)}=${displayText(value)}`);
  printer.line(printer.style('gray', `  ${meaning}`));
  printer.line(`  ${printer.style(effectStyles[effect], effect)}: ${displayText(effectText)}`);
  for (const entry of entries) for (const line of entryLines(entry)) printer.line(line);
}

function* entryLines({ number, written, path, state, objects, notes }: PathEntry): Generator<string> {
  const shown = written === '' ? `(empty) ${displayText(path)}` : displayText(written);
  yield `    ${number}. ${shown}${state === 'found' ? '' : `  ${state}`}`;
  for (const note of notes) yield `       ${displayText(note)}`;
  for (const { path: object, insteadOf } of objects) {
    const other = insteadOf === null ? '' : `, instead of ${displayText(insteadOf)}`;
    yield `       ${displayText(object)}${insteadOf === object ? ', which is found without it too' : other}`;
  }
}
