import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import {
  type WhoNeeds,
  type WhoNeedsParams,
  type WhoNeedsProgress,
  whoNeeds,
} from '../../language-server/protocol/scan.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileForCommand } from '../inspected-file.ts';
import { folderScope, pickScope, type Scope, workspaceScope } from '../search-scope.ts';
import type { Services } from '../services.ts';
import { whoNeedsViewId } from '../view-ids.ts';
import type { WhoNeedsNode } from './model.ts';
import { createWhoNeedsProvider } from './provider.ts';

/** "Who Needs This Library?": a view of the files that need one, and of those that need them. Runs nothing. */
export function registerWhoNeeds(services: Services): vscode.TreeDataProvider<WhoNeedsNode> {
  let scope: Scope | undefined;
  const provider = createWhoNeedsProvider(file => askWhoNeeds(services, file, scope ?? usualScope(file)));
  const view = vscode.window.createTreeView<WhoNeedsNode>(whoNeedsViewId, {
    treeDataProvider: provider,
    showCollapseAll: true,
  });
  const show = async (library: vscode.Uri): Promise<void> => {
    const node = provider.show(library);
    view.description = (scope ?? usualScope(library)).description;
    await vscode.commands.executeCommand(`${whoNeedsViewId}.focus`);
    await view.reveal(node, { select: true, focus: true, expand: true });
  };
  services.context.subscriptions.push(view);

  registerCommand(services, commandIds.whoNeeds, async argument => {
    const library = await fileForCommand(fileOf(argument), vscode.l10n.t('Who Needs This Library?'));
    if (library !== undefined) await show(library);
  });
  registerCommand(services, commandIds.whoNeedsElsewhere, async () => {
    const library = provider.library ?? (await fileForCommand(undefined, vscode.l10n.t('Who Needs This Library?')));
    if (library === undefined) return;
    const title = vscode.l10n.t('Where to look for what needs it');
    const chosen = await pickScope(title, () => usualScope(library));
    if (chosen === undefined) return;
    scope = chosen;
    await show(library);
  });
  registerCommand(services, commandIds.refreshWhoNeeds, async () => {
    if (provider.library !== undefined) await show(provider.library);
  });
  registerCommand(services, commandIds.inspectDependent, node =>
    vscode.commands.executeCommand(commandIds.inspect, requireFile(node)),
  );
  registerCommand(services, commandIds.showDependentTree, node =>
    vscode.commands.executeCommand(commandIds.showDependencyTree, requireFile(node)),
  );
  registerCommand(services, commandIds.copyDependentPath, node =>
    vscode.env.clipboard.writeText(requireFile(node).fsPath),
  );
  return provider;
}

/** The folders of the workspace; without one, that of the library. */
function usualScope(library: vscode.Uri): Scope {
  return workspaceScope() ?? folderScope(vscode.Uri.joinPath(library, '..'));
}

const patienceMs = 500;

/** The view itself shows that it is busy; what takes longer says how far it is, and can be cancelled. */
async function askWhoNeeds({ server }: Services, file: vscode.Uri, scope: Scope): Promise<WhoNeeds> {
  const cancel = new vscode.CancellationTokenSource();
  let tellProgress = (_progress: WhoNeedsProgress): void => undefined;
  const params: WhoNeedsParams = {
    uri: file.toString(),
    folders: scope.folders.map(uri => uri.toString()),
    ...(scope.sysroot !== undefined && { sysroot: scope.sysroot }),
  };
  const onProgress = (progress: WhoNeedsProgress): void => tellProgress(progress);
  const answer = server.requestWithProgress(whoNeeds, params, onProgress, cancel.token);
  const options = {
    location: vscode.ProgressLocation.Notification,
    cancellable: true,
    title: vscode.l10n.t('Looking for what needs it'),
  };
  const timer = setTimeout(() => {
    void vscode.window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => cancel.cancel());
      tellProgress = ({ looked, elf }) =>
        progress.report({
          message: vscode.l10n.t('{0} files looked at, {1} ELF files', looked.toLocaleString(), elf.toLocaleString()),
        });
      // How it ends is for the view to say.
      await answer.catch(() => undefined);
    });
  }, patienceMs);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    cancel.dispose();
  }
}

function requireFile(node: unknown): vscode.Uri {
  const file = fileOf(node);
  if (file !== undefined) return file;
  throw new UserError('notFound', vscode.l10n.t('There is no file for this line.'));
}

/** Of a file in the explorer or an editor, of a line of this view, or of one of the dependency tree. */
function fileOf(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) return argument;
  const node = argument as Partial<TreeLine> | null | undefined;
  if (typeof node?.uri === 'string') return vscode.Uri.parse(node.uri, true);
  const path = node?.object?.path ?? node?.edge?.path;
  return typeof path === 'string' ? vscode.Uri.file(path) : undefined;
}

/** How the lines of the views name their files: by URI, or by what was found for a need or for what is loaded later. */
interface TreeLine {
  readonly uri: string;
  readonly object: { readonly path: string };
  readonly edge: { readonly path: string | null };
}
