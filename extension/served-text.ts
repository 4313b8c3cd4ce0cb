import * as vscode from 'vscode';
import { failureText } from './failure.ts';
import type { Services } from './services.ts';
import { watchFile } from './watch-file.ts';

export interface ServedTextOptions {
  readonly scheme: string;
  /** The whole text of a document, from what its URI says. */
  readonly ask: (uri: vscode.Uri, token: vscode.CancellationToken) => Promise<string>;
  /** The files that the text is about: when one changes, the open document follows. */
  readonly files: (uri: vscode.Uri) => readonly vscode.Uri[];
}

/** Read-only text documents whose text comes from the server and follows the files that it is about. */
export interface ServedText {
  /** Asks for the text and shows it. @throws as {@link ServedTextOptions.ask}. */
  open(uri: vscode.Uri, token: vscode.CancellationToken): Promise<void>;
}

export function registerServedText({ context, log }: Services, options: ServedTextOptions): ServedText {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  /** Texts between the answer and the moment when VS Code asks for the document. */
  const fresh = new Map<string, string>();
  /** Of documents that are open. */
  const watchers = new Map<string, vscode.Disposable>();

  const watch = (uri: vscode.Uri): void => {
    const key = uri.toString();
    if (watchers.has(key)) return;
    const files = options.files(uri).map(file => watchFile(file, () => changed.fire(uri)));
    watchers.set(key, vscode.Disposable.from(...files));
  };
  const provideText = async (uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> => {
    watch(uri);
    const text = fresh.get(uri.toString());
    fresh.delete(uri.toString());
    if (text !== undefined) return text;
    try {
      return await options.ask(uri, token);
    } catch (error) {
      if (token.isCancellationRequested || error instanceof vscode.CancellationError) throw error;
      // Nobody waits for it any more, and the old text would be a lie about a file that is gone or broken.
      log.info(`${uri.toString()}: ${failureText(error)}`);
      return `${failureText(error)}\n`;
    }
  };

  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(options.scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: provideText,
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme !== options.scheme) return;
      watchers.get(uri.toString())?.dispose();
      watchers.delete(uri.toString());
    }),
    new vscode.Disposable(() => vscode.Disposable.from(...watchers.values()).dispose()),
  );
  return {
    open: async (uri, token) => {
      // Asked here and not by the provider: errors keep their remedy, and the person can cancel.
      fresh.set(uri.toString(), await options.ask(uri, token));
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { preview: true });
    },
  };
}
