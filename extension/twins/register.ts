import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { elfTwins, type Twin, type Twins, type TwinsProgress } from '../../language-server/protocol/twins.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { showFailure } from '../failure.ts';
import { fileForCommand, fileName } from '../inspected-file.ts';
import type { Services } from '../services.ts';

interface TwinItem extends vscode.QuickPickItem {
  readonly uri: vscode.Uri;
}

/** "Find Identical Files": the same bytes, or the same build ID, anywhere in the workspace. */
export function registerTwins(services: Services): void {
  registerCommand(services, commandIds.findTwins, async argument => {
    const file = await fileForCommand(argument, vscode.l10n.t('Find Identical Files'));
    if (file === undefined) return;
    const chosen = await pickTwin(services, file);
    if (chosen !== undefined) await vscode.commands.executeCommand(commandIds.inspect, chosen);
  });
}

/** Shows what is found as it is found; to close the list ends the search. */
async function pickTwin({ server, log }: Services, file: vscode.Uri): Promise<vscode.Uri | undefined> {
  const pick = vscode.window.createQuickPick<TwinItem>();
  const cancel = new vscode.CancellationTokenSource();
  pick.title = vscode.l10n.t('Files identical to {0}', fileName(file));
  pick.placeholder = vscode.l10n.t('Searching…');
  pick.matchOnDescription = true;
  pick.busy = true;
  const onProgress = ({ looked, twins }: TwinsProgress): void => {
    pick.placeholder = vscode.l10n.t('Searching… {0} files looked at', looked.toLocaleString());
    // An unchanged list would lose what the person has selected in it.
    if (twins.length > 0) pick.items = [...pick.items, ...twins.map(twinItem)];
  };
  const search = async (): Promise<void> => {
    try {
      const params = { uri: file.toString(), folders: foldersFor(file) };
      const found = await server.requestWithProgress(elfTwins, params, onProgress, cancel.token);
      if (pick.items.length !== found.twins.length) pick.items = found.twins.map(twinItem);
      pick.placeholder = outcomeText(found);
      pick.busy = false;
    } catch (error) {
      if (cancel.token.isCancellationRequested) return;
      pick.hide();
      showFailure(log, error);
    }
  };
  return await new Promise(resolve => {
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      // Nothing has been found yet.
      if (chosen === undefined) return;
      resolve(chosen.uri);
      pick.hide();
    });
    pick.onDidHide(() => {
      cancel.cancel();
      cancel.dispose();
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
    void search();
  });
}

/** The folders of the workspace; without one, that of the file. */
function foldersFor(file: vscode.Uri): readonly string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri).filter(uri => uri.scheme === 'file');
  return (folders.length === 0 ? [vscode.Uri.joinPath(file, '..')] : folders).map(uri => uri.toString());
}

function outcomeText({ twins, looked, unreadable, incomplete }: Twins): string {
  if (incomplete !== null) return displayText(incomplete);
  const text =
    twins.length === 0
      ? vscode.l10n.t('No other file is identical; {0} files looked at', looked.toLocaleString())
      : vscode.l10n.t('{0} found; {1} files looked at', twins.length, looked.toLocaleString());
  return unreadable === 0 ? text : `${text}; ${vscode.l10n.t('{0} could not be read', unreadable)}`;
}

function twinItem({ path, uri, likeness }: Twin): TwinItem {
  const file = vscode.Uri.parse(uri, true);
  return {
    label: fileName(file),
    description: likenessText(likeness),
    detail: displayText(vscode.workspace.asRelativePath(path)),
    alwaysShow: false,
    uri: file,
  };
}

function likenessText(likeness: Twin['likeness']): string {
  switch (likeness) {
    case 'same-file':
      return vscode.l10n.t('the same file under another name (hard link)');
    case 'same-contents':
      return vscode.l10n.t('the same contents');
    case 'same-build-id':
      return vscode.l10n.t('the same build ID, other contents (stripped, or debug information)');
  }
}
