import { type Command, InvalidArgumentError, Option } from 'commander';
import { ownPlace } from '../../faults/frames.ts';
import { groupTitle } from '../../faults/report/words.ts';
import { type SweepParams, sweepFaults } from '../../faults/sweep.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import {
  type CleanErrorRule,
  type FaultPoints,
  type FaultProgress,
  type FaultShard,
  isBugVerdict,
} from '../../protocol/faults.ts';
import { declareMode, type ModeFlags, modeOf } from '../fault-mode-option.ts';
import { declareScope, type ScopeFlags, scopeOf } from '../fault-scope-options.ts';
import { type FaultOutput, faultOutputOptions, printSweep } from '../faults-output.ts';
import { seconds, shard, wholeNumber } from '../options.ts';
import { absolutePath, cacheFolder, shimFolder } from '../paths.ts';
import type { Printer } from '../printer.ts';
import type { RunVerb, Verb, VerbContext } from '../verb.ts';
import { mergeCommand } from './faults-merge.ts';

type Budget = { readonly seconds: number } | { readonly runs: number };

interface FaultFlags extends FaultOutput, ScopeFlags, ModeFlags {
  readonly points: FaultPoints | number;
  readonly only?: number;
  readonly maxPoints: number;
  readonly budget?: Budget;
  readonly hangs?: number;
  readonly deadline?: number;
  readonly jobs?: number;
  readonly leaks?: boolean;
  readonly snapshot: 'auto' | 'off' | 'only';
  readonly stdin?: ByteText;
  readonly privateFolder?: boolean;
  readonly extensionModule?: ByteText;
  readonly cleanExit?: readonly number[];
  readonly cleanError?: string;
  readonly cleanOutput?: string;
  readonly shard?: FaultShard;
  readonly resume?: ByteText;
}

export const faultsVerb: Verb = {
  name: 'faults',
  declare: (program, run) => {
    const command = program
      .command('faults')
      .description('runs a program once for each of its allocations, with that one failing, and all later ones or none')
      .argument('<command...>', 'the program and its arguments, behind --');
    whatFails(command);
    howItRuns(command);
    faultOutputOptions(command)
      .addHelpText('after', '\nfaults merge FILE... joins the answers of parts (faults merge --help).')
      // What stands behind the program is the program's.
      .passThroughOptions()
      .action(async (words: readonly ByteText[], flags: FaultFlags) => {
        if (isMerge(program, words)) await mergeCommand(run).parseAsync(words.slice(1), { from: 'user' });
        else await runSweep(run, words, flags);
      });
  },
};

function runSweep(run: RunVerb, command: readonly ByteText[], flags: FaultFlags): Promise<void> {
  const { format, jobs } = flags;
  return run(context => runFaults(context, command, flags), format === 'json' ? format : 'text', jobs);
}

/** `faults merge a.json`; a program of that name stands behind "--". */
function isMerge(program: Command, [first]: readonly ByteText[]): boolean {
  const { rawArgs } = program as Command & { readonly rawArgs: readonly string[] };
  return first === 'merge' && rawArgs[rawArgs.indexOf('merge') - 1] !== '--';
}

function whatFails(command: Command): void {
  declareScope(declareMode(command))
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
    .option('--budget <budget>', 'at most so many runs (500), or no further one after a time (60s, 5m)', parseBudget)
    .option(
      '--hangs <count>',
      'after so many hangs from one call stack, leave out its others; 0: never; default: 2',
      wholeNumber(0),
    )
    .option('--shard <i/n>', 'only the i-th of n parts, for `faults merge`', shard);
}

function howItRuns(command: Command): void {
  command
    .option('--deadline <seconds>', 'for each run; default: 20 times the clean run, at least one second', seconds)
    .option('--jobs <count>', 'so many runs at once; default: one a processor', wholeNumber(1))
    .addOption(
      new Option(
        '--snapshot <when>',
        'copy one run at each failure where that is the same, never, or leave out the rest',
      )
        .choices(['auto', 'off', 'only'])
        .default('auto'),
    )
    .option('--leaks', 'also what is left at the end after a failure, and freed and closed without one')
    .option('--stdin <file>', 'what each run reads on standard input; default: nothing')
    .option('--private-folder', 'each run works in a copy of the working folder')
    .option('--extension-module <module>', 'the command runs Python: only what this extension module asks for fails')
    .option('--clean-exit <list>', 'exit statuses of a clean error, such as 1,2', exitStatuses)
    .option('--clean-error <regex>', 'what a clean error says on standard error')
    .option('--clean-output <text>', 'what a clean error prints on standard output or standard error')
    .option('--resume <file>', 'write each result to this file, and go on from what is there');
}

function parsePoints(text: string): FaultPoints | number {
  if (text === 'stacks' || text === 'all') return text;
  if (/^\d+$/u.test(text)) return wholeNumber(1)(text);
  throw new InvalidArgumentError('It is "stacks", "all" or a number from 1 on.');
}

function parseBudget(text: string): Budget {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d+)?)(s|m|h)?$/u.exec(text) ?? [];
  const value = Number(number);
  if (unit === '' && Number.isSafeInteger(value) && value > 0) return { runs: value };
  if (unit !== '' && value > 0) return { seconds: value * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'] };
  throw new InvalidArgumentError('It is a number of runs (500) or a time (60s, 5m, 1h).');
}

function exitStatuses(text: string): readonly number[] {
  const statuses = text.split(',');
  if (statuses.every(status => /^\d{1,3}$/u.test(status) && Number(status) < 256)) return statuses.map(Number);
  throw new InvalidArgumentError('It is a list of exit statuses, such as 1,2.');
}

function cleanErrorOf({ cleanExit, cleanError, cleanOutput }: FaultFlags): CleanErrorRule | undefined {
  const rule: CleanErrorRule = {
    ...(cleanExit && { exitCodes: cleanExit }),
    ...(cleanError !== undefined && { stderr: cleanError }),
    ...(cleanOutput !== undefined && { output: cleanOutput }),
  };
  return Object.keys(rule).length === 0 ? undefined : rule;
}

function paramsOf(command: readonly ByteText[], flags: FaultFlags): SweepParams {
  const {
    points,
    only,
    stdin,
    privateFolder,
    extensionModule,
    hangs,
    jobs,
    budget,
    baseline,
    resume,
    shard: part,
  } = flags;
  const cleanError = cleanErrorOf(flags);
  const scope = scopeOf(flags);
  return {
    program: {
      ...{ command, cwd: process.cwd() },
      ...(stdin !== undefined && { stdin }),
      ...(privateFolder !== undefined && { privateFolder }),
      ...(extensionModule !== undefined && { extensionModule }),
      ...(cleanError !== undefined && { cleanError }),
    },
    ...{ mode: modeOf(flags), points: points === 'stacks' ? points : ('all' as const) },
    ...(scope !== undefined && { scope }),
    ...(only !== undefined && { only }),
    ...(hangs !== undefined && { hangsPerStack: hangs }),
    ...(jobs !== undefined && { jobs }),
    ...(flags.leaks === true && { leaks: true }),
    ...(flags.snapshot !== 'auto' && { snapshot: flags.snapshot }),
    ...(part !== undefined && { shard: part }),
    ...(budget !== undefined && 'seconds' in budget && { budgetSeconds: budget.seconds }),
    ...(baseline !== undefined && { baseline: absolutePath(baseline) }),
    ...(resume !== undefined && { journal: absolutePath(resume) }),
  };
}

async function runFaults(context: VerbContext, command: readonly ByteText[], flags: FaultFlags): Promise<number> {
  const { door, printer, signal } = context;
  if (flags.updateBaseline === true && flags.baseline === undefined) {
    throw new UserError('invalidParams', '--update-baseline needs --baseline FILE, which it writes.');
  }
  const { points, budget } = flags;
  const mosts = [
    typeof points === 'number' ? points : flags.maxPoints,
    ...(budget !== undefined && 'runs' in budget ? [budget.runs] : []),
  ];
  const sweep = await sweepFaults(paramsOf(command, flags), {
    door,
    shimFolder: shimFolder(),
    cacheFolder: cacheFolder(),
    deadlineSeconds: flags.deadline ?? 0,
    maxPoints: Math.min(...mosts),
    onProgress: progressPrinter(printer),
    signal,
  });
  return await printSweep(printer, sweep, flags);
}

/** Counts on a terminal; and each place where something goes wrong, a line on standard error as soon as it is seen. */
function progressPrinter(printer: Printer): (progress: FaultProgress) => void {
  let done = 0;
  let planned = 0;
  const told = new Set<string>();
  return progress => {
    if (progress.kind === 'clean') planned = progress.points;
    if (progress.kind === 'run') {
      done += 1;
      const { run } = progress;
      const place = ownPlace(run.crashStack.length > 0 ? run.crashStack : run.injectedStack);
      const bug = `${groupTitle(run)} ${place}`;
      if (isBugVerdict(run.verdict) && !told.has(bug)) {
        told.add(bug);
        printer.error(displayText(`n = ${run.n}: ${groupTitle(run)}: ${run.message}`));
      }
    }
    printer.progress(`${done} of ${planned} runs`);
  };
}
