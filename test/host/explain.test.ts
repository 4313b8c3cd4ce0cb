import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { mkdirSync, renameSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder } from './support/workspace.ts';

/** app → libfar.so, which is moved to where its RUNPATH does not lead. */
function brokenProgram(): string {
  const folder = newFolder('explain');
  compile(folder, 'libfar.so', 'int far(void) { return 1; }\n', ['-shared', '-fPIC', '-Wl,-soname,libfar.so']);
  compile(folder, 'app', 'int far(void); int main(void) { return far() - 1; }\n', [
    `-L${folder}`,
    '-lfar',
    '-Wl,-rpath,$ORIGIN/lib',
  ]);
  mkdirSync(`${folder}/other`);
  renameSync(`${folder}/libfar.so`, `${folder}/other/libfar.so`);
  return folder;
}

const message =
  'app: error while loading shared libraries: libfar.so: cannot open shared object file: No such file or directory';

async function shownExplanation(): Promise<vscode.TextDocument> {
  return await eventually('the explanation is shown', () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === 'binary-detective-explanation' && document;
  });
}

describe('explain loader error', () => {
  let folder: string;

  before(async () => {
    await extensionApi();
    folder = brokenProgram();
  });

  it('explains a selection with files, state and remedies', async () => {
    const log = await vscode.workspace.openTextDocument({
      content: `make[1]: …\n${folder}/${message}\nmake: *** [all] Error 127\n`,
    });
    const editor = await vscode.window.showTextDocument(log);
    editor.selection = new vscode.Selection(1, 0, 2, 0);
    await vscode.commands.executeCommand(commandIds.explainSelection);
    const document = await shownExplanation();
    const text = document.getText();
    match(text, /^# libfar\\?\.so is not found/u);
    ok(text.includes('It is still so.'));
    ok(text.includes(`patchelf --set-rpath '$ORIGIN/other:$ORIGIN/lib' ${folder}/app`), text);
    strictEqual(document.languageId, 'markdown');
  });

  it('offers what can be done as code lenses and by the keyboard', async () => {
    const { uri } = await shownExplanation();
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    const titles = lenses.map(({ command }) => command?.title);
    ok(
      titles.includes('Copy Command') && titles.includes('Inspect') && titles.includes('Show Dependency Tree'),
      titles.join(),
    );
    const copy = lenses.find(({ command }) => String(command?.arguments?.[0]).startsWith('patchelf'));
    ok(copy?.command);
    // VS Code drops the answer when the document is renewed meanwhile, as it is when a file that it names was just written.
    await eventually('the same is offered by the keyboard', async () => {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        uri,
        copy.range,
      );
      return actions.some(({ command }) => String(command?.arguments?.[0]).startsWith('patchelf'));
    });
    ok(titles.includes('Put into Terminal'));
    await vscode.commands.executeCommand(copy.command.command, ...(copy.command.arguments ?? []));
    match(await vscode.env.clipboard.readText(), /^patchelf --set-rpath /u);
  });

  it('follows the files that it is about', async () => {
    await vscode.commands.executeCommand(commandIds.explainText, `./${message}`, vscode.Uri.file(folder));
    await shownExplanation();
    mkdirSync(`${folder}/lib`);
    renameSync(`${folder}/other/libfar.so`, `${folder}/lib/libfar.so`);
    await vscode.commands.executeCommand(commandIds.explainText, `./${message}`, vscode.Uri.file(folder));
    await eventually('it is no longer so', () =>
      vscode.window.activeTextEditor?.document.getText().includes('It is no longer so.'),
    );
  });

  it('is offered on the lines of a log', async () => {
    const log = await vscode.workspace.openTextDocument({ content: `compiling\n./${message}\n` });
    const ask = (line: number) =>
      vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        log.uri,
        new vscode.Range(line, 0, line, 0),
      );
    ok((await ask(1)).some(({ command }) => command?.command === commandIds.explainSelection));
    deepStrictEqual(
      (await ask(0)).filter(({ command }) => command?.command === commandIds.explainSelection),
      [],
    );
  });

  it('is a link in the terminal, which knows where its shell is', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const terminal = vscode.window.createTerminal({
      name: 'links',
      cwd: vscode.Uri.file(folder),
      shellPath: '/bin/sh',
    });
    const { explainLinks } = await extensionApi();
    const { token } = new vscode.CancellationTokenSource();
    const linksOf = async (line: string) => (await explainLinks.provideTerminalLinks({ line, terminal }, token)) ?? [];
    deepStrictEqual(await linksOf('make: Nothing to be done for all.'), []);
    const line = `  ./${message}`;
    const [link] = await linksOf(line);
    ok(link);
    strictEqual(line.slice(link.startIndex, link.startIndex + link.length), `./${message}`);
    await explainLinks.handleTerminalLink(link);
    const text = (await shownExplanation()).getText();
    match(text, /^# libfar\\?\.so is not found/u);
    ok(text.includes(`${folder}/app`), text);
    terminal.dispose();
  });

  it('says of other texts that there is nothing', async () => {
    await vscode.commands.executeCommand(commandIds.explainText, 'all is well');
    const document = await shownExplanation();
    match(document.getText(), /holds no error/u);
  });
});
