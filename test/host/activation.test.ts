import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { printLine } from './reporter.ts';
import { eventually } from './support/eventually.ts';
import { installedExtension } from './support/extension.ts';
import { newFolder, write } from './support/workspace.ts';

describe('activation', () => {
  it('happens in the workspace that this run is about', () => {
    const expected = process.env['BINARY_DETECTIVE_TEST_TRUST'] !== 'untrusted';
    strictEqual(vscode.workspace.isTrusted, expected);
  });

  it('has not happened in a workspace that has nothing for it', () => {
    strictEqual(installedExtension().isActive, false);
  });

  it('does not happen for other languages', async () => {
    const path = write(newFolder('other'), 'notes.py', 'print("no ELF here")\n');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(path));
    strictEqual(installedExtension().isActive, false);
  });

  it('happens when a Cython file is opened', async () => {
    const path = write(newFolder('cython'), 'empty.pyx', '');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(path));
    await eventually('the extension is active', () => installedExtension().isActive);
  });

  it('says in the log how long it took', async () => {
    const log = await eventually('the log has the line', async () => {
      await vscode.commands.executeCommand(commandIds.showLog);
      const document = vscode.workspace.textDocuments.find(({ languageId }) => languageId === 'log');
      return /Activated in ([\d.]+) ms/u.exec(document?.getText() ?? '')?.[1];
    });
    printLine(`   activation took ${log} ms`);
    ok(Number(log) > 0);
  });

  it('registers every contributed command', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const { contributes } = installedExtension().packageJSON as {
      readonly contributes: { readonly commands: readonly { readonly command: string }[] };
    };
    const contributed = contributes.commands.map(({ command }) => command);
    ok(contributed.length > 10);
    deepStrictEqual(
      contributed.filter(id => !registered.has(id)),
      [],
    );
  });
});
