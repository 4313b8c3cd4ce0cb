import { UserError } from '../protocol/errors.ts';
import type { CleanErrorRule, FaultRun, FaultVerdict } from '../protocol/faults.ts';
import type { ObservedRun } from './armed-run.ts';
import type { Leftovers } from './leak-report.ts';
import { ownReport } from './own-report.ts';
import { hasSanitizerReport } from './sanitizer-report.ts';

/** What the program does when nothing fails. */
export interface Baseline {
  readonly exitCode: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Whether two clean runs printed the same: only then does another output mean anything. */
  readonly sameStdout: boolean;
  readonly sameStderr: boolean;
  /** A signal that the clean run had too, and went on; null: none. */
  readonly usualSignal: string | null;
  /** What the person calls a clean error; absent: a non-zero exit with something on standard error. */
  readonly cleanError?: CleanErrorRule | undefined;
  /** What clean runs leave at their end; null, or absent: not known. */
  readonly leftovers?: Leftovers | null;
}

/** The signal that the program died of, also where a handler of its own turned it into an exit status; null: of none. */
export function fatalSignal(run: ObservedRun, baseline: Baseline): string | null {
  if (run.timedOut) return null;
  if (run.signal !== null) return run.signal;
  const { crash } = run.record;
  // Some run-times catch faults as a matter of course.
  if (crash === null || crash.signal === baseline.usualSignal) return null;
  if (run.exitCode !== baseline.exitCode) return crash.signal;
  // A handler may end the program as if all were well: then it has not done its work.
  const unfinished = baseline.sameStdout && !sameBytes(run.stdout, baseline.stdout);
  return crash.byFault && unfinished ? crash.signal : null;
}

/** @param run A run in which allocations failed from some point on. */
export function verdictOf(run: ObservedRun, baseline: Baseline): FaultVerdict {
  if (run.timedOut) return 'hang';
  if (run.record.failed === 0) return 'notReached';
  if (hasSanitizerReport(run.stderr) && !hasSanitizerReport(baseline.stderr)) return 'sanitizer';
  const signal = fatalSignal(run, baseline);
  const reported = ownReport(run.stderr, baseline.stderr);
  if (signal !== null) {
    // GLib ends with a trap what others end with abort(3).
    return signal === 'SIGABRT' || (signal === 'SIGTRAP' && reported === 'abort') ? 'abort' : 'crash';
  }
  if (reported !== undefined && run.exitCode !== baseline.exitCode) return reported;
  const saysMore = saysMoreThan(run.stderr, baseline.stderr);
  if (run.exitCode === baseline.exitCode && sameOutput(run, baseline)) return 'unaffected';
  if (run.exitCode === 0) return 'wrongOutput';
  if (baseline.cleanError !== undefined) return keepsRule(run, baseline.cleanError) ? 'cleanError' : 'silentError';
  if (saysMore) return 'cleanError';
  return run.exitCode === baseline.exitCode ? 'wrongOutput' : 'silentError';
}

/** Errors: invalidParams. */
export function cleanErrorPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'mu');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('invalidParams', `What a clean error says is not a regular expression: ${reason}.`);
  }
}

function keepsRule(
  { exitCode, stdout, stderr }: ObservedRun,
  { exitCodes, output, stderr: pattern }: CleanErrorRule,
): boolean {
  const says = (words: Uint8Array): boolean => output === undefined || Buffer.from(words).includes(output);
  return (
    (exitCodes === undefined || (exitCode !== null && exitCodes.includes(exitCode))) &&
    (says(stdout) || says(stderr)) &&
    (pattern === undefined || cleanErrorPattern(pattern).test(Buffer.from(stderr).toString('utf8')))
  );
}

/** Same words on standard output; on standard error a program may say that it did without something. */
function sameOutput(run: ObservedRun, baseline: Baseline): boolean {
  if (baseline.sameStdout && !sameBytes(run.stdout, baseline.stdout)) return false;
  if (!baseline.sameStderr || sameBytes(run.stderr, baseline.stderr)) return true;
  return run.exitCode === 0 && containsLines(run.stderr, baseline.stderr);
}

function saysMoreThan(words: Uint8Array, usual: Uint8Array): boolean {
  return words.length > 0 && !sameBytes(words, usual);
}

/** Whether all lines of the second are in the first, in their order. */
function containsLines(words: Uint8Array, usual: Uint8Array): boolean {
  const wanted = linesOf(usual);
  let next = 0;
  for (const line of linesOf(words)) if (line === wanted[next]) next += 1;
  return next >= wanted.length;
}

function linesOf(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .filter(line => line !== '');
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function countVerdicts(runs: readonly FaultRun[]): Readonly<Record<FaultVerdict, number>> {
  const counts: Record<FaultVerdict, number> = {
    unaffected: 0,
    cleanError: 0,
    silentError: 0,
    wrongOutput: 0,
    crash: 0,
    abort: 0,
    hang: 0,
    leak: 0,
    sanitizer: 0,
    notReached: 0,
  };
  for (const { verdict } of runs) counts[verdict] += 1;
  return counts;
}
