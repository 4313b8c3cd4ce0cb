import { match, ok, strictEqual } from 'node:assert';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { doctor } from '../../language-server/protocol/tools.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';

describe('tools', () => {
  it('are listed in a document with their paths', async () => {
    await vscode.commands.executeCommand(commandIds.diagnoseTools);
    const text = await eventually('the report is there', () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'binary-detective-tools')?.getText(),
    );
    match(text, /\| objdump \|.*`\/.*objdump`/u);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('know whether the workspace is trusted', async () => {
    const { request } = await extensionApi();
    strictEqual((await request(doctor, {})).trusted, vscode.workspace.isTrusted);
  });

  it('are still there after the server was started again', async () => {
    const { request } = await extensionApi();
    await vscode.commands.executeCommand(commandIds.restartServer);
    const { tools } = await request(doctor, {});
    ok(tools.some(({ id, path }) => id === 'objdump' && path !== null));
  });
});
