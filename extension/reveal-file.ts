import * as vscode from 'vscode';

/** Shows a file in the explorer where it is of the workspace, else in the file manager of the system. */
export async function revealFile(file: vscode.Uri): Promise<void> {
  const isInside = vscode.workspace.getWorkspaceFolder(file) !== undefined;
  await vscode.commands.executeCommand(isInside ? 'revealInExplorer' : 'revealFileInOS', file);
}
