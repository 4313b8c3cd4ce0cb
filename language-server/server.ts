import {
  CodeActionKind,
  type Connection,
  type InitializeParams,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createDemangler } from './demangle/demangler.ts';
import { environmentFromProcess } from './dependencies/loader/environment.ts';
import { thisLoader } from './loader-trace/this-loader.ts';
import { removeOwnTraceFolders } from './loader-trace/trace-folder.ts';
import { answerWith, createAnswer } from './lsp/answers.ts';
import { fixAllKind } from './lsp/lint-actions.ts';
import { answerListings, listingCapabilities } from './lsp/listings.ts';
import { pushDiagnostics } from './lsp/push-diagnostics.ts';
import * as schemas from './lsp/schemas.ts';
import { createSettingsSource } from './lsp/settings-source.ts';
import { createNativeDoor } from './native/create-door.ts';
import { doctor } from './protocol/tools.ts';
import { trustGranted } from './protocol/workspace.ts';
import { createCythonCompiler } from './requests/cython-compiler.ts';
import { createCythonLanguage } from './requests/cython-language.ts';
import { answerDependencies } from './requests/dependencies.ts';
import { answerDocuments } from './requests/documents.ts';
import { answerElf } from './requests/elf.ts';
import { answerEnvironment } from './requests/environment.ts';
import { answerExplain } from './requests/explain.ts';
import { answerFaults } from './requests/faults.ts';
import { answerGeneratedC } from './requests/generated-c.ts';
import { answerNumeric } from './requests/numeric.ts';
import { answerScan } from './requests/scan.ts';
import { progressReporter, type ServerContext, type ServerPaths } from './requests/server-context.ts';
import { answerTrace } from './requests/trace.ts';
import { answerVerify } from './requests/verify.ts';

/** Joins LSP to the capabilities. All that a request needs is in its parameters and in the settings. */
export function startServer(connection: Connection, paths: ServerPaths): void {
  const documents = new TextDocuments(TextDocument);
  const settings = createSettingsSource(connection);
  let trusted = false;
  let takesLinks = false;
  const log = (line: string): void => connection.console.log(line);
  const door = createNativeDoor({
    toolPath: tool => settings.machine().tools[tool],
    isTrusted: () => trusted,
    log,
  });
  const demangler = createDemangler(request => door.runTool('cxxfilt', request));
  const context: ServerContext = {
    answer: createAnswer(connection, settings.loaded),
    settings,
    door,
    demangler,
    paths,
    isTrusted: () => trusted,
    log,
    treeOptions: async uri => {
      const { libraryPath } = await settings.forFile(uri);
      const environment = environmentFromProcess();
      return libraryPath === '' ? { environment } : { environment, libraryPath };
    },
    reporter: progressReporter(connection),
  };

  answerElf(context);
  answerDependencies(context);
  answerExplain(context);
  answerEnvironment(context);
  answerFaults(context);
  answerNumeric(context);
  const scansKept = answerScan(context);
  answerTrace(context);
  answerVerify(context);
  const compiler = createCythonCompiler(connection, documents, context);
  answerGeneratedC(context, documents, compiler);
  const cython = createCythonLanguage(documents, context, compiler);
  answerListings({ connection, documents, demangler, takesLinks: () => takesLinks, others: cython });
  connection.onCodeLens(({ textDocument: { uri } }, token) =>
    answerWith(connection, token, () => cython.codeLenses(uri)),
  );
  const diagnosticsOf = answerDocuments(connection, documents, context, compiler);
  const onNewAnswers = (listener: () => void): void => {
    settings.onChange(listener);
    compiler.facts.onFound(listener);
  };
  context.answer(doctor, schemas.noParams, async () => ({
    tools: await door.report(),
    loader: await thisLoader(),
    trusted,
  }));

  connection.onInitialize(params => {
    trusted = isTrusted(params);
    settings.initialize(params);
    const { textDocument, workspace } = params.capabilities;
    takesLinks = textDocument?.definition?.linkSupport === true;
    if (textDocument?.diagnostic === undefined) {
      pushDiagnostics(connection, documents, diagnosticsOf, onNewAnswers);
    } else if (workspace?.diagnostics?.refreshSupport === true) {
      onNewAnswers(() => connection.languages.diagnostics.refresh());
    }
    return {
      serverInfo: { name: 'Binary Detective' },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: false },
        ...listingCapabilities,
        codeLensProvider: {},
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
      },
    };
  });
  connection.onInitialized(() => settings.start());
  connection.onNotification(trustGranted.method, () => {
    trusted = true;
    compiler.reset();
  });
  connection.onShutdown(async () => {
    await compiler.close();
    await door.close();
    await scansKept();
    removeOwnTraceFolders();
  });

  documents.listen(connection);
  connection.listen();
}

function isTrusted({ initializationOptions }: InitializeParams): boolean {
  const options: unknown = initializationOptions;
  return typeof options === 'object' && options !== null && 'trusted' in options && options.trusted === true;
}
