import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { createNativeDoor } from '../native/create-door.ts';
import { UserError } from '../protocol/errors.ts';
import { lossless } from './arguments.ts';
import { failureText } from './failure.ts';
import { createPrinter, type Printer } from './printer.ts';
import { exitCodes, type RunVerb } from './verb.ts';
import { verbs } from './verbs.ts';

/** Runs one verb and resolves to the exit code: 0 nothing found, 1 findings, 2 could not run. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const printer = createPrinter(process.stdout, process.stderr);
  let exitCode: number = exitCodes.clean;
  const run: RunVerb = async (work, format = 'text', concurrency?: number) => {
    const stop = new AbortController();
    const restore = abortOnSignals(stop);
    // Whoever types a command trusts it; the trust gate is for workspaces that somebody else wrote.
    const door = createNativeDoor({
      ...{ toolPath: () => undefined, isTrusted: () => true, log: () => undefined },
      ...(concurrency !== undefined && { concurrency }),
    });
    try {
      exitCode = await work({ door, printer, format, signal: stop.signal });
    } finally {
      await door.close();
      restore();
    }
  };
  const program = createProgram(run);
  quietWhenNobodyReads();
  try {
    await program.parseAsync(lossless(args), { from: 'user' });
  } catch (error) {
    return failureCode(printer, error);
  }
  return exitCode;
}

function createProgram(run: RunVerb): Command {
  const program = new Command('binary-detective')
    .description(
      'Inspects ELF files, resolves what they need as the loader will, injects malloc failures and lints Cython casts.',
    )
    .version(version)
    .showHelpAfterError('(binary-detective --help lists the verbs)')
    .addHelpText('after', '\nExit status: 0 nothing found, 1 findings, 2 could not run.')
    .enablePositionalOptions()
    .exitOverride();
  for (const verb of verbs) verb.declare(program, run);
  return program;
}

/** The outermost handler: the only place where a failure becomes words on a terminal. */
function failureCode(printer: Printer, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.clean : exitCodes.failed;
  if (error instanceof UserError) printer.error(failureText(error));
  else if (error instanceof Error && error.name === 'AbortError') printer.error('binary-detective: cancelled');
  else printer.error(`binary-detective: this is a bug: ${error instanceof Error ? error.stack : String(error)}`);
  return exitCodes.failed;
}

/** The first Ctrl-C ends what runs and lets the verb say what it has; the second one ends us. */
function abortOnSignals(stop: AbortController): () => void {
  const abort = (): void => stop.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  return () => {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  };
}

/** `binary-detective … | head` is no failure. */
function quietWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}
