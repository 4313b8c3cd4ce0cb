import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type CancellationToken,
  type ClientCapabilities,
  ConfigurationRequest,
  createProtocolConnection,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { RequestMethod } from '../../language-server/protocol/method.ts';

/** The bundle, as it is shipped. */
export const bundle = fileURLToPath(new URL('../../dist/binary-detective.cjs', import.meta.url));

/** The server as a child process, spoken to over standard input and output as an editor does. */
export interface LanguageClient {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  readonly initialized: InitializeResult;
  request<Params, Result>(
    method: RequestMethod<Params, Result>,
    params: Params,
    token?: CancellationToken,
  ): Promise<Result>;
  /** Shuts the server down as the protocol has it; resolves to its exit code. */
  close(): Promise<number | null>;
}

export interface ClientOptions {
  readonly initializationOptions?: unknown;
  readonly capabilities?: ClientCapabilities;
  /** What `workspace/configuration` answers for section `binaryDetective`; absent: the client cannot be asked. */
  readonly settings?: unknown;
  /** The same for files and folders of their own settings, by URI. */
  readonly folderSettings?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The server's program; absent: {@link bundle} of this checkout. */
  readonly bundlePath?: string;
}

export async function startLanguageServer(options: ClientOptions = {}): Promise<LanguageClient> {
  const server = spawn(process.execPath, [options.bundlePath ?? bundle, 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const exited = new Promise<number | null>(resolve => server.once('exit', resolve));
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const { settings, folderSettings = {} } = options;
  if (settings !== undefined) {
    connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ scopeUri = '' }) => folderSettings[scopeUri] ?? settings),
    );
  }
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  const initialized = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      ...options.capabilities,
      workspace: { configuration: settings !== undefined, ...options.capabilities?.workspace },
    },
    initializationOptions: options.initializationOptions,
    workspaceFolders: null,
  });
  await connection.sendNotification('initialized', {});
  return {
    connection,
    process: server,
    initialized,
    request: <Params, Result>({ method }: RequestMethod<Params, Result>, params: Params, token?: CancellationToken) =>
      // An absent token must not be passed on as undefined: it would be taken for a second parameter.
      token === undefined
        ? connection.sendRequest<Result>(method, params)
        : connection.sendRequest<Result>(method, params, token),
    close: async () => {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      const exitCode = await exited;
      connection.dispose();
      return exitCode;
    },
  };
}
