import * as vscode from 'vscode';
import { displayText } from '../language-server/protocol/display-text.ts';
import { UserError } from '../language-server/protocol/errors.ts';

/**
 * The file that a command is about: its argument (from the explorer, an editor's title or another command), else the active
 * editor's, else one that the person picks. Undefined where the person picked none.
 * @throws UserError `notSupported` for a file that is not on the machine where the server runs.
 */
export async function fileForCommand(argument: unknown, openLabel: string): Promise<vscode.Uri | undefined> {
  const uri = argument instanceof vscode.Uri ? argument : (activeFile() ?? (await pickFile(openLabel)));
  if (uri !== undefined) requireLocalFile(uri);
  return uri;
}

/** The file of the active tab, whatever editor shows it. */
export function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) {
    return input.uri.scheme === 'file' ? input.uri : undefined;
  }
  return undefined;
}

/** In a remote window the extension runs on the remote machine, and files there have the scheme `file` as well. */
export function requireLocalFile(uri: vscode.Uri): void {
  if (uri.scheme === 'file') return;
  throw new UserError(
    'notSupported',
    vscode.l10n.t(
      'Binary Detective reads files of this machine only, and "{0}" is in a virtual file system ({1}:). Copy it to a folder first.',
      fileName(uri),
      uri.scheme,
    ),
  );
}

/** The last part of the path, as it may be shown. */
export function fileName(uri: vscode.Uri): string {
  return displayText(uri.path.slice(uri.path.lastIndexOf('/') + 1));
}

async function pickFile(openLabel: string): Promise<vscode.Uri | undefined> {
  const [uri] = (await vscode.window.showOpenDialog({ openLabel, canSelectMany: false })) ?? [];
  return uri;
}
