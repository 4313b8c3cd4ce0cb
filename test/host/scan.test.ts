import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import type { BinaryDetectiveApi } from '../../extension/main.ts';
import type { WhoNeedsNode } from '../../extension/who-needs/model.ts';
import { codeOf } from './support/diagnostic.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder } from './support/workspace.ts';

const library = ['-shared', '-fPIC', '-Wl,--no-as-needed'];

interface Sample {
  readonly folder: string;
  readonly gone: string;
  readonly kept: vscode.Uri;
  readonly broken: vscode.Uri;
}

let samples = 0;

/**
 * A library that needs one that is there and one that is in no folder that the loader knows any more; with names of their own, since
 * the samples of all tests are in one workspace.
 */
function brokenLibrary(): Sample {
  samples += 1;
  const folder = newFolder('scan');
  const [goneName, keptName] = [`scangone${samples}`, `scankept${samples}`];
  const gone = compile(folder, `lib${goneName}.so`, 'int gone;\n', [...library, `-Wl,-soname,lib${goneName}.so`]);
  const kept = compile(folder, `lib${keptName}.so`, 'int kept;\n', [...library, `-Wl,-soname,lib${keptName}.so`]);
  const needs = [`-L${folder}`, '-Wl,-rpath,$ORIGIN', `-l${keptName}`, `-l${goneName}`];
  const broken = compile(folder, 'libscanbroken.so', 'int broken;\n', [...library, ...needs]);
  rmSync(gone);
  return { folder, gone, kept: vscode.Uri.file(kept), broken: vscode.Uri.file(broken) };
}

const codesAt = (uri: vscode.Uri): readonly unknown[] => vscode.languages.getDiagnostics(uri).map(codeOf).sort();
const scanFolder = (folder: string) => vscode.commands.executeCommand(commandIds.scan, vscode.Uri.file(folder));

describe('a scan', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand(commandIds.clearScan);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('of the workspace lists under Problems what cannot be loaded, and copies', async () => {
    const { broken, kept } = brokenLibrary();
    copyFileSync(kept.fsPath, join(newFolder('scan'), 'libcopy.so'));
    await vscode.commands.executeCommand(commandIds.scan);
    const [missing, ...others] = vscode.languages.getDiagnostics(broken);
    deepStrictEqual(others, []);
    ok(missing);
    strictEqual(codeOf(missing), 'dependencies/missing-library');
    strictEqual(missing.severity, vscode.DiagnosticSeverity.Error);
    match(missing.message, /^libscangone\d+\.so, needed by .*libscanbroken\.so, is not found\./u);
    ok(typeof missing.code === 'object' && missing.code.target.path.endsWith('/docs/findings.md'));
    const [copy] = vscode.languages.getDiagnostics(kept);
    strictEqual(copy && codeOf(copy), 'scan/identical-copies');
    strictEqual(copy?.relatedInformation?.length, 1);
  });

  it('is cleared by its command', async () => {
    const { folder, broken } = brokenLibrary();
    await scanFolder(folder);
    deepStrictEqual(codesAt(broken), ['dependencies/missing-library']);
    await vscode.commands.executeCommand(commandIds.clearScan);
    deepStrictEqual(codesAt(broken), []);
  });

  it('follows what is built', async () => {
    const { folder, gone, broken } = brokenLibrary();
    await scanFolder(folder);
    deepStrictEqual(codesAt(broken), ['dependencies/missing-library']);
    compile(folder, basename(gone), 'int gone;\n', [...library, `-Wl,-soname,${basename(gone)}`]);
    await eventually('the problem goes with its cause', () => codesAt(broken).length === 0);
    rmSync(gone);
    await eventually('and comes back with it', () => codesAt(broken).length === 1);
  });

  it('says nothing twice of a file that is open', async () => {
    const { folder, broken } = brokenLibrary();
    await scanFolder(folder);
    await vscode.commands.executeCommand('vscode.open', broken);
    const once = (codes: readonly unknown[]): boolean =>
      codes.filter(code => code === 'dependencies/missing-library').length === 1;
    await eventually('the editor shows what else it finds', () => codesAt(broken).length > 1);
    await eventually('the missing library stands there once', () => once(codesAt(broken)));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await eventually('the scan shows it again', () => codesAt(broken).length === 1 && once(codesAt(broken)));
  });

  it('of a sysroot finds there what is / for it', async () => {
    const root = newFolder('sysroot');
    const usr = join(root, 'usr/lib');
    mkdirSync(usr, { recursive: true });
    compile(usr, 'libinroot.so', 'int below;\n', [...library, '-Wl,-soname,libinroot.so', '-nostdlib']);
    const top = compile(root, 'libtopofroot.so', 'int top;\n', [...library, '-nostdlib', `-L${usr}`, '-linroot']);
    await scanFolder(root);
    deepStrictEqual(codesAt(vscode.Uri.file(top)), ['dependencies/missing-library']);
    await vscode.commands.executeCommand(commandIds.scanSysroot, vscode.Uri.file(root));
    deepStrictEqual(codesAt(vscode.Uri.file(top)), []);
  });

  it('of another folder takes the place of the one before', async () => {
    const first = brokenLibrary();
    const second = brokenLibrary();
    await scanFolder(first.folder);
    await scanFolder(second.folder);
    deepStrictEqual([codesAt(first.broken), codesAt(second.broken)], [[], ['dependencies/missing-library']]);
  });
});

describe('who needs a library', () => {
  type View = BinaryDetectiveApi['whoNeeds'];
  const children = async (view: View, node?: WhoNeedsNode): Promise<readonly WhoNeedsNode[]> =>
    (await view.getChildren(node)) ?? [];
  let view: View;

  before(async () => {
    view = (await extensionApi()).whoNeeds;
  });

  /** Asks as the explorer does; the lines below the library. */
  async function ask(uri: vscode.Uri): Promise<readonly WhoNeedsNode[]> {
    await vscode.commands.executeCommand(commandIds.whoNeeds, uri);
    const [root] = await children(view);
    strictEqual(root?.kind === 'library' && root.uri, uri.toString());
    return await children(view, root);
  }

  it('is shown as a tree, from the library to what needs it', async () => {
    const { folder, kept, broken } = brokenLibrary();
    const options = [
      `-L${folder}`,
      '-Wl,-rpath,$ORIGIN',
      '-Wl,--no-as-needed',
      '-Wl,--allow-shlib-undefined',
      '-l:libscanbroken.so',
    ];
    compile(folder, 'scanapp', 'int main(void) { return 0; }\n', options);
    const [dependent, ...others] = await ask(kept);
    deepStrictEqual(others, []);
    strictEqual(dependent?.kind === 'dependent' && dependent.uri, broken.toString());
    const item = await view.getTreeItem(dependent as WhoNeedsNode);
    strictEqual(item.label, 'libscanbroken.so');
    strictEqual(item.contextValue, 'dependent file');
    ok(item.accessibilityInformation?.label.includes('libscanbroken.so'));
    const root = view.getParent?.(dependent as WhoNeedsNode);
    strictEqual((root as WhoNeedsNode).kind, 'library');
  });

  it('says what asks for it and gets another file, and what finds none', async () => {
    const { folder, kept } = brokenLibrary();
    const other = newFolder('scan');
    const copy = join(other, basename(kept.fsPath));
    copyFileSync(kept.fsPath, copy);
    const found = await ask(vscode.Uri.file(copy));
    const own = found.filter(node => node.kind === 'dependent' && node.dependent.path.startsWith(folder));
    strictEqual(own.length, found.length);
    strictEqual(own[0]?.kind === 'dependent' && own[0].dependent.how, 'elsewhere');
    match(
      String((await view.getTreeItem(own[0] as WhoNeedsNode)).description),
      /asks for it, gets .*libscankept\d+\.so/u,
    );
  });

  it('says so where nothing needs it', async () => {
    const lonely = compile(newFolder('scan'), 'liblonely.so', 'int lonely;\n', [
      ...library,
      '-Wl,-soname,liblonely.so',
    ]);
    const [message, ...others] = await ask(vscode.Uri.file(lonely));
    deepStrictEqual(others, []);
    match(message?.kind === 'message' ? message.message : '', /^Nothing among \d+ ELF files needs it\.$/u);
  });

  it('says why where the library cannot be read', async () => {
    const { kept } = brokenLibrary();
    rmSync(kept.fsPath);
    const [message] = await ask(kept);
    match(message?.kind === 'message' ? message.message : '', /libscankept\d+\.so/u);
  });

  it('can be asked elsewhere, which the view says', async () => {
    const { kept, broken } = brokenLibrary();
    await ask(kept);
    const done = vscode.commands.executeCommand(commandIds.whoNeedsElsewhere);
    // The first of the places is the workspace.
    let isDone = false;
    void done.then(() => {
      isDone = true;
    });
    await eventually('a place is chosen', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return isDone;
    });
    const [root] = await children(view);
    const [dependent] = await children(view, root);
    strictEqual(dependent?.kind === 'dependent' && dependent.uri, broken.toString());
  });

  it('takes a line of the dependency tree', async () => {
    const { kept } = brokenLibrary();
    const path = kept.fsPath;
    for (const line of [{ kind: 'root', uri: kept.toString() }, { object: { path } }, { edge: { path } }]) {
      await vscode.commands.executeCommand(commandIds.whoNeeds, line);
      const [root] = await children(view);
      strictEqual(root?.kind === 'library' && root.uri, kept.toString());
    }
  });
});
