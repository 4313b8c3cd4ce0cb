import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { watchFile } from '../watch-file.ts';

export interface FileProblems extends vscode.Disposable {
  /** Shows the file's findings under Problems, kept current, until what is returned is disposed. */
  open(uri: vscode.Uri): vscode.Disposable;
}

/**
 * The findings of inspected files as Problems. The language client asks for diagnostics of text documents only, and a
 * binary is none; so they are asked for here, with the same request of the protocol.
 */
export function createFileProblems({ server, log }: Services): FileProblems {
  const collection = vscode.languages.createDiagnosticCollection('binaryDetective');

  const open = (uri: vscode.Uri): vscode.Disposable => {
    let asked = new vscode.CancellationTokenSource();
    const refresh = async (): Promise<void> => {
      asked.cancel();
      asked = new vscode.CancellationTokenSource();
      const { token } = asked;
      try {
        const found = await server.diagnostics(uri, token);
        if (!token.isCancellationRequested) collection.set(uri, found);
      } catch (error) {
        // Nobody asked for this by name: the editor itself says why the file cannot be read.
        if (!token.isCancellationRequested) {
          collection.delete(uri);
          log.debug(`No problems for ${uri.fsPath}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    };
    if (uri.scheme !== 'file') return new vscode.Disposable(() => undefined);
    void refresh();
    const watcher = watchFile(uri, () => void refresh());
    return new vscode.Disposable(() => {
      watcher.dispose();
      asked.cancel();
      collection.delete(uri);
    });
  };
  return { open, dispose: () => collection.dispose() };
}
