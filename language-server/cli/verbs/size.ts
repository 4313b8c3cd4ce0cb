import { Option } from 'commander';
import { readSize, type SizeOptions } from '../../elf/size/size-tree.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { SizeGrouping, SizePart } from '../../protocol/size.ts';
import { formatOption, wholeNumber } from '../options.ts';
import { absolutePath } from '../paths.ts';
import type { Printer } from '../printer.ts';
import { exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';
import { printFinding } from './inspect.ts';

interface SizeFlags {
  readonly by: SizeGrouping;
  readonly of?: ByteText;
  readonly format: OutputFormat;
  readonly limit?: number;
}

const defaultLimits: Readonly<Record<OutputFormat, number>> = { text: 10, json: 50 };

export const sizeVerb: Verb = {
  name: 'size',
  declare: (program, run) => {
    program
      .command('size')
      .description(
        'what takes the room in an ELF file, by section and symbol or by source file; each byte is counted once',
      )
      .argument('<file>', 'an ELF file')
      .addOption(
        new Option(
          '--by <grouping>',
          'symbol; source: the file that each byte was written in; unit: the file that was compiled',
        )
          .choices(['symbol', 'source', 'unit'])
          .default('symbol'),
      )
      .option(
        '--of <source>',
        'only this source file, by its whole path in the debug information: the symbols it is in',
      )
      .option('--limit <count>', 'at most this many parts of each part (default: 10, 50 for json)', wholeNumber(1))
      .addOption(formatOption())
      .action((file: ByteText, { format, by, of, limit = defaultLimits[format] }: SizeFlags) => {
        const asked = of === undefined ? { by, limit } : { by: by === 'symbol' ? 'source' : by, limit, source: of };
        return run(context => runSize(context, file, asked), format);
      });
  },
};

async function runSize({ printer, format, signal }: VerbContext, file: ByteText, asked: SizeOptions): Promise<number> {
  const report = await readSize(absolutePath(file), { ...asked, signal });
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/size@1', ...report });
    return exitCodes.clean;
  }
  const { sources } = report;
  if (sources?.kind === 'known' && sources.debugFile !== null) {
    printer.line(`debug information of ${displayText(sources.debugFile)}`);
  }
  if (report.symbolFile !== undefined) printer.line(`symbols of ${displayText(report.symbolFile)}`);
  printer.line(printer.style('gray', `${'file'.padStart(12)}${'memory'.padStart(12)}`));
  printPart(printer, report.root, 0);
  if (sources?.kind === 'noDebugInformation') {
    printer.error(`${sources.message} To get it: ${displayText(sources.remedy)}`);
  } else if (report.by !== 'symbol') for (const finding of report.findings) printFinding(printer, finding);
  return exitCodes.clean;
}

function printPart(printer: Printer, part: SizePart, depth: number): void {
  const { name, count, fileBytes, memoryBytes, children } = part;
  const numbers = `${String(fileBytes).padStart(12)}${String(memoryBytes).padStart(12)}`;
  const text = `${displayText(name)}${count === undefined ? '' : ` (${count} more)`}`;
  printer.line(`${numbers}  ${'  '.repeat(depth)}${depth === 1 ? printer.style('bold', text) : text}`);
  for (const child of children) printPart(printer, child, depth + 1);
}
