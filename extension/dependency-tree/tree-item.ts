import * as vscode from 'vscode';
import type { TreeObject } from '../../language-server/protocol/dependencies.ts';
import { displayText, isPlainText } from '../../language-server/protocol/display-text.ts';
import { fileName } from '../inspected-file.ts';
import { decorationUri } from './decorations.ts';
import { edgeProblems, missingNames, type NeedNode, type RootNode, rootObject } from './model.ts';
import type { RootState } from './roots.ts';
import { howFoundText, problemCount } from './wording.ts';

const errorColor = new vscode.ThemeColor('list.errorForeground');

export function rootItem(node: RootNode, state: RootState): vscode.TreeItem {
  const uri = vscode.Uri.parse(node.uri);
  const item = new vscode.TreeItem(fileName(uri), vscode.TreeItemCollapsibleState.Expanded);
  item.id = node.id;
  item.contextValue = 'root file';
  item.iconPath = new vscode.ThemeIcon('file-binary');
  item.tooltip = uri.fsPath;
  if (state.kind === 'loading') {
    item.iconPath = new vscode.ThemeIcon('loading~spin');
    item.description = vscode.l10n.t('resolving…');
    return item;
  }
  if (state.kind === 'failed') {
    item.iconPath = new vscode.ThemeIcon('error', errorColor);
    item.description = vscode.l10n.t('cannot be resolved');
    return item;
  }
  const problems = rootObject(state.tree)?.problemsBelow ?? 0;
  const objects = state.tree.loadOrder.length;
  const missing = missingNames(state.tree).size;
  const size = objects === 1 ? vscode.l10n.t('1 object') : vscode.l10n.t('{0} objects', objects);
  item.description = problems === 0 ? size : `${problemCount(problems)} · ${size}`;
  item.resourceUri = decorationUri(node.id, missing > 0 ? 'above-missing' : 'found', problems);
  item.accessibilityInformation = { label: `${fileName(uri)}, ${item.description}` };
  if (problems > 0) item.iconPath = new vscode.ThemeIcon('file-binary', errorColor);
  return item;
}

export function needItem(node: NeedNode): vscode.TreeItem {
  const name = displayText(node.need.name);
  const expandable = canExpand(node);
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, expandable ? Collapsed : None);
  item.id = node.id;
  if (node.object === undefined) describeMissing(item, node);
  else describeFound(item, node, node.object);
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  return item;
}

/** Also what is missing has something below it: where the loader looks. */
function canExpand(node: NeedNode): boolean {
  const { object, need, repeats } = node;
  if (object === undefined) return need.tried.length > 0;
  if (edgeProblems(node).length > 0) return true;
  return !repeats && (object.needs.length > 0 || (object.softEdges?.length ?? 0) > 0);
}

function describeMissing(item: vscode.TreeItem, node: NeedNode): void {
  item.iconPath = new vscode.ThemeIcon('error', errorColor);
  item.description = vscode.l10n.t('not found');
  item.contextValue = 'missing';
  item.resourceUri = decorationUri(node.id, 'missing', 0);
}

function describeFound(item: vscode.TreeItem, node: NeedNode, object: TreeObject): void {
  const own = edgeProblems(node).length;
  const problems = node.repeats ? own : Math.max(object.problemsBelow, own);
  const how = node.repeats ? vscode.l10n.t('already loaded above') : node.need.how && howFoundText(node.need.how);
  item.iconPath = new vscode.ThemeIcon(node.repeats ? 'references' : 'library', problems > 0 ? errorColor : undefined);
  item.description = problems === 0 ? (how ?? '') : `${problemCount(problems)} · ${how ?? ''}`;
  // VS Code can't open a path that is not UTF-8 text.
  item.contextValue = isPlainText(object.path) ? 'object file' : 'object';
  item.resourceUri = decorationUri(node.id, problems > 0 ? 'above-missing' : 'found', problems);
}
