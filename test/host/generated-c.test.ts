import { ok, strictEqual } from 'node:assert';
import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import { generateC, generatedCScheme, introducedLine } from '../../language-server/protocol/generated-c.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { newFolder, write } from './support/workspace.ts';

const source = `cdef int fast(int a):
    return a + 1


def slow(a):
    return a.b.c
`;

describe('Generated C', () => {
  if (process.env['BINARY_DETECTIVE_TEST_TRUST'] === 'untrusted') {
    it('is refused by the server itself', async () => {
      const path = write(newFolder('untrusted-generated-c'), 'speed.pyx', source);
      const { request } = await extensionApi();
      const refused = await request(generateC, { uri: vscode.Uri.file(path).toString() }).then(
        () => undefined,
        (error: unknown) => error,
      );
      ok(refused instanceof Error && refused.name === UserError.name, String(refused));
      strictEqual((refused as UserError).kind, 'untrusted');
    });
    return;
  }

  it('opens at the line of the caret, and leads both ways', async () => {
    const settings = vscode.workspace.getConfiguration('binaryDetective.tools');
    await settings.update('python', '/usr/bin/python3', vscode.ConfigurationTarget.Global);
    try {
      const path = write(newFolder('generated-c'), 'speed.pyx', source);
      const document = await vscode.workspace.openTextDocument(path);
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(5, 0, 5, 0);
      await vscode.commands.executeCommand('binaryDetective.cython.showGeneratedC');

      const shown = await eventually('the C is shown at the line', () => {
        const active = vscode.window.activeTextEditor;
        if (active?.document.uri.scheme !== generatedCScheme) return false;
        const line = active.document.lineAt(active.selection.active.line).text;
        return introducedLine(line) === 5 && active;
      });
      const text = shown.document.getText();
      ok(text.includes('__pyx_f_5speed_fast'), text.slice(0, 500));
      ok(/\d+ {2}line +5 {2}slow/u.test(text), text.slice(0, 500));

      const definitions = await vscode.commands.executeCommand<vscode.Location[]>(
        'vscode.executeDefinitionProvider',
        shown.document.uri,
        shown.selection.active.translate(1),
      );
      strictEqual(definitions[0]?.uri.toString(), document.uri.toString());
      strictEqual(definitions[0]?.range.start.line, 5);
      const back = await vscode.commands.executeCommand<vscode.Location[]>(
        'vscode.executeDefinitionProvider',
        document.uri,
        new vscode.Position(5, 4),
      );
      ok(
        back.some(
          ({ uri, range }) => uri.scheme === generatedCScheme && range.start.line === shown.selection.active.line,
        ),
      );
      const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
        'vscode.executeLinkProvider',
        shown.document.uri,
      );
      ok(links.some(({ target }) => target?.path === document.uri.path && target.fragment === 'L6'));
    } finally {
      await settings.update('python', undefined, vscode.ConfigurationTarget.Global);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });
});
