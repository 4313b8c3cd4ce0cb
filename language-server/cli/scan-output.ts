import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Finding, Severity } from '../protocol/finding.ts';
import { findingsOf, type ScanReport, type ShardReport } from '../scan/report.ts';
import { type Printer, severityText } from './printer.ts';
import { reportAsSarif } from './sarif.ts';
import { exitCodeOf, exitCodes } from './verb.ts';

export const scanFormats = ['text', 'json', 'sarif'] as const;
export type ScanFormat = (typeof scanFormats)[number];

export const severities: readonly Severity[] = ['error', 'warning', 'information', 'hint'];

export interface ScanOutput {
  readonly format: ScanFormat;
  /** What is less severe is left out of text and SARIF; JSON has everything. */
  readonly minimumSeverity: Severity;
}

/** Prints a report; the exit code. */
export async function printReport(
  printer: Printer,
  report: ScanReport | ShardReport,
  { format, minimumSeverity }: ScanOutput,
): Promise<number> {
  const found = [...findingsOf(report)].filter(finding => isAtLeast(finding, minimumSeverity));
  if (format === 'json') printReportAsJson(printer, report);
  else if (format === 'sarif') printer.json(await reportAsSarif(report.errors, found));
  else {
    for (const finding of found) printScanFinding(printer, finding.path, finding);
    printer.line(summary(report));
  }
  for (const { message } of report.errors) printer.error(`binary-detective: ${displayText(message)}`);
  return report.errors.length > 0 ? exitCodes.failed : exitCodeOf([...findingsOf(report)]);
}

/** One JSON value, a file a line: the text of all of them together may be longer than a text can be. */
function printReportAsJson(printer: Printer, report: ScanReport | ShardReport): void {
  const members = Object.entries({ schema: 'binary-detective/scan@1', ...report });
  printer.line('{');
  for (const [place, [name, value]] of members.entries()) {
    const comma = place + 1 < members.length ? ',' : '';
    if (!Array.isArray(value)) {
      printer.line(`  ${JSON.stringify(name)}: ${JSON.stringify(value)}${comma}`);
      continue;
    }
    printer.line(`  ${JSON.stringify(name)}: [`);
    for (const [index, item] of value.entries()) {
      printer.line(`    ${JSON.stringify(item)}${index + 1 < value.length ? ',' : ''}`);
    }
    printer.line(`  ]${comma}`);
  }
  printer.line('}');
}

function isAtLeast({ severity }: Finding, least: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(least);
}

/** In the way of compilers, so that editors and terminals make links of it. */
function printScanFinding(printer: Printer, path: ByteText, { severity, message, code }: Finding): void {
  const place = printer.style('bold', displayText(path));
  printer.line(`${place}: ${severityText(printer, severity)}: ${displayText(message)} [${code}]`);
}

function summary({ looked, elf, files, findings }: ScanReport): string {
  const broken = files.filter(({ problems }) => problems.some(({ severity }) => severity === 'error')).length;
  const foreign = files.filter(({ problems }) => problems.some(({ code }) => code === 'dependencies/foreign-machine'));
  const texts = [
    `${count(looked, 'file')} looked at, ${count(elf, 'ELF file')}`,
    broken === 0 ? 'all of them can be loaded' : `${broken} cannot be loaded as they are`,
    ...(findings.length === 0 ? [] : [`${count(findings.length, 'library', 'libraries')} there more than once`]),
    ...(foreign.length === 0
      ? []
      : [`${foreign.length} for other machines, of which only a sysroot (--sysroot) tells more`]),
  ];
  return `${texts.join('; ')}.`;
}

function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
