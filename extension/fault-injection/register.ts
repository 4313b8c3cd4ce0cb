import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { showFailure } from '../failure.ts';
import { fileForCommand, fileName } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import { openSetting, readSetting, settingIds } from '../settings.ts';
import { type NamedProgram, parsePrograms } from './programs.ts';
import { type FaultTestResult, reportResults } from './reported-run.ts';
import { runSweep } from './sweep.ts';

export interface FaultInjection {
  readonly controller: vscode.TestController;
  readonly onDidTest: vscode.Event<FaultTestResult>;
}

/** Malloc fault injection in VS Code's Testing view: a program is a test, each of its allocation failures a child of it. */
export function registerFaultInjection(services: Services): FaultInjection {
  const { context, log } = services;
  const results = new vscode.EventEmitter<FaultTestResult>();
  const controller = vscode.tests.createTestController('binaryDetective.faults', vscode.l10n.t('Malloc Faults'));
  /** What each item at the top of the view runs. */
  const programs = new Map<string, NamedProgram>();
  /** Chosen in the explorer; gone with the window. */
  const chosen = new Map<string, NamedProgram>();

  const show = (id: string, named: NamedProgram): vscode.TestItem => {
    const known = controller.items.get(id);
    programs.set(id, named);
    if (known !== undefined) return known;
    const item = controller.createTestItem(id, named.name);
    item.description = named.program.command.join(' ');
    controller.items.add(item);
    return item;
  };
  const reload = (): void => {
    const configured = configuredPrograms(log);
    for (const id of [...programs.keys()]) {
      if (configured.has(id) || chosen.has(id)) continue;
      programs.delete(id);
      controller.items.delete(id);
    }
    for (const [id, named] of [...configured, ...chosen]) show(id, named);
  };
  const run = (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> =>
    runRequest(services, { controller, programs, results }, request, token);

  controller.refreshHandler = reload;
  controller.createRunProfile(vscode.l10n.t('Fail Every malloc'), vscode.TestRunProfileKind.Run, run, true);
  reload();
  context.subscriptions.push(
    controller,
    results,
    vscode.workspace.onDidChangeWorkspaceFolders(reload),
    vscode.workspace.onDidGrantWorkspaceTrust(reload),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration(settingIds.faultPrograms)) reload();
    }),
  );

  registerCommand(services, commandIds.configureFaultPrograms, () => openSetting(settingIds.faultPrograms));
  registerCommand(services, commandIds.runFaultInjection, async argument => {
    requireTrust();
    const file = await fileForCommand(argument, vscode.l10n.t('Run Malloc Fault Injection'));
    if (file === undefined) return;
    const folder = vscode.workspace.getWorkspaceFolder(file)?.uri ?? vscode.Uri.joinPath(file, '..');
    const named = { name: fileName(file), program: { command: [file.fsPath], cwd: folder.fsPath } };
    chosen.set(file.toString(), named);
    const item = show(file.toString(), named);
    // The view opens by itself when a test runs, as the person's settings for the Testing view say.
    await run(new vscode.TestRunRequest([item]), new vscode.CancellationTokenSource().token);
  });
  return { controller, onDidTest: results.event };
}

interface Tests {
  readonly controller: vscode.TestController;
  readonly programs: ReadonlyMap<string, NamedProgram>;
  readonly results: vscode.EventEmitter<FaultTestResult>;
}

async function runRequest(
  services: Services,
  { controller, programs, results }: Tests,
  request: vscode.TestRunRequest,
  cancelled: vscode.CancellationToken,
): Promise<void> {
  const run = reportResults(controller.createTestRun(request), results);
  const cancel = new vscode.CancellationTokenSource();
  cancelled.onCancellationRequested(() => cancel.cancel());
  run.token.onCancellationRequested(() => cancel.cancel());
  const excluded = new Set(request.exclude ?? []);
  const included = request.include ?? [...controller.items].map(([, item]) => item);
  try {
    for (const item of withoutDescendants(included)) {
      if (cancel.token.isCancellationRequested) break;
      const program = programs.get((item.parent ?? item).id);
      if (program === undefined || excluded.has(item)) continue;
      requireTrust();
      await runSweep({ services, controller, run, excluded, token: cancel.token }, item, program);
    }
  } catch (error) {
    for (const item of included) run.errored(item, new vscode.TestMessage(error instanceof Error ? error.message : ''));
    showFailure(services.log, error);
  } finally {
    run.end();
    cancel.dispose();
  }
}

/** A program that is asked for runs all its points; points asked for beside it run no second time. */
function withoutDescendants(items: readonly vscode.TestItem[]): readonly vscode.TestItem[] {
  return items.filter(item => item.parent === undefined || !items.includes(item.parent));
}

/** The server refuses by itself; here the person gets the button that helps, before a server is started. */
function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new UserError(
    'untrusted',
    vscode.l10n.t('Malloc fault injection runs a program of this workspace, and the workspace is not trusted.'),
  );
}

function configuredPrograms(log: vscode.LogOutputChannel): ReadonlyMap<string, NamedProgram> {
  const found = new Map<string, NamedProgram>();
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    if (folder.uri.scheme !== 'file') continue;
    const { programs, problems } = parsePrograms(readSetting(settingIds.faultPrograms, folder), folder.uri.fsPath);
    for (const problem of problems) log.warn(problem);
    for (const named of programs) found.set(`${folder.uri.toString()}#${named.name}`, named);
  }
  return found;
}
