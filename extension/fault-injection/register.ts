import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import type { FaultTarget } from '../../language-server/protocol/fault-targets.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { failureText, showFailure } from '../failure.ts';
import { fileForCommand, fileName } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import { openSetting, readSetting, settingIds } from '../settings.ts';
import { debugPoint } from './debug-failure.ts';
import { exportResults } from './export-results.ts';
import type { KeptSweep } from './kept-sweep.ts';
import { type FaultPictures, registerFaultPictures } from './pictures.ts';
import { type FaultPoint, isFaultPoint } from './point.ts';
import { registerFaultProblems } from './problems.ts';
import { type FaultTestResult, reportResults } from './reported-run.ts';
import { shellLine } from './shell-line.ts';
import { registerSourceMarks, type SourceMarks } from './source-marks.ts';
import { type Plan, runSweep } from './sweep.ts';
import { createSweepStore, type SweepStore } from './sweep-store.ts';
import { createTestItems, groupIds, groupOf, kindOf, restoreItems, type TestItems, targetItem } from './test-items.ts';
import { type FolderTarget, workspaceTargets } from './workspace-targets.ts';

export interface FaultInjection {
  readonly controller: vscode.TestController;
  readonly onDidTest: vscode.Event<FaultTestResult>;
  readonly store: SweepStore;
  readonly marks: SourceMarks;
  readonly pictures: FaultPictures['sessions'];
}

/** Malloc fault injection in VS Code's Testing view: a program is a test, each bug and each allocation failure a child of it. */
export function registerFaultInjection(services: Services): FaultInjection {
  const { context } = services;
  const results = new vscode.EventEmitter<FaultTestResult>();
  const controller = vscode.tests.createTestController('binaryDetective.faults', vscode.l10n.t('Malloc Faults'));
  const store = createSweepStore(services);
  const tests: Tests = { controller, items: createTestItems(controller), targets: new Map(), results, store };
  context.subscriptions.push(controller, results, store);
  const pictures = registerFaultPictures(services, store, {
    runSweep: target => runFromPicture(services, tests, target, undefined),
    runPoint: ({ target, n }) => runFromPicture(services, tests, target, n),
    debug: point => debugFault(services, tests, point),
    copyCommand: point => copyCommand(tests, point),
    exportResults: target => exportResults(services, keptOf(tests, target)),
  });
  registerFaultProblems(services, store);
  const marks = registerSourceMarks(services, store);
  const reload = createReload(services, tests);
  createProfiles(services, tests);
  registerCommands(services, tests);
  registerResultCommands(services, tests, pictures);
  controller.refreshHandler = reload;
  // The Testing view is there, or a test is asked for: only then is the server.
  controller.resolveHandler = item => (item === undefined ? reload() : undefined);
  return { controller, onDidTest: results.event, store, marks, pictures: pictures.sessions };
}

interface Tests {
  readonly controller: vscode.TestController;
  readonly items: TestItems;
  /** What each item at the top of the view runs. */
  readonly targets: Map<string, RunTarget>;
  readonly results: vscode.EventEmitter<FaultTestResult>;
  readonly store: SweepStore;
}

interface RunTarget {
  readonly target: FaultTarget;
  readonly folder: vscode.WorkspaceFolder | undefined;
  /** In the explorer; gone with the window. */
  readonly chosen: boolean;
}

function addTarget(tests: Tests, id: string, entry: RunTarget): vscode.TestItem {
  const isNew = !tests.targets.has(id);
  tests.targets.set(id, entry);
  const item = tests.items.target(id, entry);
  const kept = tests.store.of(id);
  if (isNew && kept !== undefined) restoreItems(tests.items, item, kept);
  return item;
}

/** Has the view show what the workspace names now; what is no more there goes. Again when that changes. */
function createReload(services: Services, tests: Tests): () => Promise<void> {
  const { context, log } = services;
  let asked = 0;
  const reload = async (token?: vscode.CancellationToken): Promise<void> => {
    asked += 1;
    const question = asked;
    let found: readonly FolderTarget[];
    try {
      await tests.store.loaded;
      const inBuilds = readSetting(settingIds.faultBuildTests) !== false;
      found = await workspaceTargets(services, inBuilds, token);
    } catch (error) {
      log.warn(failureText(error));
      return;
    }
    // A later question has its own answer.
    if (question !== asked) return;
    const configured = new Map(found.map(one => [`${one.folder.uri.toString()}#${one.target.id}`, one]));
    for (const [id, { chosen }] of [...tests.targets]) {
      if (chosen || configured.has(id)) continue;
      tests.targets.delete(id);
      tests.controller.items.delete(id);
    }
    for (const [id, one] of configured) addTarget(tests, id, { ...one, chosen: false });
  };
  // Not before the first question: a window that shows no tests starts no server.
  const reloadIfAsked = (): void => {
    if (asked > 0) void reload();
  };
  const watched = [settingIds.faultTargets, settingIds.faultPrograms, settingIds.faultBuildTests, 'launch'];
  const builds = ['**/CTestTestfile.cmake', '**/meson-info/intro-tests.json'].map(pattern =>
    vscode.workspace.createFileSystemWatcher(pattern),
  );
  const later = debounced(reloadIfAsked);
  context.subscriptions.push(
    ...builds.flatMap(watcher => [
      watcher,
      watcher.onDidChange(later),
      watcher.onDidCreate(later),
      watcher.onDidDelete(later),
    ]),
    vscode.workspace.onDidChangeWorkspaceFolders(reloadIfAsked),
    vscode.workspace.onDidGrantWorkspaceTrust(reloadIfAsked),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (watched.some(id => change.affectsConfiguration(id))) reloadIfAsked();
    }),
    tests.store.onDidChange(({ target, reason }) => {
      const item = tests.controller.items.get(target);
      // What was found is of another program than the one that is there now.
      if (reason === 'rebuilt' && item !== undefined) tests.controller.invalidateTestResults(item);
    }),
  );
  return () => reload();
}

/** A build writes its files one after the other. */
const quietMs = 500;

function debounced(work: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, quietMs);
  };
}

function createProfiles(services: Services, tests: Tests): void {
  const { controller } = tests;
  const profile = (label: string, plan: Plan, isDefault = false): void => {
    const run = (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> =>
      runRequest(services, tests, plan, request, token);
    controller.createRunProfile(label, vscode.TestRunProfileKind.Run, run, isDefault);
  };
  profile(vscode.l10n.t('Fail Every malloc, as Configured'), {}, true);
  profile(vscode.l10n.t('Fail One malloc and All Later Ones'), { mode: { kind: 'fromNth' }, points: 'all' });
  profile(vscode.l10n.t('Fail Exactly One malloc'), { mode: { kind: 'nth' }, points: 'all' });
  profile(vscode.l10n.t('Fail the First malloc of Each Call Stack'), { points: 'stacks' });
  const debug = (request: vscode.TestRunRequest): Promise<void> => debugRequest(services, tests, request);
  controller.createRunProfile(vscode.l10n.t('Debug the Failure'), vscode.TestRunProfileKind.Debug, debug, true);
}

async function runRequest(
  services: Services,
  tests: Tests,
  plan: Plan,
  request: vscode.TestRunRequest,
  cancelled: vscode.CancellationToken,
): Promise<void> {
  const { controller, targets, results, items, store } = tests;
  const run = reportResults(controller.createTestRun(request), results);
  const cancel = new vscode.CancellationTokenSource();
  cancelled.onCancellationRequested(() => cancel.cancel());
  run.token.onCancellationRequested(() => cancel.cancel());
  const excluded = new Set(request.exclude ?? []);
  const included = request.include ?? [...controller.items].map(([, item]) => item);
  try {
    for (const item of withoutDescendants(included)) {
      if (cancel.token.isCancellationRequested) break;
      const entry = targets.get(targetItem(item).id);
      if (entry === undefined || excluded.has(item)) continue;
      requireTrust();
      await runSweep({ services, items, store, run, plan, excluded, token: cancel.token }, item, entry.target);
    }
  } catch (error) {
    for (const item of included) run.errored(item, new vscode.TestMessage(failureText(error)));
    showFailure(services.log, error);
  } finally {
    run.end();
    cancel.dispose();
  }
}

/** A program that is asked for runs all its points; points asked for beside it run no second time. */
function withoutDescendants(items: readonly vscode.TestItem[]): readonly vscode.TestItem[] {
  const all = new Set(items);
  const isCovered = ({ parent }: vscode.TestItem): boolean =>
    parent !== undefined && (all.has(parent) || isCovered(parent));
  return items.filter(item => !isCovered(item));
}

async function debugRequest(services: Services, tests: Tests, { include }: vscode.TestRunRequest): Promise<void> {
  try {
    requireTrust();
    // One debugger at a time.
    const [item] = include ?? [...tests.controller.items].map(([, one]) => one);
    if (item !== undefined) await debugFault(services, tests, pointOf(tests, item));
  } catch (error) {
    showFailure(services.log, error);
  }
}

/** The run that an item stands for: of a bug the first, of a target the first of its first bug. */
function pointOf({ store }: Tests, item: vscode.TestItem): FaultPoint {
  const target = targetItem(item).id;
  const kind = kindOf(item);
  if (kind.kind === 'point') return { target, n: kind.n };
  const groups = store.of(target)?.groups ?? [];
  const group = kind.kind === 'bug' ? groupOf(groups, kind.key) : groups.find(({ known }) => !known);
  if (group !== undefined) return { target, n: group.smallestN };
  throw new UserError(
    'notFound',
    vscode.l10n.t('There is no failure to debug yet: run malloc fault injection on {0} first.', targetItem(item).label),
  );
}

async function debugFault(services: Services, tests: Tests, { target, n }: FaultPoint): Promise<void> {
  requireTrust();
  const kept = tests.store.of(target);
  const entry = tests.targets.get(target);
  const program = kept?.program ?? entry?.target.program;
  if (program === undefined) throw goneError();
  const mode = kept?.mode ?? entry?.target.mode ?? { kind: 'fromNth' };
  const name = kept?.name ?? entry?.target.name ?? '';
  const scope = kept === undefined ? entry?.target.scope : kept.scope;
  await debugPoint(services, { name, program, mode, scope, n, folder: entry?.folder });
}

function goneError(): UserError {
  return new UserError(
    'notFound',
    vscode.l10n.t('These results are gone: the program was built again. Run it once more.'),
  );
}

/** The server refuses by itself; here the person gets the button that helps, before a server is started. */
function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new UserError(
    'untrusted',
    vscode.l10n.t('Malloc fault injection runs a program of this workspace, and the workspace is not trusted.'),
  );
}

function registerCommands(services: Services, tests: Tests): void {
  registerCommand(services, commandIds.configureFaultPrograms, () => openSetting(settingIds.faultTargets));
  registerCommand(services, commandIds.runFaultInjection, async argument => {
    requireTrust();
    const file = await fileForCommand(argument, vscode.l10n.t('Run Malloc Fault Injection'));
    if (file === undefined) return;
    const folder = vscode.workspace.getWorkspaceFolder(file);
    const cwd = (folder?.uri ?? vscode.Uri.joinPath(file, '..')).fsPath;
    const program = { command: [file.fsPath], cwd };
    const target: FaultTarget = { id: file.toString(), name: fileName(file), source: 'settings', program };
    const item = addTarget(tests, target.id, { target, folder, chosen: true });
    // The view opens by itself when a test runs, as the person's settings for the Testing view say.
    await runRequest(
      services,
      tests,
      {},
      new vscode.TestRunRequest([item]),
      new vscode.CancellationTokenSource().token,
    );
  });
  registerCommand(services, commandIds.runOneFault, async argument => {
    requireTrust();
    const item = isTestItem(argument) ? targetItem(argument) : await pickTarget(tests);
    if (item === undefined) return;
    const typed = await vscode.window.showInputBox({
      title: vscode.l10n.t('Fail which allocation of {0}?', item.label),
      prompt: vscode.l10n.t('How many allocations succeed before the first that fails; 0: none.'),
      validateInput: text => (/^\d{1,15}$/u.test(text) ? undefined : vscode.l10n.t('A whole number from 0 on.')),
    });
    if (typed === undefined) return;
    const point = pointItem(tests, item, Number(typed));
    await runRequest(
      services,
      tests,
      {},
      new vscode.TestRunRequest([point]),
      new vscode.CancellationTokenSource().token,
    );
  });
  registerCommand(services, commandIds.debugFault, async argument => {
    if (isFaultPoint(argument)) await debugFault(services, tests, argument);
    else {
      const item = testItemOf(argument) ?? (await pickTarget(tests));
      if (item !== undefined) await debugFault(services, tests, pointOf(tests, item));
    }
  });
}

/** What is done with results that are there. */
function registerResultCommands(services: Services, tests: Tests, pictures: FaultPictures): void {
  registerCommand(services, commandIds.copyFaultCommand, async argument => {
    const item = testItemOf(argument);
    if (isFaultPoint(argument)) await copyCommand(tests, argument);
    else if (item !== undefined) await copyCommand(tests, pointOf(tests, item));
  });
  registerCommand(services, commandIds.showFaultPicture, async argument => {
    if (isFaultPoint(argument)) {
      const name = tests.store.of(argument.target)?.name ?? tests.targets.get(argument.target)?.target.name ?? '';
      pictures.open({ ...argument, name });
      return;
    }
    const chosen = testItemOf(argument);
    const item = chosen ?? (await pickTarget(tests));
    if (item === undefined) return;
    const isPart = chosen !== undefined && kindOf(chosen).kind !== 'target';
    const n = isPart ? pointOf(tests, chosen).n : undefined;
    pictures.open({ target: targetItem(item).id, name: targetItem(item).label, n });
  });
  registerCommand(services, commandIds.exportFaults, async (argument, path) => {
    const item = isFaultPoint(argument) ? undefined : (testItemOf(argument) ?? (await pickTarget(tests)));
    const target = isFaultPoint(argument) ? argument.target : item && targetItem(item).id;
    if (target === undefined) return;
    await exportResults(services, keptOf(tests, target), path instanceof vscode.Uri ? path : undefined);
  });
}

async function copyCommand(tests: Tests, { target, n }: FaultPoint): Promise<void> {
  const group = keptOf(tests, target).groups.find(({ ns }) => ns.includes(n));
  if (group === undefined) throw goneError();
  await vscode.env.clipboard.writeText(shellLine(group.reproduce));
}

function keptOf({ store }: Tests, target: string): KeptSweep {
  const kept = store.of(target);
  if (kept === undefined) throw goneError();
  return kept;
}

/** A picture may be older than the list of targets. */
async function runFromPicture(services: Services, tests: Tests, target: string, n: number | undefined): Promise<void> {
  requireTrust();
  if (!tests.targets.has(target)) await tests.controller.refreshHandler?.(new vscode.CancellationTokenSource().token);
  const item = tests.controller.items.get(target);
  if (item === undefined) throw goneError();
  const asked = n === undefined ? item : pointItem(tests, item, n);
  await runRequest(services, tests, {}, new vscode.TestRunRequest([asked]), new vscode.CancellationTokenSource().token);
}

/** The item of a point where the view has one, else a new one. */
function pointItem({ items, store }: Tests, target: vscode.TestItem, n: number): vscode.TestItem {
  const group = groupIds(store.of(target.id)?.groups ?? []).find(([, { ns }]) => ns.includes(n));
  return items.point(target.children.get(group?.[0] ?? '') ?? target, { n });
}

async function pickTarget({ controller }: Tests): Promise<vscode.TestItem | undefined> {
  const choices = [...controller.items].map(([, item]) => ({
    label: item.label,
    ...(item.description !== undefined && { description: item.description }),
    item,
  }));
  if (choices.length === 0) {
    throw new UserError(
      'notFound',
      vscode.l10n.t('No program is named yet. Name one in the setting, or choose one in the explorer.'),
      settingIds.faultTargets,
    );
  }
  const [first] = choices;
  if (choices.length === 1) return first?.item;
  const title = vscode.l10n.t('Which program?');
  return (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }))?.item;
}

/** Menus of the Testing view give an item; those of a message give it with its test. */
function testItemOf(argument: unknown): vscode.TestItem | undefined {
  if (isTestItem(argument)) return argument;
  if (typeof argument !== 'object' || argument === null || !('test' in argument)) return undefined;
  return isTestItem(argument.test) ? argument.test : undefined;
}

function isTestItem(value: unknown): value is vscode.TestItem {
  return typeof value === 'object' && value !== null && 'children' in value && 'canResolveChildren' in value;
}
