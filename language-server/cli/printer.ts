import { styleText } from 'node:util';
import type { Severity } from '../protocol/finding.ts';

type Style = Parameters<typeof styleText>[0];

/** Where a verb writes: results to standard output, all else to standard error. */
export interface Printer {
  line(text?: string): void;
  json(value: unknown): void;
  /** Lines that end with a newline already. */
  text(text: string): void;
  error(text: string): void;
  /** A line that the next one replaces, shown only where standard error is a terminal. */
  progress(text: string): void;
  style(style: Style, text: string): string;
}

export function createPrinter(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Printer {
  const coloured = stdout.isTTY === true && (stdout.hasColors?.() ?? false);
  let progressShown = false;
  const clearProgress = (): void => {
    if (progressShown) stderr.write('\r\u001B[K');
    progressShown = false;
  };
  return {
    line(text = '') {
      clearProgress();
      stdout.write(`${text}\n`);
    },
    json(value) {
      clearProgress();
      stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    text(text) {
      clearProgress();
      stdout.write(text);
    },
    error(text) {
      clearProgress();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (stderr.isTTY !== true) return;
      clearProgress();
      stderr.write(text.slice(0, Math.max(20, stderr.columns - 1)));
      progressShown = true;
    },
    style: (style, text) => (coloured ? styleText(style, text) : text),
  };
}

const severityStyles: Readonly<Record<Severity, Style>> = {
  error: 'red',
  warning: 'yellow',
  information: 'cyan',
  hint: 'gray',
};

export function severityText(printer: Printer, severity: Severity): string {
  return printer.style(severityStyles[severity], severity);
}

/** `label  value` with the values in one column. */
export function definitionLines(entries: readonly (readonly [label: string, value: string])[]): readonly string[] {
  const width = Math.max(0, ...entries.map(([label]) => label.length));
  return entries.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}
