import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { childrenOfNode, childrenOfTree, type DependencyNode, messageNode, type RootNode } from './model.ts';
import { candidateItem, laterItem, messageItem, problemItem, softItem } from './other-items.ts';
import type { DependencyRoots } from './roots.ts';
import { needTooltip, softTooltip } from './tooltip.ts';
import { needItem, rootItem } from './tree-item.ts';
import type { ViewFilter } from './view-filter.ts';

/** Lines are made when they are opened; the whole tree is in one answer of the server. */
export function createDependencyProvider(
  roots: DependencyRoots,
  filter: ViewFilter,
): vscode.TreeDataProvider<DependencyNode> {
  const changed = new vscode.EventEmitter<DependencyNode | undefined>();
  roots.onDidChange(uri => changed.fire(uri === undefined ? undefined : roots.node(uri)));
  filter.onDidChange(() => changed.fire(undefined));

  return {
    onDidChangeTreeData: changed.event,
    getTreeItem: node => {
      switch (node.kind) {
        case 'root':
          return rootItem(node, roots.state(node.uri));
        case 'need':
          return needItem(node);
        case 'candidate':
          return candidateItem(node);
        case 'problem':
          return problemItem(node);
        case 'later':
          return laterItem(node);
        case 'soft':
          return softItem(node);
        case 'message':
          return messageItem(node);
      }
    },
    getChildren: node => {
      if (node === undefined) return roots.uris().map(roots.node);
      return node.kind === 'root' ? childrenOfRoot(node, roots, filter) : [...childrenOfNode(node, filter.current())];
    },
    getParent: node => (node.kind === 'root' ? undefined : node.parent),
    resolveTreeItem: (item, node) => {
      if (node.kind === 'need') item.tooltip = needTooltip(node);
      if (node.kind === 'soft') item.tooltip = softTooltip(node);
      return item;
    },
  };
}

/** VS Code shows progress in the view for as long as this takes. */
async function childrenOfRoot(node: RootNode, roots: DependencyRoots, filter: ViewFilter): Promise<DependencyNode[]> {
  const state = await roots.settled(node.uri);
  switch (state.kind) {
    case 'resolved': {
      const { tree } = state;
      const children = childrenOfTree(node, tree, filter.current());
      if (children.length > 0) return [...children];
      const hasNeeds = (tree.objects[tree.root]?.needs.length ?? 0) > 0;
      if (hasNeeds) return [messageNode(node, vscode.l10n.t('The filters of the view hide all that it needs.'))];
      // Static, cut off, for another machine: the server says why there is nothing, where there is a reason.
      const [reason] = tree.problems;
      const words = reason === undefined ? vscode.l10n.t('It needs no shared library.') : displayText(reason.message);
      return [messageNode(node, words)];
    }
    case 'failed':
      return [messageNode(node, state.message)];
    case 'loading':
      return [];
  }
}
