import * as vscode from 'vscode';
import type { FileProblems, ShownProblems } from '../file-problems.ts';
import type { Services } from '../services.ts';

/** A linker writes a file in many steps, and some remove it first; what is shown follows once it is quiet. */
const quietMs = 300;
/** More files than that are not a build but a system; Problems could not show them either. */
const maximumFiles = 2000;
/** Requests at once: the server shall stay free for what the person asks. */
const parallel = 2;

/** Shows the findings of the files that match, now and after each build, until it is disposed. */
export function watchedFolder(
  { log }: Services,
  problems: FileProblems,
  folder: vscode.WorkspaceFolder,
  globs: readonly string[],
): vscode.Disposable {
  const shown = new Map<string, ShownProblems>();
  const waiting = new Map<string, NodeJS.Timeout>();
  let isDisposed = false;

  const look = async (uri: vscode.Uri): Promise<void> => {
    const key = uri.toString();
    const exists = await isFile(uri);
    if (isDisposed) return;
    if (!exists) {
      shown.get(key)?.dispose();
      shown.delete(key);
      return;
    }
    const file = shown.get(key) ?? problems.show(uri, 'watched');
    shown.set(key, file);
    await file.refresh();
  };
  const later = (uri: vscode.Uri): void => {
    const key = uri.toString();
    clearTimeout(waiting.get(key));
    waiting.set(
      key,
      setTimeout(() => {
        waiting.delete(key);
        void look(uri);
      }, quietMs),
    );
  };
  const watch = (pattern: vscode.RelativePattern): readonly vscode.Disposable[] => {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    return [watcher, watcher.onDidCreate(later), watcher.onDidChange(later), watcher.onDidDelete(later)];
  };
  const lookAtAll = async (patterns: readonly vscode.RelativePattern[]): Promise<void> => {
    // Without the excludes of the settings: builds often lie in a folder that is hidden from searches.
    const found = await Promise.all(patterns.map(pattern => vscode.workspace.findFiles(pattern, null, maximumFiles)));
    const files = [...new Map(found.flat().map(uri => [uri.toString(), uri])).values()].slice(0, maximumFiles);
    if (files.length === maximumFiles) log.warn(`Of ${folder.name}, only ${maximumFiles} watched files are looked at.`);
    const work = async (): Promise<void> => {
      for (let next = files.pop(); next !== undefined && !isDisposed; next = files.pop()) await look(next);
    };
    await Promise.all(Array.from({ length: parallel }, work));
  };

  const patterns = globs.map(glob => new vscode.RelativePattern(folder, glob));
  const watchers = patterns.flatMap(watch);
  lookAtAll(patterns).catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
  return new vscode.Disposable(() => {
    isDisposed = true;
    for (const timer of waiting.values()) clearTimeout(timer);
    vscode.Disposable.from(...watchers, ...shown.values()).dispose();
  });
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    return false;
  }
}
