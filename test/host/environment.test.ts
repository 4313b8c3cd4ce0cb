import { match, ok } from 'node:assert';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder } from './support/workspace.ts';

async function shown(title: RegExp): Promise<string> {
  const found = await eventually('the report is shown', () =>
    vscode.workspace.textDocuments.find(
      ({ uri }) => uri.scheme === 'binary-detective-environment' && title.test(uri.path),
    ),
  );
  return found.getText();
}

describe('loader environment', () => {
  before(async () => {
    await extensionApi();
  });

  it('tells of the variables of the server, and of CUDA', async () => {
    await vscode.commands.executeCommand(commandIds.showEnvironment);
    const text = await shown(/Loader environment/u);
    match(text, /^# Loader environment\n/u);
    ok(text.includes('These are the variables of the language server'));
    match(text, /^## CUDA$/mu);
  });

  it('tells what they do to a file', async () => {
    const app = compile(newFolder('environment'), 'app', 'int main(void) { return 0; }\n');
    await vscode.commands.executeCommand(commandIds.showEnvironment, vscode.Uri.file(app));
    match(await shown(/\/app /u), /^# Loader environment of .*app/u);
    await eventually('the preview is open', () =>
      vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label.includes('app (environment)'))),
    );
  });
});
