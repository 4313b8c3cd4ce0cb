import * as vscode from 'vscode';
import { interpreterChosen } from '../../language-server/protocol/cython.ts';
import type { Services } from '../services.ts';

/** What we use of the Python extension's interface (@vscode/python-extension). */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(environment: { readonly path: string }): Promise<ResolvedEnvironment | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

interface ResolvedEnvironment {
  readonly executable: { readonly uri: vscode.Uri | undefined };
}

const pythonExtensionId = 'ms-python.python';

/** Tells the server which interpreter a person has chosen in the Python extension, where there is one, whenever it starts. */
export function registerChosenInterpreter({ context, log, server }: Services): void {
  let listening: vscode.Disposable | undefined;
  const tell = async (): Promise<void> => {
    const extension = vscode.extensions.getExtension<unknown>(pythonExtensionId);
    if (extension === undefined) return;
    const api: unknown = await extension.activate();
    if (!isPythonApi(api)) return;
    const { environments } = api;
    listening ??= environments.onDidChangeActiveEnvironmentPath(() => void guarded());
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
    const path = environment?.executable.uri?.fsPath;
    await server.notify(interpreterChosen, path === undefined ? {} : { path });
  };
  const guarded = async (): Promise<void> => {
    try {
      await tell();
    } catch (error) {
      log.warn(`The Python extension does not say which interpreter is chosen: ${String(error)}`);
    }
  };
  context.subscriptions.push(
    server.onDidChangeHealth(({ kind }) => {
      if (kind === 'running') void guarded();
    }),
    new vscode.Disposable(() => listening?.dispose()),
  );
}

function isPythonApi(api: unknown): api is PythonApi {
  if (typeof api !== 'object' || api === null || !('environments' in api)) return false;
  const { environments } = api;
  return typeof environments === 'object' && environments !== null && 'resolveEnvironment' in environments;
}
