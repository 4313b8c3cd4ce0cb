import { Option } from 'commander';
import { arrayFacts } from '../../numeric/arrays/array-facts.ts';
import { type ArrayFile, type NumericArray, readCells, withArrayFile } from '../../numeric/arrays/open-array.ts';
import { sizeOf, sliceView, type View } from '../../numeric/arrays/view.ts';
import { sumReport } from '../../numeric/sums/sum-report.ts';
import { varianceReport } from '../../numeric/variance/variance-report.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { ArrayFacts, SumAccumulator, SumAlgorithm, SumReport, VarianceReport } from '../../protocol/numeric.ts';
import { wholeNumber } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { definitionLines, type Printer, severityText } from '../printer.ts';
import { exitCodeOf, exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';

interface Flags {
  readonly format: OutputFormat;
  readonly slice?: string;
}

interface ArrayFlags extends Flags {
  readonly limit: number;
}

interface SumFlags extends Flags {
  readonly algorithm?: readonly SumAlgorithm[];
  readonly accumulator?: readonly SumAccumulator[];
}

interface VarianceFlags extends Flags {
  readonly ddof: number;
}

const algorithms = ['naive', 'pairwise', 'pairwiseBuffered', 'kahan', 'neumaier', 'klein', 'pairwiseKahan', 'exact'];
const fileText = 'an .npy file, or an array of an .npz file: a.npz[name]';
const sliceText = 'a part of it, as between the brackets of NumPy: 0, :, ::2';

export const numericVerb: Verb = {
  name: 'numeric',
  declare: (program, run) => {
    const numeric = program
      .command('numeric')
      .description('arrays of NumPy, and whether their sums and variances can be trusted');
    const format = (): Option => new Option('--format <format>', 'output').choices(['text', 'json']).default('text');
    numeric
      .command('array')
      .description('what an .npy or .npz file holds; objects of Python are never unpickled')
      .argument('<file>', fileText)
      .option('--slice <index>', sliceText)
      .option('--limit <count>', 'elements shown', wholeNumber(0), 100)
      .addOption(format())
      .action((file: ByteText, flags: ArrayFlags) => run(context => showArray(context, file, flags), flags.format));
    numeric
      .command('sum')
      .description('the sum in each way, and how far each is from the exact one')
      .argument('<file>', fileText)
      .option('--slice <index>', sliceText)
      .addOption(new Option('--algorithm <names...>', 'only these').choices(algorithms))
      .addOption(
        new Option('--accumulator <formats...>', 'round partial sums to these').choices([
          'float16',
          'float32',
          'float64',
        ]),
      )
      .addOption(format())
      .action((file: ByteText, flags: SumFlags) => run(context => showSum(context, file, flags), flags.format));
    numeric
      .command('variance')
      .description('the variance in each way, and which of them these numbers break')
      .argument('<file>', fileText)
      .option('--slice <index>', sliceText)
      .option('--ddof <count>', 'divide by count - ddof', wholeNumber(0), 0)
      .addOption(format())
      .action((file: ByteText, flags: VarianceFlags) =>
        run(context => showVariance(context, file, flags), flags.format),
      );
  },
};

function showArray(context: VerbContext, file: ByteText, flags: ArrayFlags): Promise<number> {
  const path = absolutePath(file);
  return withArrayFile(path, context.signal, opened =>
    opened.kind === 'npz'
      ? Promise.resolve(showMembers(context, path, opened))
      : showElements(context, opened.array, flags),
  );
}

function showMembers(
  { printer, format }: VerbContext,
  path: ByteText,
  { members }: Extract<ArrayFile, { kind: 'npz' }>,
): number {
  const list = members.map(({ name, sizeBytes, storedBytes, isCompressed }) => ({
    name,
    sizeBytes,
    storedBytes,
    isCompressed,
  }));
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-members@1', path, members: list });
    return exitCodes.clean;
  }
  printer.line(`${displayText(path)}: ${list.length} ${list.length === 1 ? 'array' : 'arrays'}`);
  for (const { name, sizeBytes, storedBytes, isCompressed } of list)
    printer.line(`  ${displayText(name)}  ${sizeBytes} bytes${isCompressed ? `, compressed to ${storedBytes}` : ''}`);
  return exitCodes.clean;
}

async function showElements({ printer, format }: VerbContext, array: NumericArray, flags: ArrayFlags): Promise<number> {
  const view = flags.slice === undefined ? array.view : sliceView(array.view, flags.slice);
  const facts = arrayFacts(array);
  const cells = await readCells(array, view, 0, flags.limit);
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-array@1', ...facts, view: view.shape, values: cells });
    return exitCodeOf(facts.findings);
  }
  for (const line of factLines(facts)) printer.line(line);
  printFindings(printer, facts.findings);
  printer.line();
  for (const line of rowLines(view, cells)) printer.line(line);
  const left = sizeOf(view) - cells.length;
  if (left > 0) printer.line(`… and ${left} more (--limit, --slice)`);
  return exitCodeOf(facts.findings);
}

function factLines(facts: ArrayFacts): readonly string[] {
  const { path, member, dtype, shape, order, byteOrder, elements, itemBytes, version, dataOffset, notes, evidence } =
    facts;
  return [
    displayText(member === null ? path : `${path}[${member}]`),
    ...definitionLines([
      ['type', `${displayText(dtype)}${byteOrder === 'none' ? '' : `, ${byteOrder}-endian`}`],
      ['shape', `(${shape.join(', ')}${shape.length === 1 ? ',' : ''}), ${order} order`],
      ['elements', `${elements}, of ${itemBytes} bytes each, from offset ${dataOffset} on`],
      ['format', `npy ${version}`],
    ]),
    ...notes.map(note => `  ${note}`),
    ...(evidence.command === undefined ? [] : [`  See: ${evidence.command}`]),
  ];
}

/** One line for each row of the last axis. */
function rowLines({ shape }: View, cells: readonly (string | null)[]): readonly string[] {
  const width = shape.at(-1) ?? 1;
  const texts = cells.map(cell => (cell === null ? '(missing)' : displayText(cell)));
  const cellWidth = Math.max(0, ...texts.map(text => text.length));
  const lines: string[] = [];
  for (let start = 0; start < texts.length; start += width) {
    const index = indexText(shape, start);
    lines.push(
      `${index}  ${texts
        .slice(start, start + width)
        .map(text => text.padStart(cellWidth))
        .join(' ')}`,
    );
  }
  return lines;
}

function indexText(shape: readonly number[], flat: number): string {
  const index: number[] = [];
  let rest = Math.floor(flat / (shape.at(-1) ?? 1));
  for (const size of shape.slice(0, -1).reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return shape.length === 0 ? '' : `[${[...index, ':'].join(', ')}]`;
}

function printFindings(printer: Printer, findings: readonly Finding[]): void {
  for (const { severity, message, code } of findings)
    printer.line(`  ${severityText(printer, severity)}: ${displayText(message)} [${code}]`);
}

async function showSum({ printer, format, signal }: VerbContext, file: ByteText, flags: SumFlags): Promise<number> {
  const { slice, algorithm, accumulator } = flags;
  const report = await sumReport(
    {
      path: absolutePath(file),
      ...(slice !== undefined && { slice }),
      ...(algorithm !== undefined && { algorithms: algorithm }),
      ...(accumulator !== undefined && { accumulators: accumulator }),
    },
    signal,
  );
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-sum@1', ...report });
    return exitCodeOf(report.findings);
  }
  printHead(printer, report);
  printer.line(`  exact sum: ${report.exact}${conditionText(report.condition)}`);
  const rows = report.results.map(result => [
    result.algorithm,
    result.accumulator,
    result.value,
    result.errorUlp === null ? '-' : significant(result.errorUlp),
    result.relativeError === null ? '-' : significant(result.relativeError),
    result.milliseconds.toFixed(1),
  ]);
  for (const line of columns(['algorithm', 'accumulator', 'sum', 'error (ULP)', 'relative', 'ms'], rows))
    printer.line(line);
  for (const note of report.notes) printer.line(`  ${note}`);
  printFindings(printer, report.findings);
  return exitCodeOf(report.findings);
}

async function showVariance(
  { printer, format, signal }: VerbContext,
  file: ByteText,
  flags: VarianceFlags,
): Promise<number> {
  const { slice, ddof } = flags;
  const report = await varianceReport(
    { path: absolutePath(file), ddof, ...(slice !== undefined && { slice }) },
    signal,
  );
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-variance@1', ...report });
    return exitCodeOf(report.findings);
  }
  printHead(printer, report);
  printer.line(`  exact variance: ${report.exact} (mean ${report.mean}, ddof ${report.ddof})`);
  const rows = report.results.map(result => [
    result.algorithm,
    result.accumulator,
    result.value,
    result.errorUlp === null ? '-' : significant(result.errorUlp),
    result.relativeError === null ? '-' : significant(result.relativeError),
  ]);
  for (const line of columns(['algorithm', 'accumulator', 'variance', 'error (ULP)', 'relative'], rows))
    printer.line(line);
  for (const { algorithm, accumulator, broken } of report.results)
    if (broken !== null) printer.line(`  ${algorithm}, ${accumulator}: ${broken}.`);
  printFindings(printer, report.findings);
  return exitCodeOf(report.findings);
}

function printHead(printer: Printer, { path, dtype, shape, count, evidence }: SumReport | VarianceReport): void {
  printer.line(
    `${displayText(path)}: ${count} numbers of ${dtype}, shape (${shape.join(', ')}${shape.length === 1 ? ',' : ''})`,
  );
  if (evidence.command !== undefined) printer.line(`  See: ${evidence.command}`);
}

function conditionText(condition: number | null): string {
  return condition === null
    ? ''
    : ` (condition ${significant(condition)}: so much larger is a relative error in the numbers in their sum)`;
}

function significant(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}

function columns(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(row => row[column]?.length ?? 0)));
  return [heads, ...rows].map(row =>
    `  ${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}
