import * as vscode from 'vscode';
import type { CopyFormat } from '../../language-server/protocol/dependency-graph.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import type { PathTarget } from '../../language-server/protocol/tree-paths.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import type { DependencyGraphs } from '../dependency-graph/register.ts';
import { fileForCommand, requireLocalFile } from '../inspected-file.ts';
import { revealFile } from '../reveal-file.ts';
import type { Services } from '../services.ts';
import { dependenciesViewId, elfEditorViewType } from '../view-ids.ts';
import { copiedTree } from './copied-tree.ts';
import { dependencyDecorations } from './decorations.ts';
import { type ChosenPath, choosePath, findLibrary } from './find-library.ts';
import { type DependencyNode, missingNames, nodeOfPath, noFilter, type RootNode } from './model.ts';
import { createDependencyProvider } from './provider.ts';
import { createDependencyRoots, type DependencyRoots } from './roots.ts';
import { registerViewFilter, type ViewFilter } from './view-filter.ts';

/** The dependency tree view, in the container of the extension's own. */
export function registerDependencyTree(
  services: Services,
  graphs: DependencyGraphs,
): vscode.TreeDataProvider<DependencyNode> {
  const roots = createDependencyRoots(services);
  const filter = registerViewFilter(services);
  const provider = createDependencyProvider(roots, filter);
  const view = vscode.window.createTreeView<DependencyNode>(dependenciesViewId, {
    treeDataProvider: provider,
    showCollapseAll: true,
    dragAndDropController: acceptFiles(roots),
  });
  services.context.subscriptions.push(
    roots,
    view,
    vscode.window.registerFileDecorationProvider(dependencyDecorations),
    roots.onDidChange(() => {
      view.badge = badge(roots);
    }),
    ...followActiveEditor(roots, view),
  );
  registerCommands(services, roots, provider, view);
  registerCopies(services, roots);
  registerSearches(services, graphs, { roots, filter, view });
  return provider;
}

function registerCommands(
  services: Services,
  roots: DependencyRoots,
  provider: vscode.TreeDataProvider<DependencyNode>,
  view: vscode.TreeView<DependencyNode>,
): void {
  registerCommand(services, commandIds.showDependencyTree, async argument => {
    const file = await fileForCommand(argument, vscode.l10n.t('Show Dependency Tree'));
    if (file === undefined) return;
    const uri = file.toString();
    roots.keep(uri);
    await vscode.commands.executeCommand(`${dependenciesViewId}.focus`);
    const shown = ((await provider.getChildren()) ?? []).find(node => node.kind === 'root' && node.uri === uri);
    if (shown !== undefined) await view.reveal(shown, { select: true, focus: true, expand: true });
  });
  registerCommand(services, commandIds.refreshDependencies, () => roots.refresh());
  registerCommand(services, commandIds.closeDependencyRoot, node => {
    if (isNode(node) && node.kind === 'root') roots.close(node.uri);
  });
  registerCommand(services, commandIds.inspectDependency, node =>
    vscode.commands.executeCommand(commandIds.inspect, nodeFile(node)),
  );
  registerCommand(services, commandIds.revealDependency, node => revealFile(nodeFile(node)));
}

function registerCopies(services: Services, roots: DependencyRoots): void {
  registerCommand(services, commandIds.copyDependencyPath, node =>
    vscode.env.clipboard.writeText(nodeFile(node).fsPath),
  );
  const copy = async (node: unknown, format: CopyFormat): Promise<void> => {
    if (!isNode(node)) return;
    const state = await roots.settled(rootOf(node).uri);
    if (state.kind === 'resolved') await vscode.env.clipboard.writeText(copiedTree(state.tree, format));
    else if (state.kind === 'failed') throw new Error(state.message);
  };
  registerCommand(services, commandIds.copyDependenciesAsText, node => copy(node, 'text'));
  registerCommand(services, commandIds.copyDependenciesAsJson, node => copy(node, 'json'));
  registerCommand(services, commandIds.copyDependenciesAsDot, node => copy(node, 'dot'));
  registerCommand(services, commandIds.copyDependenciesAsMermaid, node => copy(node, 'mermaid'));
}

interface SearchedView {
  readonly roots: DependencyRoots;
  readonly filter: ViewFilter;
  readonly view: vscode.TreeView<DependencyNode>;
}

function registerSearches(services: Services, graphs: DependencyGraphs, { roots, filter, view }: SearchedView): void {
  const show = async ({ uri, tree, path }: ChosenPath): Promise<void> => {
    // A line that is left out cannot be shown.
    if (filter.current().hideSystem || filter.current().onlyProblems) filter.set(noFilter);
    const root = roots.node(uri);
    const node = nodeOfPath(root, tree, path);
    await view.reveal(node, { select: true, focus: true, expand: false });
  };
  registerCommand(services, commandIds.findDependency, async () => {
    const states = await Promise.all(roots.uris().map(async uri => ({ uri, state: await roots.settled(uri) })));
    const resolved = states.flatMap(({ uri, state }) => (state.kind === 'resolved' ? [{ uri, tree: state.tree }] : []));
    if (resolved.length === 0) {
      throw new UserError('notFound', vscode.l10n.t('No dependency tree is shown yet. Choose a file first.'));
    }
    const chosen = await findLibrary(resolved);
    if (chosen !== undefined) await show(chosen);
  });
  registerCommand(services, commandIds.showGraphOfDependency, node => graphs.open(nodeFile(node)));
  registerCommand(services, commandIds.whyDependency, async node => {
    if (!isNode(node) || node.kind !== 'need') return;
    const { uri } = rootOf(node);
    const { tree, need } = node;
    const target: PathTarget = need.object === null ? { missing: need.name } : { object: need.object };
    const chosen = await choosePath(tree, target);
    if (chosen === 'picture') await graphs.open(vscode.Uri.parse(uri), target);
    else if (chosen !== undefined) await show({ uri, tree, path: chosen });
  });
}

/** Files dropped from the explorer, from tabs or from the desktop become roots. */
function acceptFiles(roots: DependencyRoots): vscode.TreeDragAndDropController<DependencyNode> {
  return {
    dropMimeTypes: ['text/uri-list'],
    dragMimeTypes: [],
    handleDrop: async (_target, data) => {
      const list = await data.get('text/uri-list')?.asString();
      const lines = (list ?? '').split(/\r?\n/u).filter(line => line !== '' && !line.startsWith('#'));
      for (const line of lines) {
        const uri = vscode.Uri.parse(line);
        requireLocalFile(uri);
        roots.keep(uri.toString());
      }
    },
  };
}

/** While the view is visible it shows the file of the active ELF editor as well. */
function followActiveEditor(
  roots: DependencyRoots,
  view: vscode.TreeView<DependencyNode>,
): readonly vscode.Disposable[] {
  const follow = (): void => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    if (!view.visible || !(input instanceof vscode.TabInputCustom) || input.viewType !== elfEditorViewType) return;
    if (input.uri.scheme === 'file') roots.follow(input.uri.toString());
  };
  return [
    view.onDidChangeVisibility(follow),
    vscode.window.tabGroups.onDidChangeTabs(follow),
    vscode.window.tabGroups.onDidChangeTabGroups(follow),
  ];
}

/** Number of libraries that the loader would not find, over all roots that have been resolved. */
function badge(roots: DependencyRoots): vscode.ViewBadge | undefined {
  const trees = roots.uris().flatMap(uri => {
    const state = roots.state(uri);
    return state.kind === 'resolved' ? [state.tree] : [];
  });
  const missing = new Set(trees.flatMap(tree => [...missingNames(tree)]));
  if (missing.size === 0) return undefined;
  const tooltip =
    missing.size === 1 ? vscode.l10n.t('1 missing library') : vscode.l10n.t('{0} missing libraries', missing.size);
  return { value: missing.size, tooltip };
}

function nodeFile(node: unknown): vscode.Uri {
  if (isNode(node) && node.kind === 'root') return vscode.Uri.parse(node.uri);
  if (isNode(node) && node.kind === 'need' && node.object !== undefined) return vscode.Uri.file(node.object.path);
  if (isNode(node) && node.kind === 'soft' && node.edge.path !== null) return vscode.Uri.file(node.edge.path);
  throw new UserError('notFound', vscode.l10n.t('There is no file for this line of the dependency tree.'));
}

function rootOf(node: DependencyNode): RootNode {
  let root = node;
  while (root.kind !== 'root') root = root.parent;
  return root;
}

function isNode(value: unknown): value is DependencyNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'id' in value;
}
