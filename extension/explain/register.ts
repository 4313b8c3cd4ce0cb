import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import { type Explanations, explainText, mayBeLoaderError } from '../../language-server/protocol/explain.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { withLateProgress } from '../late-progress.ts';
import { registerServedText } from '../served-text.ts';
import type { Services } from '../services.ts';
import { explainHere, explanationActions, explanationLenses } from './actions.ts';
import { explanationScheme, explanationUri, parseExplanationUri, type Question } from './document-uri.ts';
import { type ExplanationDocument, explanationDocument } from './explanation-document.ts';
import { folderOf, terminalLinks } from './terminal-links.ts';

/** "Explain Loader Error": on a selection, the clipboard, a message that is typed, and lines of a terminal. */
export function registerExplain(services: Services): vscode.TerminalLinkProvider {
  const { context, server } = services;
  const shown = new Map<string, { readonly document: ExplanationDocument; readonly files: readonly vscode.Uri[] }>();
  const changed = new vscode.EventEmitter<void>();
  const actionsOf = (uri: vscode.Uri) => shown.get(uri.toString())?.document.actions ?? [];

  const texts = registerServedText(services, {
    scheme: explanationScheme,
    ask: async (uri, token) => {
      const question = parseExplanationUri(uri);
      if (question === undefined) return vscode.l10n.t('The text is no longer known. Ask again.');
      const answer = await server.request(explainText, { ...question, searchFolders: workspaceFolders() }, token);
      const document = explanationDocument(answer, (text, ...args) => vscode.l10n.t(text, ...args));
      shown.set(uri.toString(), { document, files: filesOf(answer) });
      changed.fire();
      return document.text;
    },
    files: uri => shown.get(uri.toString())?.files ?? [],
  });
  const explain = async (text: string, folder: vscode.Uri | undefined): Promise<void> => {
    const cwd = folder ?? vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
    const question: Question = { text, ...(cwd !== undefined && { folder: cwd.toString() }) };
    await withLateProgress(vscode.l10n.t('Explaining the error'), token =>
      texts.open(explanationUri(question, vscode.l10n.t('Explanation')), token),
    );
  };

  const links = terminalLinks((text, folder) => vscode.commands.executeCommand(commandIds.explainText, text, folder));
  const selector: vscode.DocumentSelector = { scheme: explanationScheme };
  context.subscriptions.push(
    changed,
    vscode.window.registerTerminalLinkProvider(links),
    vscode.languages.registerCodeLensProvider(selector, explanationLenses(changed.event, actionsOf)),
    vscode.languages.registerCodeActionsProvider(selector, explanationActions(actionsOf)),
    vscode.languages.registerCodeActionsProvider([{ scheme: 'file' }, { scheme: 'untitled' }], explainHere),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => shown.delete(uri.toString())),
  );
  registerCommand(services, commandIds.explainSelection, line => explain(selectedText(line), activeFolder()));
  registerCommand(services, commandIds.explainText, async (given, folder) => {
    const text = typeof given === 'string' ? given : await askForText();
    if (text !== undefined) await explain(text, folder instanceof vscode.Uri ? folder : undefined);
  });
  registerCommand(services, commandIds.explainTerminal, async () => {
    const terminal = vscode.window.activeTerminal;
    await explain(await terminalSelection(), terminal === undefined ? undefined : folderOf(terminal));
  });
  registerCommand(services, commandIds.copyRemedy, text => vscode.env.clipboard.writeText(String(text)));
  registerCommand(services, commandIds.insertRemedy, text => insertIntoTerminal(String(text)));
  return links;
}

/** The command stands there for the person to look at, change and run. */
function insertIntoTerminal(text: string): void {
  const terminal = vscode.window.activeTerminal ?? vscode.window.createTerminal();
  terminal.show();
  terminal.sendText(text.replace(/\n/gu, ' '), false);
}

function workspaceFolders(): readonly string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => uri.toString());
}

/** The explanation follows what happens to these. */
function filesOf({ explanations }: Explanations): readonly vscode.Uri[] {
  const named = explanations.flatMap(({ object, program, requiredBy, provider }) => [
    object,
    program,
    requiredBy,
    provider,
  ]);
  const paths = new Set(named.flatMap(file => (file?.path == null ? [] : [file.path])));
  return [...paths].slice(0, 20).map(path => vscode.Uri.file(path));
}

/** What is selected; where nothing is, the line of the cursor with those around it, which a traceback needs. */
function selectedText(line: unknown): string {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    throw new UserError('notFound', vscode.l10n.t('Select the error message in an editor first.'));
  }
  const { document, selection } = editor;
  if (!selection.isEmpty) return document.getText(selection);
  const at = typeof line === 'number' ? line : selection.active.line;
  const around = new vscode.Range(Math.max(0, at - 60), 0, at + 2, 0);
  return mayBeLoaderError(document.lineAt(at).text) ? document.getText(around) : document.getText();
}

function activeFolder(): vscode.Uri | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === 'file'
    ? (vscode.workspace.getWorkspaceFolder(uri)?.uri ?? vscode.Uri.joinPath(uri, '..'))
    : undefined;
}

/** The clipboard where it holds such an error and the person says so; else what is typed. */
async function askForText(): Promise<string | undefined> {
  const clipboard = await vscode.env.clipboard.readText();
  const line = clipboard.split('\n').find(mayBeLoaderError);
  if (line !== undefined) {
    const paste = { label: vscode.l10n.t('Explain what is in the clipboard'), detail: line.trim().slice(0, 200) };
    const type = { label: vscode.l10n.t('Type or paste another message…') };
    const choice = await vscode.window.showQuickPick([paste, type], { title: vscode.l10n.t('Explain Loader Error') });
    if (choice === undefined) return undefined;
    if (choice === paste) return clipboard;
  }
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Explain Loader Error'),
    prompt: vscode.l10n.t('The message as the program, Python or the link editor printed it'),
    placeHolder: './app: error while loading shared libraries: libfoo.so.1: cannot open shared object file: …',
    ignoreFocusOut: true,
  });
  return text === '' ? undefined : text;
}

/** VS Code lets no extension read what is selected in a terminal, but copies it; the clipboard is given back. */
async function terminalSelection(): Promise<string> {
  const before = await vscode.env.clipboard.readText();
  await vscode.env.clipboard.writeText('');
  await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
  const text = await vscode.env.clipboard.readText();
  await vscode.env.clipboard.writeText(before);
  if (text.trim() === '') {
    throw new UserError('notFound', vscode.l10n.t('Select the error message in the terminal first.'));
  }
  return text;
}
