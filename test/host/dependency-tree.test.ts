import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { rmSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import type { DependencyNode } from '../../extension/dependency-tree/model.ts';
import type { BinaryDetectiveApi } from '../../extension/main.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder } from './support/workspace.ts';

type Tree = BinaryDetectiveApi['dependencyTree'];

const children = async (tree: Tree, node?: DependencyNode): Promise<readonly DependencyNode[]> =>
  (await tree.getChildren(node)) ?? [];
const item = async (tree: Tree, node: DependencyNode): Promise<vscode.TreeItem> => await tree.getTreeItem(node);

/** app → libmiddle.so (by its RUNPATH) → libgone.so, which is not there any more. */
function brokenProgram(): string {
  const folder = newFolder('tree');
  const here = [`-L${folder}`, '-Wl,-rpath,$ORIGIN', '-Wl,--no-as-needed', '-Wl,--allow-shlib-undefined'];
  const gone = compile(folder, 'libgone.so', 'int gone;\n', ['-shared', '-fPIC', '-Wl,-soname,libgone.so']);
  const middle = ['-shared', '-fPIC', '-Wl,-soname,libmiddle.so', ...here, '-lgone'];
  compile(folder, 'libmiddle.so', 'extern int gone; int middle(void) { return gone; }\n', middle);
  const app = compile(folder, 'app', 'int main(void) { return 0; }\n', [...here, '-lmiddle', '-lgone']);
  rmSync(gone);
  return app;
}

describe('dependency tree', () => {
  let tree: Tree;
  let root: DependencyNode;
  let app: string;

  before(async () => {
    app = brokenProgram();
    tree = (await extensionApi()).dependencyTree;
    await vscode.commands.executeCommand(commandIds.showDependencyTree, vscode.Uri.file(app));
    root = await eventually('the file is a root of the view', async () =>
      (await children(tree)).find(node => node.kind === 'root' && node.uri === vscode.Uri.file(app).toString()),
    );
  });

  it('counts what is missing at the root, in red', async () => {
    await children(tree, root);
    const shown = await eventually('the root is resolved', async () => {
      const current = await item(tree, root);
      return String(current.description).includes('problem') && current;
    });
    match(String(shown.description), /^1 problem · \d+ objects$/u);
    ok(shown.iconPath instanceof vscode.ThemeIcon);
    strictEqual(shown.iconPath.color?.id, 'list.errorForeground');
  });

  it('opens needs one by one, with the reason why each was found', async () => {
    const needs = await children(tree, root);
    const middle = needs.find(node => node.kind === 'need' && node.need.name === 'libmiddle.so');
    ok(middle);
    strictEqual(tree.getParent?.(middle), root);
    const shown = await item(tree, middle);
    match(String(shown.description), /RUNPATH of app/u);
    strictEqual(shown.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    const below = await children(tree, middle);
    deepStrictEqual(
      below.flatMap(node => (node.kind === 'need' ? [node.need.name] : [])),
      ['libgone.so', 'libc.so.6'],
    );
  });

  it('shows a missing library as such, and where it was looked for', async () => {
    const gone = (await children(tree, root)).find(node => node.kind === 'need' && node.need.name === 'libgone.so');
    ok(gone);
    const shown = await item(tree, gone);
    strictEqual(shown.description, 'not found');
    strictEqual(shown.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    const [first] = await children(tree, gone);
    ok(first?.kind === 'candidate');
    strictEqual(tree.getParent?.(first), gone);
    const candidate = await item(tree, first);
    strictEqual(candidate.label, app.replace(/app$/u, 'libgone.so'));
    strictEqual(candidate.description, 'No such file or directory');
    const resolved = await tree.resolveTreeItem?.(shown, gone, new vscode.CancellationTokenSource().token);
    ok(resolved?.tooltip instanceof vscode.MarkdownString);
    ok(resolved.tooltip.value.includes(app.replace(/app$/u, 'libgone.so')), resolved.tooltip.value);
  });

  it('is copied as text', async () => {
    await vscode.commands.executeCommand(commandIds.copyDependenciesAsText, root);
    match(await vscode.env.clipboard.readText(), /libmiddle\.so => .*\n +libgone\.so => not found/u);
  });

  it('is copied as JSON, for Graphviz and for Mermaid', async () => {
    const copied = async (command: string): Promise<string> => {
      await vscode.commands.executeCommand(command, root);
      return await vscode.env.clipboard.readText();
    };
    const json = JSON.parse(await copied(commandIds.copyDependenciesAsJson)) as {
      readonly schema: string;
      readonly root: string;
    };
    deepStrictEqual([json.schema, json.root], ['binary-detective/tree@1', app]);
    match(await copied(commandIds.copyDependenciesAsDot), /^digraph [\s\S]+libgone\.so: not found/u);
    match(await copied(commandIds.copyDependenciesAsMermaid), /^flowchart LR\n[\s\S]+libgone\.so: not found/u);
  });

  it('shows only problems, and hides what is of the system', async () => {
    const names = async (): Promise<readonly string[]> =>
      (await children(tree, root)).flatMap(node => (node.kind === 'need' ? [node.need.name] : []));
    await vscode.commands.executeCommand(commandIds.showOnlyProblems);
    deepStrictEqual(await names(), ['libmiddle.so', 'libgone.so']);
    await vscode.commands.executeCommand(commandIds.showAllDependencies);
    await vscode.commands.executeCommand(commandIds.hideSystemLibraries);
    deepStrictEqual(await names(), ['libmiddle.so', 'libgone.so']);
    await vscode.commands.executeCommand(commandIds.showSystemLibraries);
    deepStrictEqual(await names(), ['libmiddle.so', 'libgone.so', 'libc.so.6']);
  });

  it('says what may be loaded without a need', async () => {
    const later = (await children(tree, root)).find(node => node.kind === 'later');
    ok(later);
    const [soft] = await children(tree, later);
    ok(soft?.kind === 'soft');
    strictEqual(soft.edge.kind, 'interpreter');
    strictEqual((await item(tree, soft)).description, 'the program interpreter');
  });

  it('says why a library is here, in the picture as well', async () => {
    const [middle] = await children(tree, root);
    ok(middle);
    const below = await children(tree, middle);
    const gone = below.find(node => node.kind === 'need' && node.need.name === 'libgone.so');
    ok(gone);
    const asked = vscode.commands.executeCommand(commandIds.whyDependency, gone);
    // The first choice is the picture; VS Code does not tell when its list is there.
    const graphs = (await extensionApi()).dependencyGraphs;
    const page = await eventually('the page is open', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return graphs().find(({ uri }) => uri.fsPath === app);
    });
    await asked;
    await eventually('the page has its tree', () => page.state === 'tree');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await eventually('the page is closed', () => !graphs().includes(page));
  });

  it('has short and stable ids however deep a chain is', async () => {
    let [node] = await children(tree, root);
    const again = (await children(tree, root))[0];
    strictEqual(node?.id, again?.id);
    for (let depth = 0; node !== undefined && depth < 20; depth += 1) {
      ok(node.id.length < 40, node.id);
      [node] = await children(tree, node);
    }
  });

  it('follows a library that is installed later', async () => {
    const folder = app.replace(/\/app$/u, '');
    compile(folder, 'libgone.so', 'int gone;\n', ['-shared', '-fPIC', '-Wl,-soname,libgone.so']);
    await vscode.commands.executeCommand(commandIds.refreshDependencies);
    await eventually('nothing is missing any more', async () => {
      await children(tree, root);
      return /^\d+ objects$/u.test(String((await item(tree, root)).description));
    });
  });

  it('closes a root', async () => {
    await vscode.commands.executeCommand(commandIds.closeDependencyRoot, root);
    ok(!(await children(tree)).some(node => node.id === root.id));
  });
});
