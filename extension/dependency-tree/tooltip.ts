import * as vscode from 'vscode';
import type { TriedCandidate } from '../../language-server/protocol/dependencies.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { NeedNode, SoftNode } from './model.ts';
import { howFoundText, softKindText } from './wording.ts';

/** More candidates than this do not fit in a tooltip; the lines below have all. */
const shownCandidates = 20;

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

/** What the file says of a library that it may load later. */
export function softTooltip({ edge, tree }: SoftNode): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  const say = (line: string): void => {
    text.appendText(line).appendMarkdown('\n\n');
  };
  say(displayText(edge.path ?? edge.name));
  say(softKindText(edge));
  if (edge.description !== undefined) say(displayText(edge.description));
  if (edge.how !== null) say(vscode.l10n.t('Found by: {0}', howFoundText(edge.how)));
  if (edge.alternatives !== undefined) {
    say(vscode.l10n.t('One of these is enough: {0}', edge.alternatives.map(displayText).join(', ')));
  }
  appendTried(text, edge.tried);
  say(vscode.l10n.t('The loader shows the same with:'));
  text.appendCodeblock(displayText(tree.command), 'sh');
  return text;
}
