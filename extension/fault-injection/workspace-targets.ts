import * as vscode from 'vscode';
import { type FaultTarget, faultTargets } from '../../language-server/protocol/fault-targets.ts';
import type { Services } from '../services.ts';
import { readSetting, settingIds } from '../settings.ts';

/** A target, and the workspace folder that it was found in. */
export interface FolderTarget {
  readonly folder: vscode.WorkspaceFolder;
  readonly target: FaultTarget;
}

/** What the programs of this workspace are, by its settings, launch configurations and, where asked for, its build folders. */
export async function workspaceTargets(
  { server, log }: Services,
  tests: boolean,
  token?: vscode.CancellationToken,
): Promise<readonly FolderTarget[]> {
  if (!vscode.workspace.isTrusted) return [];
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const paths = Object.fromEntries(folders.map(({ name, uri }) => [name, uri.fsPath]));
  const found = await Promise.all(
    folders.map(async folder => {
      const targets = readSetting(settingIds.faultTargets, folder);
      const programs = readSetting(settingIds.faultPrograms, folder);
      const launch = vscode.workspace.getConfiguration('launch', folder).get<unknown>('configurations');
      const config = namedSettings([targets, programs, launch], folder);
      const params = { folder: folder.uri.fsPath, folders: paths, targets, programs, launch, config, tests };
      const answer = await server.request(faultTargets, params, token);
      for (const problem of answer.problems) log.warn(problem);
      return answer.targets.map((target): FolderTarget => ({ folder, target }));
    }),
  );
  return found.flat();
}

/** The values of the settings that are named as `${config:NAME}` anywhere in what a person wrote. */
function namedSettings(values: readonly unknown[], folder: vscode.WorkspaceFolder): Readonly<Record<string, string>> {
  const text = JSON.stringify(values);
  const settings = vscode.workspace.getConfiguration(undefined, folder);
  const pairs = [...text.matchAll(/\$\{config:([^}]+)\}/gu)].flatMap(([, name = '']) => {
    const value = settings.get<unknown>(name);
    return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [];
  });
  return Object.fromEntries(pairs);
}
