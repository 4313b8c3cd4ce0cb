import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import * as vscode from 'vscode';
import { objectAddressCode } from '../../language-server/protocol/cython.ts';
import { codeOf } from './support/diagnostic.ts';
import { eventually } from './support/eventually.ts';
import { newFolder, write } from './support/workspace.ts';

const source = `cdef void* address(object a, char* text, Py_ssize_t number):
    cdef void* fine = <void*>text
    fine = <void*>number
    return <void*>a
`;

describe('Cython lint', () => {
  it('warns of the address of an object, and the quick fix mends it in the editor', async () => {
    const path = write(newFolder('cython'), 'address.pyx', source);
    const document = await vscode.workspace.openTextDocument(path);
    await vscode.window.showTextDocument(document);
    strictEqual(document.languageId, 'cython');

    const [diagnostic, ...others] = await eventually('the cast is marked', () => {
      const found = vscode.languages.getDiagnostics(document.uri);
      return found.length > 0 && found;
    });
    ok(diagnostic);
    deepStrictEqual(others, []);
    strictEqual(codeOf(diagnostic), objectAddressCode);
    strictEqual(document.getText(diagnostic.range).includes('<void*>'), true);
    strictEqual(diagnostic.range.start.line, 3);

    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      diagnostic.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ isPreferred }) => isPreferred);
    ok(fix?.edit);
    await vscode.workspace.applyEdit(fix.edit);
    strictEqual(document.lineAt(3).text, '    return <void*><size_t>a');
    await eventually('the mark is gone', () => vscode.languages.getDiagnostics(document.uri).length === 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
});
