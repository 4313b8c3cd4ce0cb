import type { Connection, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type BridgeSource, type BridgeState, type CythonBridge, createCythonBridge } from '../cython/bridge/bridge.ts';
import { includePathOf } from '../cython/bridge/include-path.ts';
import { isPureMode } from '../cython/lint.ts';
import { cythonFileKind } from '../cython/project/files.ts';
import { readSource } from '../cython/project/read-source.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { type CompilerStatus, compilerStatus, compilerStatusChanged, interpreterChosen } from '../protocol/cython.ts';
import type { ByteText } from '../protocol/elf.ts';
import { type CompilerFacts, createCompilerFacts } from './compiler-facts.ts';
import type { ServerContext } from './server-context.ts';

/** The Cython compiler as the requests about sources see it. */
export interface CythonCompiler {
  readonly bridge: CythonBridge;
  readonly facts: CompilerFacts;
  /** What the compiler is to be asked about a source; null where it is not to be asked. */
  sourceFor(uri: string, text: string): Promise<BridgeSource | null>;
  /** It may be asked otherwise from now on: the workspace is trusted, or settings have changed. */
  reset(): void;
  close(): Promise<void>;
}

export function createCythonCompiler(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  { answer, settings, door, paths, isTrusted }: ServerContext,
): CythonCompiler {
  let chosen: ByteText | undefined;
  let configured: ByteText | undefined;
  let lastStatus = '';
  const bridge = createCythonBridge({
    door,
    program: paths.cythonBridge,
    isTrusted,
    python: () => settings.machine().tools['python'] ?? chosen,
    log: line => connection.console.log(line),
    onState: state => {
      const status = JSON.stringify(statusOf(state));
      if (status !== lastStatus) void connection.sendNotification(compilerStatusChanged.method, statusOf(state));
      lastStatus = status;
    },
  });
  const facts = createCompilerFacts(bridge);
  const reset = (): void => {
    bridge.reset();
    facts.clear();
  };
  settings.onChange(() => {
    const { python } = settings.machine().tools;
    if (python !== configured) reset();
    configured = python;
  });
  connection.onNotification(interpreterChosen.method, (params: unknown) => {
    const next = typeof params === 'object' && params !== null && 'path' in params ? params.path : undefined;
    const path = typeof next === 'string' && next.startsWith('/') ? next : undefined;
    if (path === chosen) return;
    chosen = path;
    // A setting counts before it.
    if (settings.machine().tools['python'] === undefined) reset();
  });
  answer(compilerStatus, schemas.noParams, () => Promise.resolve(statusOf(bridge.state())));

  return {
    bridge,
    facts,
    async sourceFor(uri, text) {
      const { cythonCompiler, cythonIncludePath, cythonPythonFiles } = await settings.forFile(uri);
      if (cythonCompiler === 'off' || !uri.startsWith('file:')) return null;
      const path = fileUriToPath(uri);
      const kind = cythonFileKind(path) ?? 'pyx';
      if (path.endsWith('.py') && !(cythonPythonFiles && isPureMode(text))) return null;
      // The compiler reads an included file as a part of the file around it, never alone.
      if (kind === 'pxi') return null;
      const includePath = includePathOf(path, cythonIncludePath);
      return { path, text, kind, includePath, texts: unsavedTexts(documents, uri) };
    },
    reset,
    close: () => bridge.close(),
  };
}

/** Declarations that stand in the editor otherwise than on disk. */
function unsavedTexts(documents: TextDocuments<TextDocument>, except: string): Readonly<Record<ByteText, string>> {
  const texts: Record<ByteText, string> = {};
  for (const document of documents.all()) {
    if (document.uri === except || !document.uri.startsWith('file:')) continue;
    const path = fileUriToPath(document.uri);
    if (cythonFileKind(path) !== 'pxd') continue;
    const text = document.getText();
    if (text !== savedText(path)) texts[path] = text;
  }
  return texts;
}

function savedText(path: ByteText): string | undefined {
  try {
    return readSource(path);
  } catch {
    return undefined;
  }
}

function statusOf(state: BridgeState): CompilerStatus {
  switch (state.kind) {
    case 'ready':
      return { kind: 'ready', cython: state.cython, python: state.python, path: state.command };
    case 'starting':
      return { kind: 'starting' };
    case 'missing':
      return { kind: 'missing', message: state.message, remedy: state.remedy };
    case 'off':
    case 'failed':
      return { kind: state.kind, message: state.message };
  }
}
