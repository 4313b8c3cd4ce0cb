import * as vscode from 'vscode';
import { mayBeLoaderError } from '../../language-server/protocol/explain.ts';
import { commandIds } from '../command-ids.ts';
import type { LineAction } from './explanation-document.ts';

/** The actions of a document as code lenses: what can be done stands above the line that it is about. */
export function explanationLenses(
  changed: vscode.Event<void>,
  actionsOf: (uri: vscode.Uri) => readonly LineAction[],
): vscode.CodeLensProvider {
  return {
    onDidChangeCodeLenses: changed,
    provideCodeLenses: ({ uri }) =>
      actionsOf(uri).map(item => new vscode.CodeLens(new vscode.Range(item.line, 0, item.line, 0), commandOf(item))),
  };
}

/** The same by the keyboard (Quick Fix), for the line of the cursor and the command that stands below it. */
export function explanationActions(actionsOf: (uri: vscode.Uri) => readonly LineAction[]): vscode.CodeActionProvider {
  return {
    provideCodeActions: ({ uri }, { start, end }) =>
      actionsOf(uri)
        .filter(({ line }) => line >= start.line - 2 && line <= end.line + 2)
        .map(item => actionWith(commandOf(item))),
  };
}

/** "Explain Loader Error" on the lines of any document that tell of one: a log, a report, a commit message. */
export const explainHere: vscode.CodeActionProvider = {
  provideCodeActions: (document, range) => {
    const last = Math.min(range.end.line, range.start.line + 200);
    for (let line = range.start.line; line <= last; line += 1) {
      if (!mayBeLoaderError(document.lineAt(line).text)) continue;
      return [
        actionWith({
          title: vscode.l10n.t('Explain Loader Error'),
          command: commandIds.explainSelection,
          arguments: [range.start.line],
        }),
      ];
    }
    return [];
  },
};

function actionWith(command: vscode.Command): vscode.CodeAction {
  const action = new vscode.CodeAction(command.title, vscode.CodeActionKind.QuickFix);
  action.command = command;
  return action;
}

function commandOf({ title, action }: LineAction): vscode.Command {
  switch (action.kind) {
    case 'copy':
      return { title, command: commandIds.copyRemedy, arguments: [action.text] };
    case 'terminal':
      return { title, command: commandIds.insertRemedy, arguments: [action.text] };
    case 'inspect':
      return { title, command: commandIds.inspect, arguments: [vscode.Uri.file(action.path)] };
    case 'tree':
      return { title, command: commandIds.showDependencyTree, arguments: [vscode.Uri.file(action.path)] };
  }
}
