import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { settingIds } from '../../extension/settings.ts';
import { disassemblyLanguageId, disassemblyScheme } from '../../language-server/protocol/disassembly.ts';
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

  it('is read as code: definitions, references, hovers, folds and the outline', async () => {
    const path = compile(
      newFolder('calls'),
      'libcalls.so',
      '__attribute__((noinline)) static int twice(int n) { int sum = 0; while (n-- > 0) sum += 2; return sum; }\nint caller(int n) { return twice(n) + 1; }\n',
      ['-shared', '-fPIC', '-nostdlib'],
    );
    await vscode.commands.executeCommand(commandIds.disassemble, vscode.Uri.file(path), { section: '.text' });
    const document = await shownDisassembly('.text');
    const place = (line: RegExp, what: string): vscode.Position => {
      const text = document.getText();
      const found = line.exec(text);
      ok(found !== null, `${line} in ${text}`);
      return document.positionAt(found.index + found[0].lastIndexOf(what) + 1);
    };
    const call = place(/\tcall +[0-9a-f]+ <twice>/u, 'twice');
    const ask = async <Found>(command: string, ...more: readonly unknown[]): Promise<Found> =>
      await vscode.commands.executeCommand<Found>(command, document.uri, ...more);
    const [link] = await ask<(vscode.Location | vscode.LocationLink)[]>('vscode.executeDefinitionProvider', call);
    const line = link === undefined ? -1 : 'targetRange' in link ? link.targetRange.start.line : link.range.start.line;
    ok(/^[0-9a-f]+ <twice>:$/u.test(document.lineAt(line).text), `line ${line}`);
    const references = await ask<vscode.Location[]>('vscode.executeReferenceProvider', call);
    ok(references.some(({ range }) => range.contains(call)) && references.length >= 2);
    const [hover] = await ask<vscode.Hover[]>('vscode.executeHoverProvider', call);
    const [shown] = hover?.contents ?? [];
    ok(shown instanceof vscode.MarkdownString && /twice/u.test(shown.value) && /\d+ bytes/u.test(shown.value));
    const outline = await ask<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider');
    deepStrictEqual(outline.map(({ name }) => name).sort(), ['caller', 'twice']);
    ok((await ask<vscode.FoldingRange[]>('vscode.executeFoldingRangeProvider')).length >= 2);

    // One function is another document, which a jump out of it opens.
    await vscode.commands.executeCommand(commandIds.disassemble, vscode.Uri.file(path), 'caller');
    const caller = await shownDisassembly('caller');
    const outside = caller.positionAt(caller.getText().indexOf('<twice>') + 1);
    const [other] = await vscode.commands.executeCommand<vscode.LocationLink[]>(
      'vscode.executeDefinitionProvider',
      caller.uri,
      outside,
    );
    const target = await vscode.workspace.openTextDocument(other?.targetUri ?? caller.uri);
    ok(target.getText().includes('<twice>:') && !target.getText().includes('<caller>:'));
    strictEqual(target.languageId, disassemblyLanguageId);

    await vscode.commands.executeCommand(commandIds.toggleDisassemblySource);
    await eventually('the lines of the source are there', () =>
      vscode.window.activeTextEditor?.document.getText().includes('return twice(n) + 1;'),
    );
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
