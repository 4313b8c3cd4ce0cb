import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { TraceProgram } from '../../language-server/protocol/trace.ts';
import { workspaceTargets } from '../fault-injection/workspace-targets.ts';
import { fileName, requireLocalFile } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import { commandWords } from './command-words.ts';

export interface PickedProgram {
  readonly name: string;
  readonly program: TraceProgram;
}

interface ProgramItem extends vscode.QuickPickItem {
  readonly program?: PickedProgram;
}

/** The program of the explorer's menu, else one of those that the settings name, else one that is typed. */
export async function pickProgram(services: Services, argument: unknown): Promise<PickedProgram | undefined> {
  if (argument instanceof vscode.Uri) return programOfFile(argument);
  const typed: ProgramItem = { label: vscode.l10n.t('Type a command…') };
  const configured = (await configuredPrograms(services)).map((picked): ProgramItem => {
    return { label: picked.name, description: picked.program.command.join(' '), program: picked };
  });
  if (configured.length === 0) return await typeCommand();
  const title = vscode.l10n.t('Trace the loader of which program?');
  const chosen = await vscode.window.showQuickPick([...configured, typed], { title, matchOnDescription: true });
  if (chosen === undefined) return undefined;
  return chosen.program ?? (await typeCommand());
}

function programOfFile(file: vscode.Uri): PickedProgram {
  requireLocalFile(file);
  const folder = vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath ?? dirname(file.fsPath);
  return { name: fileName(file), program: { command: [file.fsPath], cwd: folder } };
}

/** The targets of malloc fault injection serve here as well: what can be broken can be watched. */
async function configuredPrograms(services: Services): Promise<readonly PickedProgram[]> {
  const targets = await workspaceTargets(services, false);
  return targets.map(({ target: { name, program } }) => {
    const { command, cwd, env } = program;
    return { name, program: { command, ...(cwd !== undefined && { cwd }), ...(env !== undefined && { env }) } };
  });
}

async function typeCommand(): Promise<PickedProgram | undefined> {
  const line = await vscode.window.showInputBox({
    title: vscode.l10n.t('Trace the loader of which command?'),
    prompt: vscode.l10n.t('A program and its arguments. Quotes and backslashes as in a shell; no shell is involved.'),
    placeHolder: './app data.csv',
    validateInput: text => (commandWords(text) === null ? vscode.l10n.t('A quote is not closed.') : undefined),
  });
  const command = commandWords(line ?? '');
  if (line === undefined || command === null || command.length === 0) return undefined;
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  return { name: line.trim(), program: { command, ...(folder !== undefined && { cwd: folder }) } };
}
