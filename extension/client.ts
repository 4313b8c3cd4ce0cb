import * as vscode from 'vscode';
import { type CompilerStatus, cythonLanguageId, pythonLanguageId } from '../language-server/protocol/cython.ts';
import { disassemblyLanguageId } from '../language-server/protocol/disassembly.ts';
import type { LanguageConnection } from './language-connection.ts';
import type { LanguageServer, ServerHealth } from './language-server.ts';
import { readSetting, settingIds } from './settings.ts';

export function createLanguageServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): LanguageServer {
  const compilerChanged = new vscode.EventEmitter<CompilerStatus>();
  const healthChanged = new vscode.EventEmitter<ServerHealth>();
  let health: ServerHealth = { kind: 'idle' };
  let connection: Promise<LanguageConnection> | undefined;

  const setHealth = (value: ServerHealth): void => {
    health = value;
    healthChanged.fire(value);
  };
  // Loaded on first use: reading the language client in takes longer than the whole activation may.
  const connect = (): Promise<LanguageConnection> => {
    connection ??= import('./language-connection.ts').then(module =>
      module.createLanguageConnection(context, log, setHealth, status => compilerChanged.fire(status)),
    );
    return connection;
  };
  const started = async (): Promise<LanguageConnection> => {
    const current = await connect();
    try {
      await current.ensureStarted();
    } catch (error) {
      // A client whose start failed cannot be started again; the next request makes a new one.
      connection = undefined;
      await current.dispose();
      throw error;
    }
    return current;
  };
  const subscriptions = [healthChanged, compilerChanged, ...startWithDocuments(log, started)];

  return {
    request: async (method, params, token) => (await started()).request(method, params, token),
    requestWithProgress: async (method, params, onProgress, token) =>
      (await started()).requestWithProgress(method, params, onProgress, token),
    diagnostics: async (uri, previousResultId, token) => (await started()).diagnostics(uri, previousResultId, token),
    notify: async (method, params) => await (await connection)?.notify(method, params),
    restart: async () => (await started()).restart(),
    get health() {
      return health;
    },
    onDidChangeHealth: healthChanged.event,
    onDidChangeCompiler: compilerChanged.event,
    dispose() {
      vscode.Disposable.from(...subscriptions).dispose();
      void connection?.then(current => current.dispose());
    },
  };
}

/** Documents that the language client asks about by itself: the server is started as soon as one is open. */
function startWithDocuments(log: vscode.LogOutputChannel, start: () => Promise<unknown>): readonly vscode.Disposable[] {
  const look = (document: vscode.TextDocument): void => {
    const isPython = document.languageId === pythonLanguageId && readSetting(settingIds.cythonPythonFiles) === true;
    if (!isPython && document.languageId !== cythonLanguageId && document.languageId !== disassemblyLanguageId) return;
    start().catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
  };
  vscode.workspace.textDocuments.forEach(look);
  return [vscode.workspace.onDidOpenTextDocument(look)];
}
