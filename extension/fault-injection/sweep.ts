import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import type { FaultTarget } from '../../language-server/protocol/fault-targets.ts';
import {
  type CleanRun,
  type FaultGroup,
  type FaultMode,
  type FaultPoints,
  type FaultProgress,
  type FaultRun,
  type FaultSweep,
  faultSweep,
} from '../../language-server/protocol/faults.ts';
import { showFailure } from '../failure.ts';
import type { Services } from '../services.ts';
import { collectRuns, type RunCollector } from './kept-sweep.ts';
import type { ReportedRun } from './reported-run.ts';
import { shellLine } from './shell-line.ts';
import { programTime, type SweepStore } from './sweep-store.ts';
import {
  describeBug,
  describeRuns,
  groupIds,
  groupOf,
  kindOf,
  mostPointItems,
  type TestItems,
  targetItem,
} from './test-items.ts';
import { failureMessage, stackAsText, testOutcome, verdictText } from './verdict.ts';

/** What a run profile makes of a target that says nothing, or otherwise. */
export interface Plan {
  readonly mode?: FaultMode;
  readonly points?: FaultPoints;
}

export interface SweepContext {
  readonly services: Services;
  readonly items: TestItems;
  readonly store: SweepStore;
  readonly run: ReportedRun;
  readonly plan: Plan;
  readonly excluded: ReadonlySet<vscode.TestItem>;
  readonly token: vscode.CancellationToken;
}

/** Of a long sweep, so often is said how far it is. */
const progressPauseMs = 500;

/** Sweeps a target, or runs the one point that `item` stands for: of a bug, the first. */
export async function runSweep(context: SweepContext, item: vscode.TestItem, target: FaultTarget): Promise<void> {
  const { run, plan } = context;
  const mode = plan.mode ?? target.mode ?? { kind: 'fromNth' };
  const points = plan.points ?? target.points;
  run.started(item);
  try {
    const only = onlyOf(context, item);
    if (only === undefined) await sweepAll(context, item, target, { mode, ...(points !== undefined && { points }) });
    else await runOne(context, item, target, { mode: modeOfLast(context, item, mode), only });
  } catch (error) {
    if (error instanceof vscode.CancellationError) {
      run.skipped(item);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    run.errored(item, new vscode.TestMessage(displayText(message)));
    print(run, message, item);
    // A remedy has a button; anything else is seen where the test failed.
    if (error instanceof UserError && (error.remedy !== undefined || error.kind === 'untrusted')) {
      showFailure(context.services.log, error);
    }
  }
}

function onlyOf({ store }: SweepContext, item: vscode.TestItem): number | undefined {
  const kind = kindOf(item);
  if (kind.kind === 'point') return kind.n;
  if (kind.kind === 'target') return undefined;
  const kept = store.of(targetItem(item).id);
  return kept === undefined ? undefined : groupOf(kept.groups, kind.key)?.smallestN;
}

/** A point's number means something in the mode that it was found in. */
function modeOfLast({ store, plan }: SweepContext, item: vscode.TestItem, mode: FaultMode): FaultMode {
  return plan.mode ?? store.of(targetItem(item).id)?.mode ?? mode;
}

async function runOne(
  { services, run, token }: SweepContext,
  item: vscode.TestItem,
  { program, scope }: FaultTarget,
  { mode, only }: { readonly mode: FaultMode; readonly only: number },
): Promise<void> {
  const report = (progress: FaultProgress): void => {
    if (progress.kind === 'building') print(run, buildingText(progress.command), item);
  };
  const params = { program, mode, only, ...(scope !== undefined && { scope }) };
  const sweep = await services.server.requestWithProgress(faultSweep, params, report, token);
  const [result] = sweep.runs;
  if (result === undefined) run.skipped(item);
  else showRun(run, item, result);
}

async function sweepAll(
  context: SweepContext,
  item: vscode.TestItem,
  target: FaultTarget,
  { mode, points }: { readonly mode: FaultMode; readonly points?: FaultPoints },
): Promise<void> {
  const { services, token, store } = context;
  const { program, scope } = target;
  const collector = collectRuns();
  const live = createLiveSweep(context, item);
  const report = (progress: FaultProgress): void => {
    if (progress.kind === 'run') collector.add(progress.run);
    live.show(progress, collector);
  };
  const params = { program, mode, ...(points !== undefined && { points }), ...(scope !== undefined && { scope }) };
  const sweep = await services.server.requestWithProgress(faultSweep, params, report, token);
  live.finish(sweep);
  await store.keep({
    ...{ version: 1, target: item.id, name: target.name, program, mode, ...(scope !== undefined && { scope }) },
    programTime: await programTime(program),
    ...collector.finish(sweep),
  });
}

/** What the Testing view shows while a sweep runs, and when it is over. */
interface LiveSweep {
  show(progress: FaultProgress, collector: RunCollector): void;
  finish(sweep: FaultSweep): void;
}

function createLiveSweep(context: SweepContext, item: vscode.TestItem): LiveSweep {
  const { run, items, excluded } = context;
  let points = 0;
  let toldAt = 0;
  /** Point or bug items that were seen, to take away those of an earlier sweep that this one has not. */
  const seen = new Set<vscode.TestItem>();
  const bugs = new Map<string, vscode.TestItem>();
  const shown = new Map<number, { readonly item: vscode.TestItem; readonly result: FaultRun }>();
  const bugItem = (key: string, failure: FaultRun | FaultGroup): vscode.TestItem => {
    const bug = items.bug(item, key, failure);
    bugs.set(key, bug);
    seen.add(bug);
    return bug;
  };
  const showPoint = (result: FaultRun, bug: string | null): void => {
    const parent = bug === null ? item : (bugs.get(bug) ?? bugItem(bug, result));
    const known = shown.get(result.n)?.item;
    if (known !== undefined && known.parent !== parent) known.parent?.children.delete(known.id);
    const point = items.point(parent, result);
    seen.add(point);
    shown.set(result.n, { item: point, result });
    if (!excluded.has(point)) showRun(run, point, result);
  };
  /** Alone, a run may have seemed to be another bug than it is beside the others. */
  const movePoints = (key: string, bug: vscode.TestItem, ns: readonly number[]): void => {
    for (const n of ns) {
      const point = shown.get(n);
      if (point !== undefined && point.item.parent !== bug) showPoint(point.result, key);
    }
  };
  return {
    show(progress, collector) {
      switch (progress.kind) {
        case 'building':
          print(run, buildingText(progress.command), item);
          return;
        case 'clean':
          points = progress.points;
          print(run, cleanText(progress.clean, points), item);
          return;
        case 'started':
          return;
        case 'run': {
          const { run: result, bug } = progress;
          if (points <= mostPointItems) showPoint(result, bug);
          else if (bug !== null && !bugs.has(bug)) showRun(run, bugItem(bug, result), result);
          const now = Date.now();
          if (now - toldAt < progressPauseMs && collector.size < points) return;
          toldAt = now;
          item.description = vscode.l10n.t('{0} of {1} runs', collector.size, points);
        }
      }
    },
    finish(sweep) {
      const isComplete = sweep.stopped === null;
      for (const [key, group] of groupIds(sweep.groups)) {
        const bug = bugItem(key, group);
        describeBug(bug, group);
        if (excluded.has(bug)) continue;
        movePoints(key, bug, group.ns);
        if (points > mostPointItems || bug.children.size === 0) {
          run.failed(bug, failureMessage(group), sweep.clean.durationMs);
        }
      }
      const ids = new Set(groupIds(sweep.groups).map(([id]) => id));
      for (const [key, bug] of bugs) if (!ids.has(key)) seen.delete(bug);
      if (isComplete) removeUnseen(item, seen);
      summarize(run, item, sweep);
    },
  };
}

/** What an earlier sweep had and this one has not goes; the others keep their place and history. */
function removeUnseen(item: vscode.TestItem, seen: ReadonlySet<vscode.TestItem>): void {
  for (const [id, child] of [...item.children]) {
    if (!seen.has(child)) item.children.delete(id);
    else for (const [point, below] of [...child.children]) if (!seen.has(below)) child.children.delete(point);
  }
}

function buildingText(command: readonly string[]): string {
  return vscode.l10n.t('Building: {0}', command.join(' '));
}

function cleanText(clean: CleanRun, points: number): string {
  const counted = vscode.l10n.t(
    'The clean run made {0} allocations in {1} ms; {2} points.',
    clean.allocations,
    Math.round(clean.durationMs),
    points,
  );
  return clean.stable ? counted : `${counted} ${vscode.l10n.t('A second clean run made another number of them.')}`;
}

function showRun(run: ReportedRun, item: vscode.TestItem, result: FaultRun): void {
  const verdict = verdictText(result.verdict);
  const outcome = testOutcome(result.verdict);
  if (kindOf(item).kind === 'point') {
    // Beside a failure stands what failed; the rest needs no more words.
    item.description = outcome === 'failed' ? `${verdict}: ${displayText(result.message)}` : verdict;
  }
  print(run, `n = ${result.n}: ${verdict}: ${result.message}`, item);
  switch (outcome) {
    case 'passed':
      run.passed(item, result.durationMs);
      return;
    case 'skipped':
      run.skipped(item);
      return;
    case 'failed': {
      const message = failureMessage(result);
      if (message.location !== undefined) print(run, placeText(message.location), item);
      const stacks = [
        stackAsText(vscode.l10n.t('Died in:'), result.crashStack),
        stackAsText(vscode.l10n.t('The allocation that failed first:'), result.injectedStack),
      ];
      for (const stack of stacks) if (stack !== '') print(run, stack, item);
      run.failed(item, message, result.durationMs);
      return;
    }
  }
}

/** The program as a whole: how many points of each verdict, and how to do the same outside the editor. */
function summarize(run: ReportedRun, program: vscode.TestItem, sweep: FaultSweep): void {
  const counts = Object.entries(sweep.verdicts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} × ${verdictText(verdict as FaultRun['verdict'])}`);
  print(run, `${displayText(sweep.command.join(' '))}: ${counts.join(', ')}`, program);
  for (const note of [...sweep.notes, ...sweep.skipped.map(({ message }) => message)]) print(run, note, program);
  for (const bug of sweep.groups) {
    print(run, `${verdictText(bug.verdict)}, ${describeRuns(bug.ns)}: ${bug.message}`, program);
    print(run, `  ${vscode.l10n.t('Reproduce with:')} ${shellLine(bug.reproduce)}`, program);
  }
  program.description = counts.join(', ');
  if (sweep.groups.some(({ known }) => !known)) run.failed(program, undefined, sweep.clean.durationMs);
  else if (sweep.stopped === 'cancelled') run.skipped(program);
  else run.passed(program, sweep.clean.durationMs);
}

function placeText({ uri, range }: vscode.Location): string {
  return `${uri.fsPath}:${range.start.line + 1}`;
}

/** A terminal shows the output: it wants carriage returns, and must not get commands from a program's words. */
function print(run: ReportedRun, text: string, item: vscode.TestItem): void {
  const lines = text.split('\n').map(line => displayText(line));
  run.appendOutput(`${lines.join('\r\n')}\r\n`, item);
}
