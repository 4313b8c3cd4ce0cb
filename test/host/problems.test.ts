import { match, ok, strictEqual } from 'node:assert';
import { rmSync } from 'node:fs';
import * as vscode from 'vscode';
import { diagnosticSource } from '../../language-server/protocol/cython.ts';
import { codeOf } from './support/diagnostic.ts';
import { eventually } from './support/eventually.ts';
import { compile, newFolder } from './support/workspace.ts';

describe('Problems', () => {
  it('lists a missing library and an executable stack while the file is open', async () => {
    const folder = newFolder('problems');
    const needed = compile(folder, 'libneeded.so', 'int needed;\n', ['-shared', '-fPIC', '-Wl,-soname,libneeded.so']);
    const options = ['-shared', '-fPIC', '-z', 'execstack', `-L${folder}`, '-Wl,--no-as-needed', '-lneeded'];
    const uri = vscode.Uri.file(compile(folder, 'libproblems.so', 'int problems;\n', options));
    rmSync(needed);

    await vscode.commands.executeCommand('vscode.open', uri);
    const found = await eventually('both problems are listed', () => {
      const diagnostics = vscode.languages.getDiagnostics(uri);
      return diagnostics.length >= 2 && diagnostics;
    });
    const missing = found.find(({ message }) => message.includes('libneeded.so'));
    ok(missing);
    strictEqual(missing.severity, vscode.DiagnosticSeverity.Error);
    strictEqual(missing.source, diagnosticSource);
    const stack = found.find(diagnostic => codeOf(diagnostic) === 'elf/executable-stack');
    match(stack?.message ?? '', /stack/iu);

    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await eventually('they go with the editor', () => vscode.languages.getDiagnostics(uri).length === 0);
  });
});
