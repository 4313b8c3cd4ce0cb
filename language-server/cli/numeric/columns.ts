import { displayText } from '../../protocol/display-text.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { SumReport, VarianceReport } from '../../protocol/numeric.ts';
import { type Printer, severityText } from '../printer.ts';

/** How the verbs of arrays print what they have in common. */

export function printFindings(printer: Printer, findings: readonly Finding[]): void {
  for (const { severity, message, code } of findings)
    printer.line(`  ${severityText(printer, severity)}: ${displayText(message)} [${code}]`);
}

export function printHead(printer: Printer, { path, dtype, shape, count, evidence }: SumReport | VarianceReport): void {
  printer.line(`${displayText(path)}: ${count} numbers of ${dtype}, shape ${shapeText(shape)}`);
  if (evidence.command !== undefined) printer.line(`  See: ${evidence.command}`);
}

export function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
}

export function significant(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}

/** The first `left` columns begin at the left. */
export function columns(heads: readonly string[], rows: readonly (readonly string[])[], left = 2): readonly string[] {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(row => row[column]?.length ?? 0)));
  return [heads, ...rows].map(row =>
    `  ${row.map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}
