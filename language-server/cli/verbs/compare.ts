import { compareFiles } from '../../elf/compare/compare-files.ts';
import type {
  BoundedList,
  ComparedSymbol,
  ElfComparison,
  NameChanges,
  SizeChange,
  SymbolChanges,
} from '../../protocol/compare.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { formatOption, wholeNumber } from '../options.ts';
import { absolutePath } from '../paths.ts';
import type { Printer } from '../printer.ts';
import { exitCodeOf, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';
import { printFinding } from './inspect.ts';

interface CompareFlags {
  readonly format: OutputFormat;
  readonly limit: number;
}

const defaultLimits: Readonly<Record<OutputFormat, number>> = { text: 20, json: 1000 };

export const compareVerb: Verb = {
  name: 'compare',
  declare: (program, run) => {
    program
      .command('compare')
      .description('what changed between two builds: needs, exports, versions, hardening, sizes')
      .argument('<before>', 'the older file')
      .argument('<after>', 'the newer file')
      .option('--limit <count>', 'at most this many rows in each list (default: 20, 1000 for json)', wholeNumber(1))
      .addOption(formatOption())
      .action(
        (
          before: ByteText,
          after: ByteText,
          { format, limit = defaultLimits[format] }: Partial<CompareFlags> & Pick<CompareFlags, 'format'>,
        ) => run(context => runCompare(context, before, after, limit), format),
      );
  },
};

async function runCompare(
  { printer, format, signal }: VerbContext,
  before: ByteText,
  after: ByteText,
  limit: number,
): Promise<number> {
  const comparison = await compareFiles(absolutePath(before), absolutePath(after), { limit, signal });
  if (format === 'json') printer.json({ schema: 'binary-detective/compare@1', ...comparison });
  else printComparison(printer, comparison);
  return exitCodeOf(comparison.findings);
}

function printComparison(printer: Printer, comparison: ElfComparison): void {
  const { before, after } = comparison;
  for (const [mark, file] of [
    ['-', before],
    ['+', after],
  ] as const) {
    printer.line(`${mark} ${printer.style('bold', displayText(file.path))}  ${file.sizeBytes} bytes, ${file.summary}`);
  }
  if (comparison.identical) {
    printer.line('The files are identical.');
    return;
  }
  printLists(printer, comparison);
  for (const finding of comparison.findings) printFinding(printer, finding);
}

function printLists(printer: Printer, comparison: ElfComparison): void {
  const show = (title: string, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    printer.line(printer.style('bold', title));
    for (const line of lines) printer.line(`  ${displayText(line)}`);
  };
  show(
    'Values',
    comparison.values.map(({ property, before, after }) => `${property}: ${before ?? '(none)'} → ${after ?? '(none)'}`),
  );
  show('Needed', nameLines(comparison.needed));
  show('Exports', symbolLines(comparison.exports));
  show('Imports', symbolLines(comparison.imports));
  show('Defined versions', nameLines(comparison.definedVersions));
  show('Needed versions', nameLines(comparison.neededVersions));
  show(
    'Hardening',
    comparison.hardening.map(
      ({ protection, before, after, change }) =>
        `${protection}: ${before.verdict} → ${after.verdict} (${change}: ${after.evidence})`,
    ),
  );
  show('Sections by size', sizeLines(comparison.sections));
  show(`Symbols by size (${comparison.symbolTable})`, sizeLines(comparison.symbols));
}

function nameLines({ added, removed }: NameChanges): readonly string[] {
  return [...listLines(removed, name => `- ${name}`), ...listLines(added, name => `+ ${name}`)];
}

function symbolLines({ added, removed, changed }: SymbolChanges): readonly string[] {
  return [
    ...listLines(removed, symbol => `- ${symbolText(symbol)}`),
    ...listLines(added, symbol => `+ ${symbolText(symbol)}`),
    ...listLines(changed, ({ before, after }) => `~ ${symbolText(before)} → ${symbolText(after)}`),
  ];
}

function symbolText({ name, version, type, binding, sizeBytes }: ComparedSymbol): string {
  return `${name}${version} (${binding} ${type}${sizeBytes === 0 ? '' : `, ${sizeBytes} bytes`})`;
}

function sizeLines(changes: BoundedList<SizeChange>): readonly string[] {
  return listLines(changes, ({ name, before, after, delta }) => {
    const what = before === null ? 'new' : after === null ? 'gone' : `${before} → ${after}`;
    return `${delta > 0 ? '+' : ''}${delta}  ${name}  (${what})`;
  });
}

function listLines<Row>({ rows, total }: BoundedList<Row>, text: (row: Row) => string): readonly string[] {
  const lines = rows.map(text);
  return total > rows.length ? [...lines, `… and ${total - rows.length} more`] : lines;
}
