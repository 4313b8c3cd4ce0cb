import { ok, strictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { rawTextScheme } from '../../extension/raw-text/document-uri.ts';
import { eventually } from './support/eventually.ts';
import { compile, newFolder } from './support/workspace.ts';

const build = (folder: string, source: string): string =>
  compile(folder, 'libraw.so', source, ['-shared', '-fPIC', '-nostdlib']);

async function shown(command: string): Promise<vscode.TextDocument> {
  return await eventually(`the text of ${command} is open`, () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === rawTextScheme && document.uri.path.endsWith(`(${command})`) && document;
  });
}

describe('raw text', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('is what the program prints, read-only, and follows the file', async () => {
    const folder = newFolder('raw');
    const path = build(folder, 'int first;\n');
    await vscode.commands.executeCommand(commandIds.showRawText, vscode.Uri.file(path), 'nm');
    const document = await shown('nm -D');
    strictEqual(document.getText(), execFileSync('nm', ['-D', path], { encoding: 'utf8' }));
    await vscode.commands.executeCommand('default:type', { text: 'x' });
    strictEqual(document.isDirty, false);

    build(folder, 'int second;\n');
    await eventually('the document has the symbol of the new build', () => document.getText().includes(' second\n'));
    ok(!document.getText().includes(' first\n'));
    rmSync(path);
    await eventually('it says that the file is gone', () => /libraw\.so does not exist/u.test(document.getText()));
  });

  it('lets a person choose the program', async () => {
    const path = build(newFolder('raw'), 'int chosen;\n');
    const done = vscode.commands.executeCommand(commandIds.showRawText, vscode.Uri.file(path));
    const document = await eventually('the first one is accepted', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      const active = vscode.window.activeTextEditor?.document;
      return active?.uri.scheme === rawTextScheme && active;
    });
    await done;
    ok(document.getText().startsWith('ELF Header:'));
    ok(document.getText().includes('chosen'));
  });
});
