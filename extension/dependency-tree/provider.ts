import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import {
  type DependencyNode,
  messageNode,
  type NeedNode,
  needsOfNode,
  needsOfRoot,
  type RootNode,
  rootNode,
} from './model.ts';
import type { DependencyRoots } from './roots.ts';
import { messageItem, needItem, needTooltip, rootItem } from './tree-item.ts';

/** Lines are made when they are opened; the whole tree is in one answer of the server. */
export function createDependencyProvider(roots: DependencyRoots): vscode.TreeDataProvider<DependencyNode> {
  const changed = new vscode.EventEmitter<DependencyNode | undefined>();
  // VS Code refreshes a line by the object that it was given, so there is one object a root.
  const nodes = new Map<string, RootNode>();
  const nodeOf = (uri: string): RootNode => {
    const node = nodes.get(uri) ?? rootNode(uri);
    nodes.set(uri, node);
    return node;
  };
  roots.onDidChange(uri => {
    for (const known of nodes.keys()) if (!roots.uris().includes(known)) nodes.delete(known);
    changed.fire(uri === undefined ? undefined : nodes.get(uri));
  });

  return {
    onDidChangeTreeData: changed.event,
    getTreeItem: node => {
      switch (node.kind) {
        case 'root':
          return rootItem(node, roots.state(node.uri));
        case 'need':
          return needItem(node);
        case 'message':
          return messageItem(node);
      }
    },
    getChildren: node => {
      if (node === undefined) return roots.uris().map(nodeOf);
      switch (node.kind) {
        case 'root':
          return childrenOfRoot(node, roots);
        case 'need':
          return [...needsOfNode(node)];
        case 'message':
          return [];
      }
    },
    getParent: node => (node.kind === 'root' ? undefined : node.parent),
    resolveTreeItem: (item, node) => {
      if (node.kind === 'need') item.tooltip = needTooltip(node);
      return item;
    },
  };
}

/** VS Code shows progress in the view for as long as this takes. */
async function childrenOfRoot(node: RootNode, roots: DependencyRoots): Promise<DependencyNode[]> {
  const state = await roots.settled(node.uri);
  switch (state.kind) {
    case 'resolved': {
      const needs: readonly NeedNode[] = needsOfRoot(node, state.tree);
      if (needs.length > 0) return [...needs];
      // Static, cut off, for another machine: the server says why there is nothing, where there is a reason.
      const [reason] = state.tree.problems;
      return [
        messageNode(
          node,
          reason === undefined ? vscode.l10n.t('It needs no shared library.') : displayText(reason.message),
        ),
      ];
    }
    case 'failed':
      return [messageNode(node, state.message)];
    case 'loading':
      return [];
  }
}
