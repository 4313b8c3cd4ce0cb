import { varianceReport } from '../../numeric/variance/variance-report.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { absolutePath } from '../paths.ts';
import { exitCodeOf, type VerbContext } from '../verb.ts';
import { columns, printFindings, printHead, significant } from './columns.ts';

export interface VarianceFlags {
  readonly slice?: string;
  readonly ddof: number;
}

export async function showVariance(
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
