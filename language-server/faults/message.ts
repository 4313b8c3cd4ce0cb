import { displayText } from '../protocol/display-text.ts';
import type { FaultLeak, FaultMode, FaultVerdict, StackFrame } from '../protocol/faults.ts';
import type { ObservedRun } from './armed-run.ts';
import { ownPlace, placeWithCallee } from './frames.ts';
import { ownReportLine } from './own-report.ts';
import { sanitizerHeadline } from './sanitizer-report.ts';
import type { Baseline } from './verdict.ts';

const longestQuote = 200;

export interface Judged {
  readonly run: ObservedRun;
  readonly baseline: Baseline;
  readonly verdict: FaultVerdict;
  readonly mode: FaultMode['kind'];
  /** What it died of, also where a handler of its own turned that into an exit status. */
  readonly signal: string | null;
  readonly injectedStack: readonly StackFrame[];
  readonly crashStack: readonly StackFrame[];
  /** Of the allocation that failed last before it died; empty where it did not. */
  readonly lastFailureStack: readonly StackFrame[];
  readonly leaks?: readonly FaultLeak[];
}

/** One sentence: what the program did, where, and which allocation had failed. */
export function messageOf(judged: Judged): string {
  const { run, verdict } = judged;
  switch (verdict) {
    case 'notReached':
      return `Made ${run.record.allocations} allocations, and none of them failed.`;
    case 'unaffected':
      return `Did the same as in the clean run, though ${whatFailed(judged)} failed.${uncompared(judged)}`;
    default:
      return `${whatHappened(judged)}, after ${whatFailed(judged)} failed.`;
  }
}

function whatFailed({ run, mode, injectedStack, lastFailureStack }: Judged): string {
  const asked = ownPlace(lastFailureStack) ?? ownPlace(injectedStack);
  const allocation = asked === undefined ? 'an allocation' : `the allocation ${asked}`;
  const { failed } = run.record;
  switch (mode) {
    case 'fromNth':
      return allocation;
    case 'nth':
      return asked === undefined ? 'one allocation, and no other,' : `${allocation}, and no other,`;
    case 'list':
    case 'every':
    case 'size':
    case 'budget':
    case 'total':
    case 'probability': {
      if (failed === 1 || asked === undefined) return failed === 1 ? allocation : `${failed} allocations`;
      const which = ownPlace(lastFailureStack) === undefined ? 'first' : 'last';
      return `${failed} allocations, the ${which} of them ${asked},`;
    }
  }
}

function whatHappened({ run, baseline, verdict, signal, crashStack, leaks = [] }: Judged): string {
  const status = run.exitCode === null ? '' : `exit status ${run.exitCode}`;
  switch (verdict) {
    case 'crash':
    case 'abort': {
      if (signal === null) return `Reported its own end: ${quote(ownReportLine(run.stderr) ?? '')} (${status})`;
      // In what abort(3) calls there is nothing to see.
      const place = verdict === 'abort' ? ownPlace(crashStack) : placeWithCallee(crashStack);
      const caught = run.signal === null && status !== '' ? ` (the program's own handler made it ${status})` : '';
      return `${signal}${place === undefined ? '' : ` ${place}`}${caught}`;
    }
    case 'hang':
      return `Still running after ${run.durationMs / 1000} s`;
    case 'wrongOutput':
      return run.exitCode === baseline.exitCode
        ? `Ended as in the clean run (${status}), but with other output`
        : `Reported success, which the clean run (exit status ${baseline.exitCode}) does not`;
    case 'silentError':
      return silentText(run, baseline, status);
    case 'sanitizer':
      return `Sanitizer report: ${quote(sanitizerHeadline(run.stderr))}`;
    case 'leak':
      return `Lost ${lossesOf(leaks)}`;
    default:
      return `Said ${quote(firstNewLine(run.stderr, baseline.stderr))} (${status})`;
  }
}

/** Some programs complain on standard output. */
function silentText(run: ObservedRun, baseline: Baseline, status: string): string {
  const known = new Set(linesOf(baseline.stdout));
  const printed = linesOf(run.stdout).findLast(line => !known.has(line));
  if (printed === undefined) return `Failed without a word (${status})`;
  return `Failed without a word on standard error (${status}; printed ${quote(printed)})`;
}

function uncompared({ baseline }: Judged): string {
  return baseline.sameStdout && baseline.sameStderr
    ? ''
    : ' Its output was not compared: two clean runs differ in theirs.';
}

/** "96 bytes in 3 blocks, asked for at a.c:12 in load, and 2 other things", "the file /etc/hosts" */
function lossesOf(leaks: readonly FaultLeak[]): string {
  const [first] = leaks;
  if (first === undefined) return 'memory';
  const others = leaks.length - 1;
  const more = others === 0 ? '' : `, and ${others} other ${others === 1 ? 'thing' : 'things'}`;
  if (first.kind === 'file') {
    return `${first.count === 1 ? 'the open file' : `${first.count} open files`} ${displayText(first.file)}${more}`;
  }
  const blocks = first.blocks === 1 ? '1 block' : `${first.blocks} blocks`;
  const place = ownPlace(first.stack);
  return `${first.bytes} bytes in ${blocks}${place === undefined ? '' : `, asked for ${place}`}${more}`;
}

/** The first line that the clean run did not print. */
function firstNewLine(words: Uint8Array, usual: Uint8Array): string {
  const known = new Set(linesOf(usual));
  const lines = linesOf(words);
  const first = lines.find(line => !known.has(line)) ?? lines[0] ?? '';
  // Python says last what it is about.
  return first.startsWith('Traceback (most recent call last)') ? (lines.at(-1) ?? first) : first;
}

function linesOf(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}

function quote(line: string): string {
  return `"${displayText(line.length <= longestQuote ? line : `${line.slice(0, longestQuote)}…`)}"`;
}
