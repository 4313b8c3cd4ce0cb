import * as vscode from 'vscode';
import { displayText, isPlainText } from '../../language-server/protocol/display-text.ts';
import type { CandidateNode, LaterNode, MessageNode, ProblemNode, SoftNode } from './model.ts';
import { softKindText } from './wording.ts';

/** A place where the loader looked, and why it did not take what was there. */
export function candidateItem({ id, candidate }: CandidateNode): vscode.TreeItem {
  const path = displayText(candidate.path);
  const item = new vscode.TreeItem(path);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon('circle-slash');
  item.description = displayText(candidate.outcome);
  item.tooltip = `${path}: ${item.description}`;
  item.contextValue = 'candidate';
  item.accessibilityInformation = { label: vscode.l10n.t('tried {0}: {1}', path, item.description) };
  return item;
}

export function problemItem({ id, problem }: ProblemNode): vscode.TreeItem {
  const message = displayText(problem.message);
  const item = new vscode.TreeItem(message);
  item.id = id;
  const isError = problem.severity === 'error';
  const color = new vscode.ThemeColor(isError ? 'list.errorForeground' : 'list.warningForeground');
  item.iconPath = new vscode.ThemeIcon(isError ? 'error' : 'warning', color);
  item.tooltip = [message, problem.evidence?.rule, problem.evidence?.command].filter(Boolean).join('\n\n');
  item.contextValue = 'problem';
  item.accessibilityInformation = { label: message };
  return item;
}

export function laterItem({ id, edges }: LaterNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Not by a need, or later'), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = id;
  item.description = String(edges.length);
  item.iconPath = new vscode.ThemeIcon('history');
  item.tooltip = vscode.l10n.t(
    'What may be loaded while the program runs: dlopen notes and hints, and the program interpreter.',
  );
  item.contextValue = 'later';
  item.accessibilityInformation = { label: `${item.label}, ${edges.length}` };
  return item;
}

export function softItem({ id, edge }: SoftNode): vscode.TreeItem {
  const name = displayText(edge.name);
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const isMissing = edge.path === null;
  const item = new vscode.TreeItem(name, isMissing && edge.tried.length > 0 ? Collapsed : None);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon(isMissing ? 'circle-slash' : 'history');
  const kind = softKindText(edge);
  item.description = isMissing ? `${kind} · ${vscode.l10n.t('not found')}` : kind;
  item.contextValue = edge.path !== null && isPlainText(edge.path) ? 'soft file' : 'soft';
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  return item;
}

export function messageItem(node: MessageNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.message);
  item.id = node.id;
  item.iconPath = new vscode.ThemeIcon('info');
  item.tooltip = node.message;
  item.accessibilityInformation = { label: node.message };
  return item;
}
