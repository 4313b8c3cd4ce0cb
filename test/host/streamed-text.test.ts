import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import { rawTextScheme } from '../../extension/raw-text/document-uri.ts';
import { settingIds } from '../../extension/settings.ts';
import { disassemblyLanguageId, disassemblyScheme } from '../../language-server/protocol/disassembly.ts';
import { eventually } from './support/eventually.ts';
import { compile, newFolder, write } from './support/workspace.ts';

const limit = 20_000;

/** An object file with one function of many instructions, and a small one behind it. */
function longObject(folder = newFolder('long'), end = 'ret'): string {
  const source = write(
    folder,
    'long.s',
    `.text\n.globl long, short\n.type long, @function\nlong: .fill 99999, 1, 0x90\n${end}\n.size long, .-long\n.type short, @function\nshort: hlt\nret\n.size short, .-short\n.section .other,"ax",@progbits\nother: int3\nret\n`,
  );
  execFileSync('as', ['-o', join(folder, 'long.o'), source]);
  return join(folder, 'long.o');
}

async function shown(scheme: string, title: string): Promise<vscode.TextDocument> {
  return await eventually(`${title} is open`, () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.uri.scheme === scheme && document.uri.path.endsWith(title) && document;
  });
}

async function lensTitles({ uri }: vscode.TextDocument): Promise<readonly string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
  return lenses.map(({ command }) => command?.title ?? '');
}

describe('streamed text', () => {
  const settings = () => vscode.workspace.getConfiguration();
  before(() => settings().update(settingIds.textMaximumLines, limit, vscode.ConfigurationTarget.Workspace));
  after(() => settings().update(settingIds.textMaximumLines, undefined, vscode.ConfigurationTarget.Workspace));
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('is cut at the limit, says so, and goes on when it is asked to', async () => {
    const path = longObject();
    await vscode.commands.executeCommand(commandIds.disassemble, vscode.Uri.file(path), 'long');
    const document = await shown(disassemblyScheme, '/long');
    strictEqual(document.languageId, disassemblyLanguageId);
    await eventually('the limit is reached', () => document.lineCount > limit);
    ok(document.lineAt(limit + 1).text.startsWith('Cut here, after 20,000 lines'), document.lineAt(limit + 1).text);
    await eventually('lenses offer more', async () => {
      const titles = await lensTitles(document);
      return titles.includes('$(warning) Cut after 20,000 lines') && titles.includes('Show up to 80,000');
    });
    // What is asked of a listing is answered for what is there.
    const outline = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    deepStrictEqual(
      outline.map(({ name }) => name),
      ['long'],
    );

    const removed: number[] = [];
    const listening = vscode.workspace.onDidChangeTextDocument(({ document: changed, contentChanges }) => {
      if (changed === document) removed.push(...contentChanges.map(({ rangeLength }) => rangeLength));
    });
    await vscode.commands.executeCommand(commandIds.showMoreText);
    await eventually('four times as much is there', () => document.lineCount > 4 * limit);
    await vscode.commands.executeCommand(commandIds.showMoreText);
    await eventually('all is there', () => document.lineCount > 100_000);
    listening.dispose();
    const lines = execFileSync('objdump', ['-dr', '-w', '--no-show-raw-insn', '--disassemble=long', path], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const code = (text: string): string => text.slice(text.indexOf('<long>:'), text.lastIndexOf('\tret'));
    strictEqual(code(document.getText()), code(lines));
    deepStrictEqual(await lensTitles(document), []);
    // Only the sentence at the end was ever replaced: the rest was added to.
    ok(removed.length > 0);
    for (const length of removed) ok(length < 1000, `${length} characters were replaced`);

    longObject(dirname(path), 'cld\nret');
    await eventually('the text follows the next build as far as it was shown', () =>
      document.lineAt(Math.max(0, document.lineCount - 3)).text.includes('cld'),
    );
    ok(document.lineCount > 100_000);
  });

  it('is of one section', async () => {
    const uri = vscode.Uri.file(longObject());
    await vscode.commands.executeCommand(commandIds.disassemble, uri, { section: '.other' });
    const text = (await shown(disassemblyScheme, '/.other')).getText();
    ok(text.includes('<other>:') && text.includes('int3'), text);
    ok(!text.includes('hlt') && !text.includes('nop'), text);
  });

  it('stops when the person says so, and when nobody sees it any more', async () => {
    const folder = newFolder('endless');
    const gone = join(folder, 'gone');
    // Says when it is ended.
    const tool = write(
      folder,
      'nm',
      `#!/bin/sh\ntrap ': > "${gone}"; exit 0' TERM INT HUP\nwhile :; do echo "0000000000001234 T endless"; sleep 0.02; done\n`,
    );
    chmodSync(tool, 0o755);
    await settings().update(settingIds.nm, tool, vscode.ConfigurationTarget.Workspace);
    try {
      const file = vscode.Uri.file(compile(folder, 'libendless.so', 'int f;\n', ['-shared', '-fPIC', '-nostdlib']));
      await vscode.commands.executeCommand(commandIds.showRawText, file, 'nm');
      const document = await shown(rawTextScheme, '(nm -D)');
      if (!vscode.workspace.isTrusted) {
        // The program of a workspace that is not trusted is not run: the text is that of the system's.
        strictEqual(document.getText(), execFileSync('nm', ['-D', file.fsPath], { encoding: 'utf8' }));
        return;
      }
      await eventually('more lines come', () => document.lineCount > 20);
      ok((await lensTitles(document)).includes('Stop'));
      await vscode.commands.executeCommand(commandIds.stopText);
      await eventually('the text says so', () => document.getText().endsWith('\nStopped here.\n'));
      await eventually('the program is gone', () => existsSync(gone));

      execFileSync('rm', [gone]);
      await vscode.commands.executeCommand(commandIds.showMoreText);
      await eventually('it reads again', () => !document.getText().includes('Stopped here.') && document.lineCount > 3);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await eventually('the program is gone with the editor', () => existsSync(gone));
    } finally {
      await settings().update(settingIds.nm, undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('opens although its file is written again before the first line is there', async () => {
    const folder = newFolder('slow');
    const [runs, go] = [join(folder, 'runs'), join(folder, 'go')];
    // Tells of each run, and prints nothing before it may.
    const tool = write(
      folder,
      'nm',
      `#!/bin/sh\necho run >> "${runs}"\nwhile [ ! -e "${go}" ]; do sleep 0.05; done\nexec nm "$@"\n`,
    );
    chmodSync(tool, 0o755);
    await settings().update(settingIds.nm, tool, vscode.ConfigurationTarget.Workspace);
    try {
      const build = (source: string): string =>
        compile(folder, 'libslow.so', source, ['-shared', '-fPIC', '-nostdlib']);
      const path = build('int first;\n');
      const opened = vscode.commands.executeCommand(commandIds.showRawText, vscode.Uri.file(path), 'nm');
      const countRuns = (): number => (existsSync(runs) ? readFileSync(runs, 'utf8').split('\n').length - 1 : 0);
      // The program of a workspace that is not trusted is not run; the system's prints at once.
      if (vscode.workspace.isTrusted) {
        const before = await eventually('the program runs', () => countRuns() > 0 && countRuns());
        build('int second;\n');
        await eventually('it runs again for the new file', () => countRuns() > before);
        write(folder, 'go', '');
      }
      await opened;
      const document = await shown(rawTextScheme, '(nm -D)');
      strictEqual(document.getText(), execFileSync('nm', ['-D', path], { encoding: 'utf8' }));
    } finally {
      write(folder, 'go', '');
      await settings().update(settingIds.nm, undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
