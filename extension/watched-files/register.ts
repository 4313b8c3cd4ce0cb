import * as vscode from 'vscode';
import type { FileProblems } from '../file-problems.ts';
import type { Services } from '../services.ts';
import { readSetting, settingIds } from '../settings.ts';
import { watchedFolder } from './watched-folder.ts';

/** Findings of the ELF files that the setting names, looked at again after each build. Without the setting, nothing. */
export function registerWatchedFiles(services: Services, problems: FileProblems): void {
  let watched: readonly vscode.Disposable[] = [];
  const stop = (): void => vscode.Disposable.from(...watched).dispose();
  const restart = (): void => {
    stop();
    watched = (vscode.workspace.workspaceFolders ?? []).flatMap(folder => {
      if (folder.uri.scheme !== 'file') return [];
      const globs = globsOf(folder);
      return globs.length === 0 ? [] : [watchedFolder(services, problems, folder, globs)];
    });
  };
  restart();
  services.context.subscriptions.push(
    new vscode.Disposable(stop),
    vscode.workspace.onDidChangeWorkspaceFolders(restart),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration(settingIds.elfWatch)) restart();
    }),
  );
}

/** What is no text is no glob; the settings editor says so where it was typed. */
function globsOf(folder: vscode.WorkspaceFolder): readonly string[] {
  const setting = readSetting(settingIds.elfWatch, folder);
  return Array.isArray(setting) ? setting.filter(glob => typeof glob === 'string' && glob !== '') : [];
}
