import { writeFileSync } from 'node:fs';
import { readBindings } from '../../loader-trace/binding-rows.ts';
import { readStored } from '../../loader-trace/trace-files.ts';
import { removeTraceFolder } from '../../loader-trace/trace-folder.ts';
import { traceProgram } from '../../loader-trace/trace-program.ts';
import { filterDetail } from '../../loader-trace/trace-views.ts';
import { osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { TraceBinding, TraceProcessDetail, TraceResult, TraceRunParams } from '../../protocol/trace.ts';
import { formatOption, wholeNumber } from '../options.ts';
import type { Printer } from '../printer.ts';
import { type TracedWithBindings, traceLines } from '../trace-text.ts';
import { exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';

interface TraceFlags {
  readonly format: OutputFormat;
  readonly filter?: string;
  readonly output?: ByteText;
  readonly bindings: boolean;
  readonly children?: true;
  readonly keep: number;
}

export const traceVerb: Verb = {
  name: 'trace',
  declare: (program, run) => {
    program
      .command('trace')
      .description('runs a program with LD_DEBUG and tells what the loader did, beside what our rules say')
      .argument('<command...>', 'the program and its arguments, behind --')
      .option('--filter <text>', 'only what names this library or symbol')
      .option('--output <file>', 'write the answer there; standard output is the program’s alone')
      .option('--no-bindings', 'record no symbol bindings: much faster')
      .option('--children', 'run it although its own loader has no LD_DEBUG, for the programs that it starts')
      .option('--keep <MiB>', 'how much of the loader’s output is kept on disk', wholeNumber(1), 256)
      .addOption(formatOption())
      // What stands behind the program is the program's.
      .passThroughOptions()
      .action((command: readonly ByteText[], flags: TraceFlags) =>
        run(context => runTrace(context, command, flags), flags.format),
      );
  },
};

async function runTrace(context: VerbContext, command: readonly ByteText[], flags: TraceFlags): Promise<number> {
  const { door, format, signal } = context;
  const params: TraceRunParams = {
    program: { command, cwd: process.cwd() },
    bindings: flags.bindings,
    keptBytes: flags.keep * 2 ** 20,
    ...(flags.children === true && { childrenOnly: true }),
  };
  const trace = await traceProgram(params, {
    door,
    isTrusted: () => true,
    signal,
    // The answer in JSON has standard output for itself.
    stdio: format === 'json' && flags.output === undefined ? 'stderr' : 'inherit',
    onProgress: () => undefined,
  });
  try {
    if (trace.outcome.kind === 'failed') throw new UserError('toolFailed', trace.outcome.message);
    const details = trace.processes.map(({ id }) => {
      const { detail } = readStored(trace.log, id);
      return flags.filter === undefined ? detail : filterDetail(detail, flags.filter);
    });
    await print(context, trace, details, flags);
  } finally {
    removeTraceFolder(trace.log);
  }
  if (signal.aborted) return exitCodes.failed;
  return trace.processes.some(({ failure, differences }) => failure !== null || differences > 0)
    ? exitCodes.findings
    : exitCodes.clean;
}

async function print(
  context: VerbContext,
  trace: TraceResult,
  details: readonly TraceProcessDetail[],
  { filter, output }: TraceFlags,
): Promise<void> {
  const { printer, format, signal } = context;
  const processes: TracedWithBindings[] = [];
  for (const detail of details)
    processes.push({ ...detail, named: await namedBindings(trace, detail, filter, signal) });
  if (format === 'json') {
    const answer = jsonAnswer(trace, processes);
    if (output === undefined) printer.json(answer);
    else writeFileSync(osPath(output), `${JSON.stringify(answer, null, 2)}\n`);
    return;
  }
  const style: Printer['style'] = output === undefined ? printer.style : (_style, text) => text;
  const lines = traceLines({ style, trace, processes, filtered: filter !== undefined });
  if (output === undefined) for (const line of lines) printer.line(line);
  else writeFileSync(osPath(output), `${[...lines].join('\n')}\n`);
}

/** More than this no person reads; the counts are of all. */
const maximumNamedBindings = 100_000;

/** The single bindings that a filter names; without one there are too many. */
async function namedBindings(
  { log }: TraceResult,
  { process }: TraceProcessDetail,
  filter: string | undefined,
  signal: AbortSignal,
): Promise<TracedWithBindings['named']> {
  if (filter === undefined) return null;
  const rows: TraceBinding[] = [];
  for (;;) {
    const page = await readBindings({ log, process: process.id, filter, start: rows.length, count: 5000 }, signal);
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= Math.min(page.matching, maximumNamedBindings)) {
      return { rows, matching: page.matching };
    }
  }
}

function jsonAnswer(trace: TraceResult, processes: readonly TracedWithBindings[]): object {
  const { log: _log, processes: _processes, output: _output, ...rest } = trace;
  return {
    schema: 'binary-detective/trace@1',
    ...rest,
    processes: processes.map(({ process, named, ...detail }) => ({
      ...process,
      ...detail,
      ...(named !== null && { bindingRows: named.rows, bindingsMatching: named.matching }),
      counts: {
        searches: process.searches,
        libraries: process.libraries,
        bindings: process.bindings,
        errors: process.errors,
        differences: process.differences,
      },
    })),
  };
}
