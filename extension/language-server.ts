import type * as vscode from 'vscode';
import type { CompilerStatus } from '../language-server/protocol/cython.ts';
import type { NotificationMethod, RequestMethod } from '../language-server/protocol/method.ts';

export type ServerHealth =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly message: string };

export interface FileDiagnostics {
  readonly items: vscode.Diagnostic[];
  /** Where one was asked about: to be given back the next time. */
  readonly resultId: string | undefined;
}

/** The language server as the features see it: started by the first request, started again by the first one after it died. */
export interface LanguageServer extends vscode.Disposable {
  /** @throws UserError as the method's contract says, vscode.CancellationError, or an Error with a sentence. */
  request<Params, Result>(
    method: RequestMethod<Params, Result>,
    params: Params,
    token?: vscode.CancellationToken,
  ): Promise<Result>;
  /** A request whose partial results are streamed while it runs. */
  requestWithProgress<Params extends object, Progress, Result>(
    method: RequestMethod<Params, Result>,
    params: Params,
    onProgress: (value: Progress) => void,
    token: vscode.CancellationToken,
  ): Promise<Result>;
  /** What the server finds in a file that need not be open as a text document. */
  diagnostics(
    uri: vscode.Uri,
    /** The `resultId` of the last answer, empty before the first: asks what a build has lost since then. */
    previousResultId: string | undefined,
    token: vscode.CancellationToken,
  ): Promise<FileDiagnostics>;
  /** Where the server runs; else nothing is sent, and who has to tell it tells it again when it runs. */
  notify<Params>(method: NotificationMethod<Params>, params: Params): Promise<void>;
  restart(): Promise<void>;
  readonly health: ServerHealth;
  readonly onDidChangeHealth: vscode.Event<ServerHealth>;
  readonly onDidChangeCompiler: vscode.Event<CompilerStatus>;
}
