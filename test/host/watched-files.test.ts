import { ok, strictEqual } from 'node:assert';
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { settingIds } from '../../extension/settings.ts';
import { printLine } from './reporter.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder } from './support/workspace.ts';

const library = (folder: string, name: string, options: readonly string[]): vscode.Uri =>
  vscode.Uri.file(compile(folder, name, 'int watched;\n', ['-shared', '-fPIC', `-Wl,-soname,${name}`, ...options]));
const strong = ['-Wl,-z,relro,-z,now', '-Wl,-z,noexecstack'];
const codes = (uri: vscode.Uri): readonly unknown[] =>
  vscode.languages.getDiagnostics(uri).map(({ code }) => (typeof code === 'object' ? code.value : code));

/**
 * Files that are there already are found by VS Code's search, whose program npm does not install for the oldest release; there
 * a new build stands in for the first look.
 */
async function searches(folder: string): Promise<boolean> {
  const pattern = new vscode.RelativePattern(folder, '*.so');
  const found = await Promise.resolve(vscode.workspace.findFiles(pattern, null)).catch(() => []);
  if (found.length === 0) printLine('   this VS Code cannot search: only builds are looked at');
  return found.length > 0;
}

async function set(id: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Workspace);
}

describe('watched files', () => {
  before(() => extensionApi());
  afterEach(async () => {
    await set(settingIds.elfWatch, undefined);
    await set(settingIds.elfSeverity, undefined);
  });

  it('have their findings under Problems without being opened, and after each build', async () => {
    const folder = newFolder('watched');
    const weak = library(folder, 'libweak.so', ['-Wl,-z,execstack']);
    const other = library(newFolder('unwatched'), 'libweak.so', ['-Wl,-z,execstack']);
    await set(settingIds.elfWatch, [`${basename(folder)}/**/*.so`]);
    if (!(await searches(folder))) library(folder, 'libweak.so', ['-Wl,-z,execstack']);
    await eventually('the finding is there', () => codes(weak).includes('elf/executable-stack'));
    strictEqual(codes(other).length, 0);

    library(folder, 'libweak.so', strong);
    await eventually('it goes when the file is built well', () => !codes(weak).includes('elf/executable-stack'));
    const added = library(folder, 'libadded.so', ['-Wl,-z,execstack']);
    await eventually('a new file is looked at', () => codes(added).includes('elf/executable-stack'));
    rmSync(added.fsPath);
    await eventually('what is gone has no problems', () => codes(added).length === 0);

    library(folder, 'libweak.so', ['-Wl,-z,execstack', '-Wl,-z,norelro']);
    const lost = await eventually('the loss is told', () => {
      const found = vscode.languages.getDiagnostics(weak);
      return found.find(({ message }) => message.startsWith('RELRO was there in the previous build'));
    });
    ok(typeof lost.code === 'object');
    ok(/findings\.md$/u.test(lost.code.target.path), String(lost.code.target));
    await set(settingIds.elfWatch, undefined);
    await eventually('nothing is left without the setting', () => codes(weak).length === 0);
  });

  it('have the severities of the setting, as soon as it changes', async () => {
    const folder = newFolder('severity');
    const weak = library(folder, 'libweak.so', ['-Wl,-z,execstack']);
    await set(settingIds.elfWatch, [`${basename(folder)}/*.so`]);
    if (!(await searches(folder))) library(folder, 'libweak.so', ['-Wl,-z,execstack']);
    const severity = (): vscode.DiagnosticSeverity | undefined =>
      vscode.languages
        .getDiagnostics(weak)
        .find(({ code }) => typeof code === 'object' && code.value === 'elf/executable-stack')?.severity;
    await eventually('a warning', () => severity() === vscode.DiagnosticSeverity.Warning);
    await set(settingIds.elfSeverity, { 'elf/executable-stack': 'error' });
    await eventually('an error', () => severity() === vscode.DiagnosticSeverity.Error);
    await set(settingIds.elfSeverity, { 'elf/executable-stack': 'off' });
    await eventually('nothing', () => severity() === undefined);
  });
});
