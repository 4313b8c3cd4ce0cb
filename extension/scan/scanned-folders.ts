import * as vscode from 'vscode';

/** Programs mostly have no extension; a build writes them all. */
const elfLikeName = /(?:^[^.]+|\.(?:so|ko|o|node|elf|out|bin|axf)(?:\.[^/]*)?)$/iu;
/** Version control and package managers write all the time, and scans leave their folders out by default. */
const busyFolder = /\/(?:\.git|\.hg|\.svn|node_modules)\//u;
/** A build writes many files; what is shown follows once it is quiet. */
const quietMs = 1000;

/**
 * Calls back when something has changed in the folders that can change what a scan of them says: a file that looks like ELF, or
 * one that was found to be wrong.
 */
export function watchScannedFolders(
  folders: readonly vscode.Uri[],
  concerns: (uri: vscode.Uri) => boolean,
  onChange: () => void,
): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const look = (uri: vscode.Uri): void => {
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    if (!concerns(uri) && (busyFolder.test(uri.path) || !elfLikeName.test(name))) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, quietMs);
  };
  const watchers = folders.map(folder =>
    vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '**')),
  );
  const subscriptions = watchers.flatMap(watcher => [
    watcher,
    watcher.onDidCreate(look),
    watcher.onDidChange(look),
    watcher.onDidDelete(look),
  ]);
  return new vscode.Disposable(() => {
    clearTimeout(timer);
    vscode.Disposable.from(...subscriptions).dispose();
  });
}
