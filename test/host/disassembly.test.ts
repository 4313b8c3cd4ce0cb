import { ok, strictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { settingIds } from '../../extension/settings.ts';
import { disassemblyScheme } from '../../language-server/protocol/disassembly.ts';
import { eventually } from './support/eventually.ts';
import { compile, newFolder, write } from './support/workspace.ts';

const source = `
int answer(void) { return 42; }
int question(int of) { return of * 7; }
`;

/** Without the C library's parts, so that its symbols are those of the source alone. */
const library = (): string =>
  compile(newFolder('disassembly'), 'libanswer.so', source, ['-shared', '-fPIC', '-nostdlib']);

/** The lines of machine code, as objdump itself prints them. */
const machineCode = (path: string, symbol: string): readonly string[] =>
  execFileSync('objdump', ['-d', '--no-show-raw-insn', '--wide', `--disassemble=${symbol}`, path], { encoding: 'utf8' })
    .split('\n')
    .filter(line => /^ +[0-9a-f]+:\t/u.test(line));

async function shownDisassembly(title: string): Promise<vscode.TextDocument> {
  return await eventually(`the disassembly of ${title} is open`, () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === disassemblyScheme && document.uri.path.endsWith(`/${title}`) && document;
  });
}

describe('disassembly', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens the code of a symbol as objdump prints it', async () => {
    const path = library();
    await vscode.commands.executeCommand(commandIds.disassemble, vscode.Uri.file(path), 'answer');
    const document = await shownDisassembly('answer');
    const lines = machineCode(path, 'answer');
    ok(lines.length > 2);
    for (const line of lines) ok(document.getText().includes(line), line);
    ok(!document.getText().includes('<question>:'));
  });

  it('is read-only', async () => {
    const path = library();
    await vscode.commands.executeCommand(commandIds.disassemble, vscode.Uri.file(path), 'answer');
    const document = await shownDisassembly('answer');
    const before = document.getText();
    await vscode.commands.executeCommand('default:type', { text: 'x' });
    strictEqual(document.getText(), before);
    strictEqual(document.isDirty, false);
  });

  it('lets a person choose the symbol', async () => {
    const path = library();
    const done = vscode.commands.executeCommand(commandIds.disassemble, vscode.Uri.file(path));
    const document = await eventually('the first symbol is accepted', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      const shown = vscode.window.activeTextEditor?.document;
      return shown?.uri.scheme === disassemblyScheme && shown;
    });
    await done;
    const [symbol = ''] = document.uri.path.split('/').slice(-1);
    ok(['answer', 'question'].includes(symbol), symbol);
    for (const line of machineCode(path, symbol)) ok(document.getText().includes(line), line);
  });

  it('runs the program that the workspace names, if the workspace is trusted', async () => {
    const folder = newFolder('tool');
    const trace = join(folder, 'has-run');
    const tool = write(folder, 'objdump', `#!/bin/sh\n: > '${trace}'\nexec objdump "$@"\n`);
    chmodSync(tool, 0o755);
    const settings = vscode.workspace.getConfiguration();
    await settings.update(settingIds.objdump, tool, vscode.ConfigurationTarget.Workspace);
    try {
      const path = library();
      await vscode.commands.executeCommand(commandIds.disassemble, vscode.Uri.file(path), 'question');
      await shownDisassembly('question');
      strictEqual(existsSync(trace), vscode.workspace.isTrusted);
    } finally {
      await settings.update(settingIds.objdump, undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
