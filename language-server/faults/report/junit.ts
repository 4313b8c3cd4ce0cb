import { basename } from 'node:path';
import { shellCommand } from '../../native/shell-quote.ts';
import {
  type FaultGroup,
  type FaultRun,
  type FaultSweep,
  isBugVerdict,
  type StackFrame,
} from '../../protocol/faults.ts';
import { ownPlace } from '../frames.ts';
import { escapeLines, escapeMarkup } from './markup.ts';
import { cleanText, frameText, groupTitle, ranges, runsText } from './words.ts';

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  /** XML of what is inside. */
  readonly body: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

/**
 * The sweep as JUnit's XML, as Jenkins, GitLab and others read it: a failed test for each group, skipped where the baseline has
 * it, and a passed one for each place whose failures the program copes with.
 */
export function sweepAsJunit(sweep: FaultSweep): string {
  const cases = [...sweep.groups.map(group => caseOfGroup(group, sweep)), ...casesOfFineRuns(sweep.runs)];
  const suite = escapeMarkup(shellCommand(sweep.command));
  const program = escapeMarkup(basename(sweep.command[0] ?? ''));
  const count = (outcome: TestCase['outcome']): number => cases.filter(one => one.outcome === outcome).length;
  const seconds = secondsText(cases.reduce((sum, one) => sum + one.seconds, 0));
  const counts = `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts.replace(/ skipped="\d+"/u, '')}>`,
    `  <testsuite name="${suite}" ${counts}>`,
    ...cases.map(({ name, seconds: time, body }) => {
      const head = `    <testcase name="${escapeMarkup(name)}" classname="${program}" time="${secondsText(time)}"`;
      return body === '' ? `${head}/>` : `${head}>${body}</testcase>`;
    }),
    `    <system-out>${escapeLines([cleanText(sweep), runsText(sweep), ...saidOf(sweep)].join('\n'))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function saidOf({ notes, skipped }: FaultSweep): readonly string[] {
  return [...notes, ...skipped.map(({ message }) => message)];
}

function caseOfGroup(group: FaultGroup, { runs }: FaultSweep): TestCase {
  const { verdict, message, known, ns, crashStack, injectedStack, reproduce } = group;
  const members = new Set(ns);
  const seconds = secondsOf(runs.filter(run => members.has(run.n) && run.verdict === verdict));
  const name = `${groupTitle(group)} at n = ${group.smallestN}: ${placeOf(crashStack) ?? placeOf(injectedStack) ?? 'unknown place'}`;
  if (known) return { name, seconds, outcome: 'skipped', body: '<skipped message="It is in the baseline."/>' };
  const text = [
    message,
    `n = ${ranges(ns)}`,
    ...stackText('Died in:', crashStack),
    ...stackText('The allocation that fails:', injectedStack),
    'To see it again:',
    `  ${shellCommand(reproduce)}`,
  ].join('\n');
  const head = `message="${escapeMarkup(message)}" type="${escapeMarkup(verdict)}"`;
  return { name, seconds, outcome: 'failed', body: `<failure ${head}>${escapeLines(text)}</failure>` };
}

/** By the place that asked for memory: thousands of points of one loop are one test. */
function casesOfFineRuns(runs: readonly FaultRun[]): readonly TestCase[] {
  const places = new Map<string, FaultRun[]>();
  for (const run of runs) {
    if (isBugVerdict(run.verdict)) continue;
    const name = `${groupTitle(run)}: allocation ${placeOf(run.injectedStack) ?? 'at an unknown place'}`;
    const known = places.get(name);
    if (known === undefined) places.set(name, [run]);
    else known.push(run);
  }
  return [...places].map(([name, members]) => ({
    name,
    seconds: secondsOf(members),
    outcome: members.every(({ verdict }) => verdict === 'notReached') ? ('skipped' as const) : ('passed' as const),
    body: members.every(({ verdict }) => verdict === 'notReached') ? '<skipped message="No allocation failed."/>' : '',
  }));
}

function placeOf(stack: readonly StackFrame[]): string | undefined {
  return ownPlace(stack);
}

function stackText(title: string, stack: readonly StackFrame[]): readonly string[] {
  if (stack.length === 0) return [];
  return [
    title,
    ...stack.map(frame => `  ${frameText(frame)}${frame.source === undefined ? '' : `    ${frame.source.trim()}`}`),
  ];
}

function secondsOf(runs: readonly FaultRun[]): number {
  return runs.reduce((sum, { durationMs }) => sum + durationMs / 1000, 0);
}

function secondsText(seconds: number): string {
  return seconds.toFixed(3);
}
