import { deepStrictEqual, strictEqual } from 'node:assert';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';

const extension = (): vscode.Extension<unknown> => {
  const found = vscode.extensions.getExtension('binary-detective.binary-detective');
  if (found === undefined) throw new Error('The extension is not installed in this VS Code.');
  return found;
};

describe('activation', () => {
  it('sleeps in a workspace that has nothing for it', () => {
    strictEqual(extension().isActive, false);
  });

  it('registers every contributed command', async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    deepStrictEqual(
      Object.values(commandIds).filter(id => !registered.has(id)),
      [],
    );
  });
});
