import * as vscode from 'vscode';
import { displayText, isPlainText } from '../../language-server/protocol/display-text.ts';
import type { WhoNeeds } from '../../language-server/protocol/scan.ts';
import { failureText } from '../failure.ts';
import { fileName } from '../inspected-file.ts';
import {
  type DependentNode,
  dependentNodes,
  type LibraryNode,
  libraryNode,
  messageNode,
  type WhoNeedsNode,
} from './model.ts';

export interface WhoNeedsProvider extends vscode.TreeDataProvider<WhoNeedsNode> {
  /** Asks about another library, or anew; the node that stands for it. */
  show(library: vscode.Uri): LibraryNode;
  readonly library: vscode.Uri | undefined;
}

/** @param ask Who needs a file; rejects with a sentence. */
export function createWhoNeedsProvider(ask: (file: vscode.Uri) => Promise<WhoNeeds>): WhoNeedsProvider {
  const changed = new vscode.EventEmitter<undefined>();
  let root: LibraryNode | undefined;
  return {
    onDidChangeTreeData: changed.event,
    get library() {
      return root === undefined ? undefined : vscode.Uri.parse(root.uri, true);
    },
    show(library) {
      root = libraryNode(library.toString());
      changed.fire(undefined);
      return root;
    },
    getTreeItem: node => {
      switch (node.kind) {
        case 'library':
          return libraryItem(node);
        case 'dependent':
          return dependentItem(node);
        case 'message':
          return messageItem(node.id, node.message);
      }
    },
    getChildren: async node => {
      if (node === undefined) return root === undefined ? [] : [root];
      return node.kind === 'message' || isLeaf(node) ? [] : await childrenOf(node, ask);
    },
    getParent: node => (node.kind === 'library' ? undefined : node.parent),
    resolveTreeItem: (item, node) => {
      if (node.kind === 'dependent') item.tooltip = dependentTooltip(node);
      return item;
    },
  };
}

/** VS Code shows progress in the view for as long as this takes. */
async function childrenOf(
  node: LibraryNode | DependentNode,
  ask: (file: vscode.Uri) => Promise<WhoNeeds>,
): Promise<WhoNeedsNode[]> {
  try {
    const answer = await ask(vscode.Uri.parse(node.uri, true));
    const children: WhoNeedsNode[] = [...dependentNodes(node, answer)];
    if (children.length === 0) {
      children.push(
        messageNode(node, vscode.l10n.t('Nothing among {0} ELF files needs it.', answer.elf.toLocaleString())),
      );
    }
    if (answer.incomplete !== null) children.push(messageNode(node, displayText(answer.incomplete)));
    if (answer.unreadable > 0) {
      children.push(messageNode(node, vscode.l10n.t('{0} could not be read', answer.unreadable)));
    }
    return children;
  } catch (error) {
    const stopped = error instanceof vscode.CancellationError;
    return [messageNode(node, stopped ? vscode.l10n.t('The search was cancelled.') : failureText(error))];
  }
}

/** Nothing needs a program, and a circle has been seen. */
function isLeaf(node: LibraryNode | DependentNode): boolean {
  return node.kind === 'dependent' && (node.dependent.soname === null || node.repeats);
}

function libraryItem(node: LibraryNode): vscode.TreeItem {
  const uri = vscode.Uri.parse(node.uri, true);
  const item = new vscode.TreeItem(fileName(uri), vscode.TreeItemCollapsibleState.Expanded);
  item.id = node.id;
  item.contextValue = 'library file';
  item.iconPath = new vscode.ThemeIcon('library');
  item.description = vscode.l10n.t('is needed by');
  item.tooltip = uri.fsPath;
  return item;
}

function dependentItem(node: DependentNode): vscode.TreeItem {
  const { path, how } = node.dependent;
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const name = displayText(path.slice(path.lastIndexOf('/') + 1));
  const item = new vscode.TreeItem(name, isLeaf(node) ? None : Collapsed);
  item.id = node.id;
  // VS Code can't open a path that is not UTF-8 text.
  item.contextValue = isPlainText(path) ? 'dependent file' : 'dependent';
  item.iconPath = iconOf(node);
  const place = displayText(vscode.workspace.asRelativePath(path));
  item.description = how === 'resolved' ? place : `${howText(node)} · ${place}`;
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  return item;
}

function iconOf({ dependent, repeats }: DependentNode): vscode.ThemeIcon {
  if (dependent.how === 'missing') return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  if (dependent.how === 'elsewhere')
    return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  if (repeats) return new vscode.ThemeIcon('references');
  return new vscode.ThemeIcon(dependent.soname === null ? 'file-binary' : 'library');
}

function howText({ dependent: { how, object } }: DependentNode): string {
  switch (how) {
    case 'resolved':
      return vscode.l10n.t('gets this file');
    case 'elsewhere':
      return vscode.l10n.t('asks for it, gets {0}', displayText(object ?? ''));
    case 'missing':
      return vscode.l10n.t('asks for it, and nothing is found');
  }
}

/** Made only for the line under the pointer. */
function dependentTooltip(node: DependentNode): vscode.MarkdownString {
  const { path, name, command } = node.dependent;
  const text = new vscode.MarkdownString();
  text.appendText(displayText(path)).appendMarkdown('\n\n');
  text.appendText(`NEEDED ${displayText(name)}: ${howText(node)}`).appendMarkdown('\n\n');
  text.appendCodeblock(displayText(command), 'sh');
  return text;
}

function messageItem(id: string, message: string): vscode.TreeItem {
  const item = new vscode.TreeItem(message);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon('info');
  item.tooltip = message;
  return item;
}
