import { sumReport } from '../../numeric/sums/sum-report.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { SumAccumulator, SumAlgorithm } from '../../protocol/numeric.ts';
import { absolutePath } from '../paths.ts';
import { exitCodeOf, type VerbContext } from '../verb.ts';
import { columns, printFindings, printHead, significant } from './columns.ts';

export interface SumFlags {
  readonly slice?: string;
  readonly algorithm?: readonly SumAlgorithm[];
  readonly accumulator?: readonly SumAccumulator[];
}

export async function showSum(
  { printer, format, signal }: VerbContext,
  file: ByteText,
  flags: SumFlags,
): Promise<number> {
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

function conditionText(condition: number | null): string {
  return condition === null
    ? ''
    : ` (condition ${significant(condition)}: so much larger is a relative error in the numbers in their sum)`;
}
