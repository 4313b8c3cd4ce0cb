import { InvalidArgumentError, Option } from 'commander';
import { sweepFaults } from '../../faults/sweep.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type {
  FaultGroup,
  FaultMode,
  FaultPoints,
  FaultProgress,
  FaultSweep,
  FaultVerdict,
  StackFrame,
} from '../../protocol/faults.ts';
import { declareScope, type ScopeFlags, scopeOf } from '../fault-scope-options.ts';
import { formatOption, seconds, wholeNumber } from '../options.ts';
import { cacheFolder, shimFolder } from '../paths.ts';
import type { Printer } from '../printer.ts';
import { exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';

interface FaultFlags extends ScopeFlags {
  readonly mode: FaultMode;
  readonly seed?: number;
  readonly seeds?: number;
  readonly points: FaultPoints | number;
  readonly format: OutputFormat;
  readonly only?: number;
  readonly deadline?: number;
  readonly maxPoints: number;
}

export const faultsVerb: Verb = {
  name: 'faults',
  declare: (program, run) => {
    declareScope(program.command('faults'))
      .description('runs a program once for each of its allocations, with that one failing, and all later ones or none')
      .argument('<command...>', 'the program and its arguments, behind --')
      .addOption(
        new Option(
          '--mode <mode>',
          'what fails: fromNth, nth, list:5,8-20, every:K, probability:P, size:FROM-TO, budget:BYTES, total:BYTES',
        )
          .argParser(parseMode)
          .default({ kind: 'fromNth' } satisfies FaultMode, 'fromNth'),
      )
      .option(
        '--seed <number>',
        'of a probability: the first run draws by it, the next by the next; default: 1',
        wholeNumber(0),
      )
      .option('--seeds <count>', 'of a probability: so many runs; default: 10', wholeNumber(1))
      .addOption(
        new Option(
          '--points <which>',
          'the first allocation of each call stack, all of them, or at most a number of them',
        )
          .argParser(parsePoints)
          .default('all'),
      )
      .option('--only <n>', 'only the run with this n, or this seed', wholeNumber(0))
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

/** "nth", "list:5,8-20", "every:3", "probability:0.01", "size:64-4096" */
function parseMode(text: string): FaultMode {
  const colon = text.indexOf(':');
  const value = colon < 0 ? '' : text.slice(colon + 1);
  switch (colon < 0 ? text : text.slice(0, colon + 1)) {
    case 'fromNth':
    case 'nth':
      return { kind: text === 'nth' ? 'nth' : 'fromNth' };
    case 'list:':
      return { kind: 'list', numbers: value };
    case 'size:':
      return { kind: 'size', bytes: value };
    case 'budget:':
    case 'total:':
      return { kind: text.startsWith('budget') ? 'budget' : 'total', bytes: parseBytes(value) };
    case 'every:':
      return { kind: 'every', step: wholeNumber(1)(value) };
    case 'probability:':
      if (/^(?:\d+(?:\.\d*)?|\.\d+)$/u.test(value)) {
        return { kind: 'probability', probability: Number(value), seed: 1 };
      }
      throw new InvalidArgumentError('A probability is written like 0.01.');
    default:
      throw new InvalidArgumentError(
        'It is one of fromNth, nth, list:5,8-20, every:K, probability:P, size:FROM-TO, budget:BYTES and total:BYTES.',
      );
  }
}

/** "4096", "64K", "10M", "1G": by 1024. */
function parseBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([KMG]?)$/u.exec(text) ?? [];
  if (digits === '') throw new InvalidArgumentError('A budget is written like 4096, 64K or 10M.');
  return wholeNumber(0)(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit);
}

function parsePoints(text: string): FaultPoints | number {
  if (text === 'stacks' || text === 'all') return text;
  if (/^\d+$/u.test(text)) return wholeNumber(1)(text);
  throw new InvalidArgumentError('It is "stacks", "all" or a number from 1 on.');
}

/** Seeds mean something where they are drawn from. */
function modeOf({ mode, seed, seeds }: FaultFlags): FaultMode {
  if (mode.kind !== 'probability') {
    if (seed === undefined && seeds === undefined) return mode;
    throw new UserError('invalidParams', '--seed and --seeds belong to --mode probability:P.');
  }
  return { ...mode, ...(seed !== undefined && { seed }), ...(seeds !== undefined && { seeds }) };
}

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
  const { points: which, only } = flags;
  const scope = scopeOf(flags);
  const params = {
    ...{ program, mode: modeOf(flags), points: which === 'stacks' ? which : ('all' as const) },
    ...(only !== undefined && { only }),
    ...(scope !== undefined && { scope }),
  };
  const sweep = await sweepFaults(params, {
    door,
    shimFolder: shimFolder(),
    cacheFolder: cacheFolder(),
    deadlineSeconds: flags.deadline ?? 0,
    maxPoints: typeof which === 'number' ? which : flags.maxPoints,
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
  const stacks = clean.stacks === null ? '' : ` from ${clean.stacks} call stacks`;
  printer.line(`  ${clean.allocations} allocations${stacks} in ${Math.round(clean.durationMs)} ms${unstable}`);
  const counts = Object.entries(verdicts).filter(([, number]) => number > 0);
  const told = counts.map(([verdict, number]) => `${number} ${verdict}`).join(', ');
  const mode = plan.mode === 'fromNth' ? '' : ` (${plan.mode})`;
  printer.line(`  ${runs.length} of ${plan.points} runs${mode}: ${told}`);
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
