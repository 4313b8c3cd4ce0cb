import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import {
  type CleanRun,
  type FaultProgress,
  type FaultRun,
  type FaultSweep,
  faultSweep,
} from '../../language-server/protocol/faults.ts';
import { showFailure } from '../failure.ts';
import type { Services } from '../services.ts';
import type { NamedProgram } from './programs.ts';
import type { ReportedRun } from './reported-run.ts';
import { failureMessage, stackAsText, testOutcome, verdictText } from './verdict.ts';

export interface SweepContext {
  readonly services: Services;
  readonly controller: vscode.TestController;
  readonly run: ReportedRun;
  readonly excluded: ReadonlySet<vscode.TestItem>;
  readonly token: vscode.CancellationToken;
}

/** Runs a program at every point (`item` at the top of the view), or at the one point that `item` stands for. */
export async function runSweep(context: SweepContext, item: vscode.TestItem, named: NamedProgram): Promise<void> {
  const { services, run, token } = context;
  const program = item.parent ?? item;
  const only = item.parent === undefined ? undefined : pointOf(item);
  run.started(item);
  try {
    const params = { program: named.program, ...(only !== undefined && { only }) };
    const report = (progress: FaultProgress): void => showProgress(context, program, progress);
    const sweep = await services.server.requestWithProgress(faultSweep, params, report, token);
    if (only === undefined) {
      removeStalePoints(program, sweep);
      summarize(run, program, sweep);
    }
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
      showFailure(services.log, error);
    }
  }
}

function showProgress(context: SweepContext, program: vscode.TestItem, progress: FaultProgress): void {
  const { run } = context;
  switch (progress.kind) {
    case 'building':
      print(run, vscode.l10n.t('Building: {0}', progress.command.join(' ')), program);
      return;
    case 'clean':
      print(run, cleanText(progress.clean, progress.points), program);
      return;
    case 'started':
      run.started(pointItem(context, program, progress.n));
      return;
    case 'run':
      showRun(context, pointItem(context, program, progress.run.n), progress.run);
      return;
  }
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

/** Points of an earlier sweep that this one no longer had go; the others keep their place and history. */
function removeStalePoints(program: vscode.TestItem, sweep: FaultSweep): void {
  const current = new Set(sweep.runs.map(({ n }) => pointId(n)));
  // A cancelled sweep says nothing about the points that it did not reach.
  if (current.size < sweep.plan.points) return;
  const stale = [...program.children].filter(([id]) => !current.has(id));
  for (const [id] of stale) program.children.delete(id);
}

function pointItem({ controller }: SweepContext, program: vscode.TestItem, n: number): vscode.TestItem {
  const id = pointId(n);
  const known = program.children.get(id);
  if (known !== undefined) return known;
  const item = controller.createTestItem(id, `n = ${n}`);
  item.sortText = String(n).padStart(12, '0');
  program.children.add(item);
  return item;
}

function pointId(n: number): string {
  return `n=${n}`;
}

function pointOf(item: vscode.TestItem): number {
  return Number(item.id.slice('n='.length));
}

function showRun({ run, excluded, controller }: SweepContext, item: vscode.TestItem, result: FaultRun): void {
  if (excluded.has(item)) return;
  const verdict = verdictText(result.verdict);
  // Beside a failure stands what failed; the rest needs no more words.
  item.description = testOutcome(result.verdict) === 'failed' ? `${verdict}: ${displayText(result.message)}` : verdict;
  print(run, `n = ${result.n}: ${verdict}: ${result.message}`, item);
  switch (testOutcome(result.verdict)) {
    case 'passed':
      run.passed(item, result.durationMs);
      return;
    case 'skipped':
      run.skipped(item);
      return;
    case 'failed': {
      const message = failureMessage(result);
      const placed = message.location === undefined ? item : itemAt(controller, item, message.location);
      if (message.location !== undefined) print(run, placeText(message.location), placed);
      const stacks = [
        stackAsText(vscode.l10n.t('Died in:'), result.crashStack),
        stackAsText(vscode.l10n.t('The allocation that failed first:'), result.injectedStack),
      ];
      for (const stack of stacks) if (stack !== '') print(run, stack, placed);
      run.failed(placed, message, result.durationMs);
      return;
    }
  }
}

/** The same test with a place in the source, where VS Code goes from its row; an item's file can't be changed. */
function itemAt(
  controller: vscode.TestController,
  item: vscode.TestItem,
  { uri, range }: vscode.Location,
): vscode.TestItem {
  let placed = item;
  if (item.uri?.toString() !== uri.toString()) {
    placed = controller.createTestItem(item.id, item.label, uri);
    if (item.description !== undefined) placed.description = item.description;
    if (item.sortText !== undefined) placed.sortText = item.sortText;
    item.parent?.children.add(placed);
  }
  placed.range = range;
  return placed;
}

/** The program as a whole: how many points of each verdict, and how to do the same outside the editor. */
function summarize(run: ReportedRun, program: vscode.TestItem, sweep: FaultSweep): void {
  const counts = Object.entries(sweep.verdicts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} × ${verdictText(verdict as FaultRun['verdict'])}`);
  print(run, `${displayText(sweep.command.join(' '))}: ${counts.join(', ')}`, program);
  const bugs = sweep.groups.filter(group => testOutcome(group.verdict) === 'failed');
  for (const bug of bugs) {
    print(run, `${verdictText(bug.verdict)}, n=${bug.ns.join(',')}: ${bug.message}`, program);
    print(run, `  ${vscode.l10n.t('Reproduce with:')} ${bug.reproduce.join(' ')}`, program);
  }
  program.description = counts.join(', ');
  if (bugs.length === 0) run.passed(program, sweep.clean.durationMs);
  else run.failed(program, undefined, sweep.clean.durationMs);
}

function placeText({ uri, range }: vscode.Location): string {
  return `${uri.fsPath}:${range.start.line + 1}`;
}

/** A terminal shows the output: it wants carriage returns, and must not get commands from a program's words. */
function print(run: ReportedRun, text: string, item: vscode.TestItem): void {
  const lines = text.split('\n').map(line => displayText(line));
  run.appendOutput(`${lines.join('\r\n')}\r\n`, item);
}
