import { execFileSync } from 'node:child_process';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { compareScheme } from '../../extension/compare/document-uri.ts';
import { eventually } from './support/eventually.ts';
import { compile, newFolder } from './support/workspace.ts';

const build = (folder: string, name: string, source: string): vscode.Uri =>
  vscode.Uri.file(compile(folder, name, source, ['-shared', '-fPIC', '-nostdlib', '-Wl,-soname,libone.so.1']));

async function shown(title: string): Promise<vscode.TextDocument> {
  return await eventually(`the comparison ${title} is open`, () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === compareScheme && document.uri.path.endsWith(`/${title}`) && document;
  });
}

const removed = (document: vscode.TextDocument, name: string): boolean =>
  document.getText().includes(`\n    - ${name}  GLOBAL FUNC`);

describe('comparing', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('shows what changed from the selected file, and follows both', async () => {
    const folder = newFolder('compare');
    const older = build(folder, 'libolder.so', 'int first(void) { return 1; }\n');
    const newer = build(folder, 'libnewer.so', 'int second(void) { return 2; }\n');
    await vscode.commands.executeCommand(commandIds.selectForCompare, older);
    await vscode.commands.executeCommand(commandIds.compareWithSelected, newer, [newer]);
    const document = await shown('libolder.so ↔ libnewer.so');
    await eventually('what was removed is there', () => removed(document, 'first'));

    build(folder, 'libnewer.so', 'int first(void) { return 1; }\n');
    await eventually('it follows the newer file', () => !removed(document, 'first'));
    build(folder, 'libolder.so', 'int zeroth(void) { return 0; }\n');
    await eventually('it follows the older file', () => removed(document, 'zeroth'));
  });

  it('compares two files that are selected together', async () => {
    const folder = newFolder('compare');
    const older = build(folder, 'libone.so', 'int one(void) { return 1; }\n');
    const newer = build(folder, 'libtwo.so', 'int two(void) { return 2; }\n');
    await vscode.commands.executeCommand(commandIds.compareWithSelected, newer, [older, newer]);
    const document = await shown('libone.so ↔ libtwo.so');
    await eventually('what was removed is there', () => removed(document, 'one'));
  });

  it('shows what changed since git HEAD', async () => {
    const folder = newFolder('git');
    const git = (...args: readonly string[]): void => {
      execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args]);
    };
    const file = build(folder, 'libkept.so', 'int before(void) { return 1; }\n');
    git('init', '-q');
    git('add', 'libkept.so');
    git('commit', '-qm', 'one');
    build(folder, 'libkept.so', 'int after(void) { return 2; }\n');
    await vscode.commands.executeCommand(commandIds.compareWithHead, file);
    const document = await shown('HEAD ↔ libkept.so');
    await eventually('what was removed is there', () => removed(document, 'before'));
  });
});
