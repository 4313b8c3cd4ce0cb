import { match, ok, strictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import type { ElfEditorSession } from '../../extension/elf-editor/session.ts';
import { elfEditorViewType } from '../../extension/view-ids.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder, systemLibrary, write } from './support/workspace.ts';

const open = (path: string): Thenable<unknown> => vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));

async function settledSession(path: string): Promise<ElfEditorSession> {
  const { elfEditors } = await extensionApi();
  return await eventually(`the editor of ${path} shows something`, () =>
    elfEditors().find(({ uri, state }) => uri.fsPath === path && state !== 'loading'),
  );
}

describe('ELF editor', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens a library of the system by itself', async () => {
    const path = systemLibrary('libstdc++');
    await open(path);
    strictEqual((await settledSession(path)).state, 'overview');
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    ok(input instanceof vscode.TabInputCustom);
    strictEqual(input.viewType, elfEditorViewType);
  });

  // In the served VS Code 1.100 every second webview of a window stays blank, whatever extension it is of.
  if (process.env['BINARY_DETECTIVE_TEST_VSCODE'] === 'oldest') return;

  it('opens a file without extension when asked to inspect it', async () => {
    const path = compile(newFolder('program'), 'app', 'int main(void) { return 0; }\n');
    await vscode.commands.executeCommand(commandIds.inspect, vscode.Uri.file(path));
    strictEqual((await settledSession(path)).state, 'overview');
  });

  it('opens an object file', async () => {
    const path = compile(newFolder('object'), 'part.o', 'int part(void) { return 0; }\n', ['-c']);
    await open(path);
    strictEqual((await settledSession(path)).state, 'overview');
  });

  it('opens an archive', async () => {
    const path = join(newFolder('archive'), 'libparts.a');
    makeArchive(path);
    await open(path);
    strictEqual((await settledSession(path)).state, 'overview');
  });

  it('shows the same file in two editors', async () => {
    const path = compile(newFolder('twice'), 'libtwice.so', 'int twice;\n', ['-shared', '-fPIC']);
    await open(path);
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    const { elfEditors } = await extensionApi();
    const sessions = await eventually('two editors show the file', () => {
      const shown = elfEditors().filter(({ uri, state }) => uri.fsPath === path && state === 'overview');
      return shown.length === 2 && shown;
    });
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await eventually('one of them is gone', () => elfEditors().length === sessions.length - 1);
  });

  const refused: readonly (readonly [string, string, (path: string) => void, RegExp])[] = [
    ['a text file', 'libtext.so', path => write(path, '', 'INPUT(-lm)\n'), /text|script|ELF/iu],
    ['an empty file', 'libempty.so', path => write(path, '', ''), /empty/iu],
    ['a fifo', 'libfifo.so', path => execFileSync('mkfifo', [path]), /fifo|pipe|regular/iu],
  ];
  for (const [what, name, make, sentence] of refused) {
    it(`says what is wrong with ${what}`, async () => {
      const path = join(newFolder('refused'), name);
      make(path);
      await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), elfEditorViewType);
      const session = await settledSession(path);
      strictEqual(session.state, 'error');
      match(session.failure ?? '', sentence);
    });
  }

  it('shows a file again after it has been built anew', async () => {
    const folder = newFolder('rebuilt');
    const path = write(folder, 'librebuilt.so', 'not yet');
    await open(path);
    strictEqual((await settledSession(path)).state, 'error');
    compile(folder, 'librebuilt.so', 'int rebuilt;\n', ['-shared', '-fPIC']);
    await eventually('the overview replaces the error', async () => (await settledSession(path)).state === 'overview');
  });

  it('says so when the file grows into something else, and when it vanishes, while it is open', async () => {
    const path = compile(newFolder('vanishing'), 'libvanishing.so', 'int vanishing;\n', ['-shared', '-fPIC']);
    await open(path);
    strictEqual((await settledSession(path)).state, 'overview');
    writeFileSync(path, 'Something else, that is not finished yet');
    await eventually('the error is told', async () => (await settledSession(path)).state === 'error');
    appendFileSync(path, ' and grows.');
    rmSync(path);
    compile(join(path, '..'), 'libvanishing.so', 'int back_again;\n', ['-shared', '-fPIC']);
    await eventually('it is shown again', async () => (await settledSession(path)).state === 'overview');
    rmSync(path);
    await eventually('that it is gone is told', async () => (await settledSession(path)).state === 'error');
  });
});

function makeArchive(path: string): void {
  const object = compile(newFolder('archive'), 'part.o', 'int part;\n', ['-c']);
  execFileSync('ar', ['rc', path, object]);
}
