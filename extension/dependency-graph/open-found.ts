import * as vscode from 'vscode';
import type { OpenParams } from '../../language-server/protocol/dependency-graph.ts';
import { displayText, isPlainText } from '../../language-server/protocol/display-text.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { revealFile } from '../reveal-file.ts';
import { dependencyGraphViewType, elfEditorViewType } from '../view-ids.ts';

/**
 * Opens a file of a tree as the page asks for it.
 * @throws UserError `notSupported` for a path that VS Code cannot name.
 */
export async function openFound({ path, where }: OpenParams): Promise<void> {
  if (!isPlainText(path)) {
    const message = vscode.l10n.t('VS Code cannot open "{0}": its name is not UTF-8 text.', displayText(path));
    throw new UserError('notSupported', message);
  }
  const file = vscode.Uri.file(path);
  if (where === 'folder') return await revealFile(file);
  if (where === 'dependencies') await openDependencies(file);
  else await vscode.commands.executeCommand('vscode.openWith', file, elfEditorViewType);
}

/** In a tab that stays: a library that is opened from it must not take its place. */
export async function openDependencies(file: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', file, dependencyGraphViewType, { preview: false });
}
