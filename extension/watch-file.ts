import * as vscode from 'vscode';

/** A linker writes a file in many steps; what is shown follows once it is quiet. */
const quietMs = 300;

/** Calls back after the file has been written, replaced or removed. Works for files outside the workspace too. */
export function watchFile(uri: vscode.Uri, onChange: () => void): vscode.Disposable {
  const folder = vscode.Uri.joinPath(uri, '..');
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, escapeGlob(name)));
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, quietMs);
  };
  const subscriptions = [watcher, watcher.onDidChange(later), watcher.onDidCreate(later), watcher.onDidDelete(later)];
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    vscode.Disposable.from(...subscriptions).dispose();
  });
}

/** Brackets are the only way that VS Code's globs have to quote a special character. */
function escapeGlob(name: string): string {
  return name.replace(/[*?{}[\]]/gu, '[$&]');
}
