import { sweepFaults } from '../../faults/sweep.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { FaultGroup, FaultProgress, FaultSweep, FaultVerdict, StackFrame } from '../../protocol/faults.ts';
import { formatOption, seconds, wholeNumber } from '../options.ts';
import { cacheFolder, shimFolder } from '../paths.ts';
import type { Printer } from '../printer.ts';
import { exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';

interface FaultFlags {
  readonly format: OutputFormat;
  readonly only?: number;
  readonly deadline?: number;
  readonly maxPoints: number;
}

export const faultsVerb: Verb = {
  name: 'faults',
  declare: (program, run) => {
    program
      .command('faults')
      .description('runs a program once for each of its allocations, with that one and all later ones failing')
      .argument('<command...>', 'the program and its arguments, behind --')
      .option('--only <n>', 'only the run in which n allocations succeed', wholeNumber(0))
      .option('--max-points <count>', 'at most so many runs', wholeNumber(1), 2000)
      .option('--deadline <seconds>', 'for each run; default: ten times the clean run, at least two seconds', seconds)
      .addOption(formatOption())
      // What stands behind the program is the program's.
      .passThroughOptions()
      .action((command: readonly ByteText[], flags: FaultFlags) =>
        run(context => runFaults(context, command, flags), flags.format),
      );
  },
};

/** The program misbehaves; to fail with a word on standard error is the right thing to do. */
const bugs: ReadonlySet<FaultVerdict> = new Set<FaultVerdict>([
  'silentError',
  'wrongOutput',
  'crash',
  'abort',
  'hang',
  'leak',
  'sanitizer',
]);

async function runFaults(context: VerbContext, command: readonly ByteText[], flags: FaultFlags): Promise<number> {
  const { door, printer, format, signal } = context;
  let done = 0;
  let points = 0;
  const onProgress = (progress: FaultProgress): void => {
    if (progress.kind === 'clean') points = progress.points;
    if (progress.kind === 'run') done += 1;
    printer.progress(`${done} of ${points} runs`);
  };
  const program = { command, cwd: process.cwd() };
  const sweep = await sweepFaults(flags.only === undefined ? { program } : { program, only: flags.only }, {
    door,
    shimFolder: shimFolder(),
    cacheFolder: cacheFolder(),
    deadlineSeconds: flags.deadline ?? 0,
    maxPoints: flags.maxPoints,
    onProgress,
    signal,
  });
  if (format === 'json') printer.json({ schema: 'binary-detective/faults@1', ...sweep });
  else printSweep(printer, sweep);
  // What was done before Ctrl-C has been told; it is not all that was asked for.
  if (signal.aborted) return exitCodes.failed;
  return sweep.groups.some(({ verdict }) => bugs.has(verdict)) ? exitCodes.findings : exitCodes.clean;
}

function printSweep(printer: Printer, { command, clean, plan, runs, verdicts, groups }: FaultSweep): void {
  printer.line(printer.style('bold', shellCommand(command)));
  const unstable = clean.stable ? '' : '; a second clean run made another number of them';
  printer.line(`  ${clean.allocations} allocations in ${Math.round(clean.durationMs)} ms${unstable}`);
  const counts = Object.entries(verdicts).filter(([, number]) => number > 0);
  const told = counts.map(([verdict, number]) => `${number} ${verdict}`).join(', ');
  printer.line(`  ${runs.length} of ${plan.points} runs: ${told}`);
  for (const group of groups) printGroup(printer, group);
}

function printGroup(printer: Printer, group: FaultGroup): void {
  const isBug = bugs.has(group.verdict);
  const title = `${group.verdict}${group.signal === null ? '' : ` (${group.signal})`} at n = ${ranges(group.ns)}`;
  printer.line();
  printer.line(`  ${printer.style(isBug ? 'red' : 'green', title)}`);
  printer.line(`    ${displayText(group.message)}`);
  if (!isBug) return;
  printStack(printer, 'died in', group.crashStack);
  printStack(printer, 'the allocation that failed', group.injectedStack);
  printer.line(`    ${printer.style('gray', shellCommand(group.reproduce))}`);
}

function printStack(printer: Printer, title: string, stack: readonly StackFrame[]): void {
  if (stack.length === 0) return;
  printer.line(`    ${title}:`);
  for (const frame of stack.slice(0, 8)) printer.line(`      ${frameText(frame)}`);
  if (stack.length > 8) printer.line(`      … ${stack.length - 8} more`);
}

function frameText({ module, offset, function: name, file, line }: StackFrame): string {
  const place = file === null ? `${module}+${offset}` : `${file}${line === null ? '' : `:${line}`}`;
  return displayText(`${name ?? '??'}  ${place}`);
}

/** `0-3, 7` */
function ranges(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}
