import * as vscode from 'vscode';
import type { TreeObject, TriedCandidate } from '../../language-server/protocol/dependencies.ts';
import { displayText, isPlainText } from '../../language-server/protocol/display-text.ts';
import { fileName } from '../inspected-file.ts';
import { decorationUri } from './decorations.ts';
import { type MessageNode, missingNames, type NeedNode, type RootNode, rootObject } from './model.ts';
import type { RootState } from './roots.ts';
import { howFoundText, problemCount } from './wording.ts';

const errorColor = new vscode.ThemeColor('list.errorForeground');
/** More candidates than this do not fit in a tooltip; the text copy has all. */
const shownCandidates = 20;

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
  const expandable = node.object !== undefined && node.object.needs.length > 0 && !node.repeats;
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, expandable ? Collapsed : None);
  item.id = node.id;
  if (node.object === undefined) describeMissing(item, node);
  else describeFound(item, node, node.object);
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  return item;
}

function describeMissing(item: vscode.TreeItem, node: NeedNode): void {
  item.iconPath = new vscode.ThemeIcon('error', errorColor);
  item.description = vscode.l10n.t('not found');
  item.contextValue = 'missing';
  item.resourceUri = decorationUri(node.id, 'missing', 0);
}

function describeFound(item: vscode.TreeItem, node: NeedNode, object: TreeObject): void {
  const problems = node.repeats ? 0 : object.problemsBelow;
  const how = node.repeats ? vscode.l10n.t('already loaded above') : node.need.how && howFoundText(node.need.how);
  item.iconPath = new vscode.ThemeIcon(node.repeats ? 'references' : 'library', problems > 0 ? errorColor : undefined);
  item.description = problems === 0 ? (how ?? '') : `${problemCount(problems)} · ${how ?? ''}`;
  // VS Code can't open a path that is not UTF-8 text.
  item.contextValue = isPlainText(object.path) ? 'object file' : 'object';
  item.resourceUri = decorationUri(node.id, problems > 0 ? 'above-missing' : 'found', problems);
}

export function messageItem(node: MessageNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.message);
  item.id = node.id;
  item.iconPath = new vscode.ThemeIcon('info');
  item.tooltip = node.message;
  return item;
}

/** Made only for the line under the pointer. */
export function needTooltip(node: NeedNode): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  const say = (line: string): void => {
    text.appendText(line).appendMarkdown('\n\n');
  };
  if (node.object === undefined) say(vscode.l10n.t('The loader would not find {0}.', displayText(node.need.name)));
  else say(displayText(node.object.path));
  if (node.need.how !== null) say(vscode.l10n.t('Found by: {0}', howFoundText(node.need.how)));
  if (node.object?.soname) say(`SONAME ${displayText(node.object.soname)} · ${node.object.machine}`);
  for (const problem of node.tree.problems) {
    if (problem.object === node.need.object || (node.object === undefined && problem.edge === node.need.name)) {
      text.appendMarkdown('$(warning) ');
      say(problem.message);
    }
  }
  appendTried(text, node.need.tried);
  say(vscode.l10n.t('The loader shows the same with:'));
  text.appendCodeblock(displayText(node.tree.command), 'sh');
  return text;
}

function appendTried(text: vscode.MarkdownString, tried: readonly TriedCandidate[]): void {
  if (tried.length === 0) return;
  text.appendText(vscode.l10n.t('Tried before:')).appendMarkdown('\n\n');
  const lines = tried.slice(0, shownCandidates).map(({ path, outcome }) => `${displayText(path)}  ${outcome}`);
  if (tried.length > shownCandidates) lines.push(vscode.l10n.t('… and {0} more', tried.length - shownCandidates));
  text.appendCodeblock(lines.join('\n'), 'text');
}
