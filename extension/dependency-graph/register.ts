import * as vscode from 'vscode';
import type { MenuAction } from '../../language-server/protocol/dependency-graph.ts';
import type { PathTarget } from '../../language-server/protocol/tree-paths.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileForCommand } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import { dependencyGraphViewType } from '../view-ids.ts';
import { openDependencies } from './open-found.ts';
import { type DependencyGraphSession, openSession } from './session.ts';

/** The pages of dependencies that are open, for whoever leads there. */
export interface DependencyGraphs {
  readonly sessions: () => readonly DependencyGraphSession[];
  /** Opens the page of a file, beside nothing else, and shows why a library is there where one is named. */
  readonly open: (uri: vscode.Uri, why?: PathTarget) => Promise<void>;
}

/** "Dependencies": a tab for a file, with its tree as lines and as a picture. */
export function registerDependencyGraph(services: Services): DependencyGraphs {
  const sessions = new Set<DependencyGraphSession>();
  const waiting = new Map<string, PathTarget>();
  const provider: vscode.CustomReadonlyEditorProvider = {
    // Nothing is read here: the page asks for what it shows.
    openCustomDocument: uri => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: ({ uri }, panel) => {
      const session = openSession(services, { uri, panel });
      const why = waiting.get(uri.toString());
      waiting.delete(uri.toString());
      if (why !== undefined) session.showWhy(why);
      sessions.add(session);
      panel.onDidDispose(() => sessions.delete(session));
    },
  };
  services.context.subscriptions.push(
    vscode.window.registerCustomEditorProvider(dependencyGraphViewType, provider, {
      supportsMultipleEditorsPerDocument: true,
    }),
  );
  const open = async (uri: vscode.Uri, why?: PathTarget): Promise<void> => {
    const known = [...sessions].find(session => session.uri.toString() === uri.toString());
    if (why !== undefined && known === undefined) waiting.set(uri.toString(), why);
    await openDependencies(uri);
    if (why !== undefined) known?.showWhy(why);
  };
  registerCommand(services, commandIds.showDependencyGraph, async argument => {
    const file = await fileForCommand(argument, vscode.l10n.t('Show Dependencies'));
    if (file !== undefined) await open(file);
  });
  registerMenu(services, () => [...sessions].find(session => session.isActive()));
  return { sessions: () => [...sessions], open };
}

/** The menu of a library in a page: VS Code gives what the page has put into `data-vscode-context`. */
function registerMenu(services: Services, active: () => DependencyGraphSession | undefined): void {
  const choose = (action: MenuAction) => (context: unknown) => {
    if (typeof context !== 'object' || context === null || !('key' in context)) return;
    active()?.choose({ key: String(context.key), action });
  };
  registerCommand(services, commandIds.whyInDependencyGraph, choose('why'));
  registerCommand(services, commandIds.inspectInDependencyGraph, choose('open'));
  registerCommand(services, commandIds.copyPathInDependencyGraph, choose('copyPath'));
}
