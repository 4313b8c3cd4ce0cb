import * as vscode from 'vscode';
import {
  CloseAction,
  DocumentDiagnosticReportKind,
  DocumentDiagnosticRequest,
  ErrorAction,
  ErrorCodes,
  LanguageClient,
  LSPErrorCodes,
  ProgressType,
  ResponseError,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import {
  type CompilerStatus,
  compilerStatusChanged,
  cythonLanguageId,
  pythonLanguageId,
} from '../language-server/protocol/cython.ts';
import { disassemblyLanguageId, disassemblyScheme } from '../language-server/protocol/disassembly.ts';
import { type ErrorData, errorCodes, UserError } from '../language-server/protocol/errors.ts';
import type { NotificationMethod, RequestMethod } from '../language-server/protocol/method.ts';
import { type InitializationOptions, trustGranted } from '../language-server/protocol/workspace.ts';
import type { LanguageServer, ServerHealth } from './language-server.ts';
import { readSetting, settingIds } from './settings.ts';

export interface LanguageConnection
  extends Pick<LanguageServer, 'request' | 'requestWithProgress' | 'diagnostics' | 'notify' | 'restart'> {
  ensureStarted(): Promise<void>;
  dispose(): Promise<void>;
}

/** A server that dies this often within {@link crashWindowMs} is left alone until someone asks something of it. */
const crashesAllowed = 4;
const crashWindowMs = 180_000;

export function createLanguageConnection(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  onHealth: (health: ServerHealth) => void,
  onCompiler: (status: CompilerStatus) => void,
): LanguageConnection {
  const client = createClient(context, log, onHealth);
  client.onNotification(compilerStatusChanged.method, onCompiler);
  let starting: Promise<void> | undefined;
  let requests = 0;

  const ensureStarted = (): Promise<void> => {
    if (client.state === State.Running) return Promise.resolve();
    starting ??= startClient(client, log, onHealth).finally(() => {
      starting = undefined;
    });
    return starting;
  };
  const send = async <Result>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<Result> => {
    try {
      return await (token === undefined
        ? client.sendRequest<Result>(method, params)
        : client.sendRequest<Result>(method, params, token));
    } catch (error) {
      throw personalError(error);
    }
  };
  const trust = vscode.workspace.onDidGrantWorkspaceTrust(async () => {
    // A server that is not running learns of it when it starts.
    if (client.state === State.Running) await client.sendNotification(trustGranted.method, {});
  });

  return {
    ensureStarted,
    request: <Params, Result>(
      method: RequestMethod<Params, Result>,
      params: Params,
      token?: vscode.CancellationToken,
    ) => send<Result>(method.method, params, token),
    requestWithProgress: async <Params extends object, Progress, Result>(
      method: RequestMethod<Params, Result>,
      params: Params,
      onProgress: (value: Progress) => void,
      token: vscode.CancellationToken,
    ) => {
      requests += 1;
      const partialResultToken = `binaryDetective/${requests}`;
      const progress = client.onProgress(new ProgressType<Progress>(), partialResultToken, onProgress);
      try {
        return await send<Result>(method.method, { ...params, partialResultToken }, token);
      } finally {
        progress.dispose();
      }
    },
    diagnostics: async (uri, previousResultId, token) => {
      const textDocument = { uri: client.code2ProtocolConverter.asUri(uri) };
      const report = await send<{ kind: string; items?: []; resultId?: string }>(
        DocumentDiagnosticRequest.method,
        { textDocument, ...(previousResultId !== undefined && { previousResultId }) },
        token,
      );
      if (report.kind !== DocumentDiagnosticReportKind.Full) return { items: [], resultId: undefined };
      const items = await client.protocol2CodeConverter.asDiagnostics(report.items ?? [], token);
      return { items, resultId: report.resultId };
    },
    notify: async <Params>({ method }: NotificationMethod<Params>, params: Params) => {
      if (client.state === State.Running) await client.sendNotification(method, params);
    },
    restart: async () => {
      if (client.state === State.Running) await client.stop();
      await ensureStarted();
    },
    dispose: async () => {
      trust.dispose();
      if (client.needsStop()) await client.dispose();
    },
  };
}

/** Logs and shows its health, where the library would pop up messages of its own beside ours. */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function createClient(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  onHealth: (health: ServerHealth) => void,
): LanguageClient {
  const module = context.asAbsolutePath('dist/binary-detective.cjs');
  const run = { module, transport: TransportKind.ipc, args: ['lsp'] };
  const crashes: number[] = [];
  const initializationOptions = (): InitializationOptions => ({ trusted: vscode.workspace.isTrusted });
  const client: LanguageClient = new QuietLanguageClient(
    'binaryDetective',
    'Binary Detective',
    { run, debug: { ...run, options: { execArgv: ['--enable-source-maps'] } } },
    {
      documentSelector: [
        { scheme: 'file', language: cythonLanguageId },
        // Read when the server starts: files that do not import cython are answered with nothing.
        ...(readSetting(settingIds.cythonPythonFiles) === true ? [{ scheme: 'file', language: pythonLanguageId }] : []),
        { scheme: disassemblyScheme },
        // Listings that were saved or pasted.
        { language: disassemblyLanguageId },
      ],
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // A function: a restarted server is told what holds then.
      initializationOptions,
      initializationFailedHandler: error => {
        log.error(`The language server did not initialize: ${error instanceof Error ? error.message : String(error)}`);
        return false;
      },
      errorHandler: {
        error: (error, _message, count) => {
          log.error(error);
          return { action: (count ?? 0) <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown, handled: true };
        },
        closed: () => {
          // It died before it could speak: a second try would end the same way, and the first caller gets the error.
          if (client.state === State.Starting) return { action: CloseAction.DoNotRestart, handled: true };
          const now = Date.now();
          crashes.push(now);
          const recent = crashes.filter(time => now - time < crashWindowMs).length;
          log.error(`The language server died (${recent} in the last minutes).`);
          if (recent <= crashesAllowed) return { action: CloseAction.Restart, handled: true };
          onHealth({ kind: 'failed', message: vscode.l10n.t('It stopped {0} times in three minutes.', recent) });
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    },
  );
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) onHealth({ kind: 'running' });
    else if (newState === State.Starting) onHealth({ kind: 'starting' });
    else if (newState === State.StartFailed) {
      onHealth({ kind: 'failed', message: vscode.l10n.t('It could not be started.') });
    }
  });
  return client;
}

async function startClient(
  client: LanguageClient,
  log: vscode.LogOutputChannel,
  onHealth: (health: ServerHealth) => void,
): Promise<void> {
  const began = performance.now();
  onHealth({ kind: 'starting' });
  try {
    await client.start();
    log.info(`The language server started in ${(performance.now() - began).toFixed(0)} ms.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    onHealth({ kind: 'failed', message: reason });
    throw new Error(vscode.l10n.t('The language server of Binary Detective could not be started: {0}', reason));
  }
}

/** What the wire says, as the errors that the features and {@link showFailure} know. */
function personalError(error: unknown): unknown {
  if (!(error instanceof ResponseError)) return error;
  const data: unknown = error.data;
  if (isErrorData(data)) return new UserError(data.kind, error.message, data.remedy);
  switch (error.code) {
    case LSPErrorCodes.RequestCancelled:
    case LSPErrorCodes.ServerCancelled:
    case LSPErrorCodes.ContentModified:
      return new vscode.CancellationError();
    case ErrorCodes.PendingResponseRejected:
    case ErrorCodes.ConnectionInactive:
      return new Error(
        vscode.l10n.t(
          'The language server of Binary Detective stopped before it answered. It is started again: try once more.',
        ),
      );
    default:
      return error;
  }
}

function isErrorData(data: unknown): data is ErrorData {
  return (
    typeof data === 'object' &&
    data !== null &&
    'kind' in data &&
    typeof data.kind === 'string' &&
    Object.hasOwn(errorCodes, data.kind)
  );
}
