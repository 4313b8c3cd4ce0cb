import { strictEqual } from 'node:assert';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { elfEditorViewType } from '../../extension/view-ids.ts';
import { eventually } from './support/eventually.ts';
import { compile, newFolder } from './support/workspace.ts';

describe('identical files', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('are listed, and the chosen one is inspected', async () => {
    const folder = newFolder('twins');
    const path = compile(folder, 'liboriginal.so', `int twin_${Date.now()};\n`, ['-shared', '-fPIC']);
    const copy = join(newFolder('twins'), 'libcopy.so');
    copyFileSync(path, copy);
    const done = vscode.commands.executeCommand(commandIds.findTwins, vscode.Uri.file(path));
    const shown = await eventually('the copy is accepted', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputCustom && input.viewType === elfEditorViewType && input;
    });
    await done;
    strictEqual(shown.uri.fsPath, copy);
  });
});
