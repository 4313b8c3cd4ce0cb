import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import { type FaultDebugLaunch, faultDebug, injectionHook } from '../../language-server/protocol/fault-debug.ts';
import type { FaultMode, FaultProgram, FaultScope } from '../../language-server/protocol/faults.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';
import { readSetting, settingIds } from '../settings.ts';
import { chooseDebugger, launchConfiguration } from './debuggers.ts';

export interface DebuggedPoint {
  readonly name: string;
  readonly program: FaultProgram;
  readonly mode: FaultMode;
  readonly scope: FaultScope | undefined;
  readonly n: number;
  readonly folder: vscode.WorkspaceFolder | undefined;
}

/**
 * Runs one point of a sweep in the debugger that is installed, stopped where the allocation fails; from there "continue" leads to
 * what becomes of it. Without one, in a terminal with gdb.
 * @throws UserError where there is no gdb either, and as the server does.
 */
export async function debugPoint({ server }: Services, point: DebuggedPoint): Promise<void> {
  const { program, mode, scope, n, name, folder } = point;
  const title = vscode.l10n.t('{0}, n = {1}', name, n);
  const launch = await withLateProgress(vscode.l10n.t('Preparing to debug {0}', title), token =>
    server.request(faultDebug, { program, mode, n, ...(scope !== undefined && { scope }) }, token),
  );
  const choice = chooseDebugger(readSetting(settingIds.faultDebugger, folder), installedDebuggers());
  if (choice === 'terminal') openTerminal(title, launch);
  else await startDebugger(launchConfiguration(choice, title, launch), folder);
}

/** The types of all debuggers that extensions bring. */
function installedDebuggers(): ReadonlySet<string> {
  const types = vscode.extensions.all.flatMap(extension => {
    const { contributes } = extension.packageJSON as {
      readonly contributes?: { readonly debuggers?: readonly { readonly type?: unknown }[] };
    };
    return contributes?.debuggers?.map(({ type }) => type) ?? [];
  });
  return new Set(types.filter(type => typeof type === 'string'));
}

async function startDebugger(
  configuration: vscode.DebugConfiguration,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<void> {
  const breakpoint = new vscode.FunctionBreakpoint(injectionHook);
  vscode.debug.addBreakpoints([breakpoint]);
  const remove = (): void => vscode.debug.removeBreakpoints([breakpoint]);
  const listeners: vscode.Disposable[] = [];
  const done = (): void => {
    remove();
    vscode.Disposable.from(...listeners).dispose();
  };
  const isOurs = ({ name, type }: vscode.DebugSession): boolean =>
    name === configuration.name && type === configuration.type;
  listeners.push(
    // Where all later allocations fail as well, each of them would stop it again.
    vscode.debug.registerDebugAdapterTrackerFactory(configuration.type, {
      createDebugAdapterTracker: session => (isOurs(session) ? { onDidSendMessage: removeAtStop(remove) } : undefined),
    }),
    vscode.debug.onDidTerminateDebugSession(session => {
      if (isOurs(session)) done();
    }),
  );
  try {
    if (await vscode.debug.startDebugging(folder, configuration)) return;
  } catch (error) {
    done();
    throw error;
  }
  // VS Code has said why.
  done();
}

function removeAtStop(remove: () => void): (message: unknown) => void {
  return message => {
    const { event, body } = message as { readonly event?: unknown; readonly body?: { readonly reason?: unknown } };
    if (event === 'stopped' && /breakpoint/u.test(String(body?.reason))) remove();
  };
}

/** VS Code starts gdb by itself: no shell sees the arguments. */
function openTerminal(name: string, { gdb, cwd, env }: FaultDebugLaunch): void {
  if (gdb.kind === 'missing') throw new UserError('toolMissing', gdb.message, gdb.remedy);
  // gdb's commands end with their line, and cannot give these to the program; it inherits them of gdb.
  const inherited = Object.entries(env).filter(([, value]) => value.includes('\n'));
  const terminal = vscode.window.createTerminal({
    name,
    cwd,
    shellPath: gdb.path,
    shellArgs: [...gdb.args],
    env: Object.fromEntries(inherited),
    iconPath: new vscode.ThemeIcon('debug-alt'),
  });
  terminal.show();
}
