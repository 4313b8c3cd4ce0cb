import { type Command, Option } from 'commander';
import { version } from '../../package.json';
import { isComplete, writeKnownGroups } from '../faults/known-groups.ts';
import { exportSweep } from '../faults/report/export-sweep.ts';
import { cleanText, frameText, groupTitle, ranges, runsText, snapshotText } from '../faults/report/words.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import {
  type FaultExportFormat,
  type FaultGroup,
  type FaultSweep,
  faultExportFormats,
  type StackFrame,
} from '../protocol/faults.ts';
import { absolutePath } from './paths.ts';
import type { Printer } from './printer.ts';
import { exitCodes } from './verb.ts';

export type FaultFormat = 'text' | FaultExportFormat;
export const faultFormats: readonly FaultFormat[] = ['text', ...faultExportFormats];

export interface FaultOutput {
  readonly format: FaultFormat;
  readonly baseline?: ByteText;
  readonly updateBaseline?: boolean;
}

const shownFrames = 8;

/** What `faults` and `faults merge` have both. */
export function faultOutputOptions(command: Command): Command {
  return command
    .option('--baseline <file>', 'bugs that are known: they do not fail the run')
    .option('--update-baseline', 'write all bugs that were found to the baseline')
    .addOption(new Option('--format <format>', 'how to print').choices(faultFormats).default('text'));
}

/** Prints a sweep, and writes the baseline where that is asked for; the exit code. Errors: toolFailed, invalidParams. */
export async function printSweep(printer: Printer, sweep: FaultSweep, output: FaultOutput): Promise<number> {
  const { format, baseline, updateBaseline = false } = output;
  if (format === 'text') printAsText(printer, sweep);
  else printer.text(await exportSweep(sweep, format, { version }));
  if (updateBaseline && baseline !== undefined) {
    await writeKnownGroups(absolutePath(baseline), { groups: sweep.groups, complete: isComplete(sweep) });
  }
  // What was done before Ctrl-C, or before something failed, has been told; it is not all that was asked for.
  if (sweep.stopped === 'cancelled' || sweep.stopped === 'failed') return exitCodes.failed;
  if (updateBaseline) return exitCodes.clean;
  return sweep.groups.some(({ known }) => !known) ? exitCodes.findings : exitCodes.clean;
}

function printAsText(printer: Printer, sweep: FaultSweep): void {
  const { command, notes, skipped, groups } = sweep;
  printer.line(printer.style('bold', shellCommand(command)));
  printer.line(`  ${cleanText(sweep)}`);
  printer.line(`  ${runsText(sweep)}`);
  const snapshots = snapshotText(sweep);
  if (snapshots !== '') printer.line(`  ${displayText(snapshots)}`);
  for (const note of [...notes, ...skipped.map(({ message }) => message)]) printer.line(`  ${displayText(note)}`);
  for (const group of groups) printGroup(printer, group);
}

function printGroup(printer: Printer, group: FaultGroup): void {
  const { known, ns, message, crashStack, injectedStack, leaks = [], reproduce } = group;
  const title = `${groupTitle(group)}${known ? ', known,' : ''} at n = ${ranges(ns)}`;
  printer.line();
  printer.line(`  ${printer.style(known ? 'yellow' : 'red', title)}`);
  printer.line(`    ${displayText(message)}`);
  // Who accepted it has seen the rest.
  if (known) return;
  printStack(printer, 'died in', crashStack);
  for (const leak of leaks) {
    if (leak.kind === 'memory')
      printStack(printer, `lost ${leak.bytes} bytes, in ${leak.blocks} blocks from`, leak.stack);
    else printer.line(`    left open: ${displayText(leak.file)}${leak.count === 1 ? '' : `, ${leak.count} times`}`);
  }
  printStack(printer, 'the allocation that failed', injectedStack);
  printer.line(`    ${printer.style('gray', shellCommand(reproduce))}`);
}

function printStack(printer: Printer, title: string, stack: readonly StackFrame[]): void {
  if (stack.length === 0) return;
  printer.line(`    ${title}:`);
  for (const frame of stack.slice(0, shownFrames)) {
    printer.line(`      ${frameText(frame)}`);
    if (frame.source !== undefined) printer.line(`        ${printer.style('gray', displayText(frame.source.trim()))}`);
  }
  if (stack.length > shownFrames) printer.line(`      … ${stack.length - shownFrames} more`);
}
