import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  type Diagnostic,
  DocumentDiagnosticReportKind,
  type InitializeParams,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { cythonFileKind } from './cython/files.ts';
import { type LintDiagnostic, lintCython } from './cython/lint.ts';
import { createSourceReader, readSource } from './cython/read-source.ts';
import { demangleRows } from './demangle/demangle-rows.ts';
import { createDemangler } from './demangle/demangler.ts';
import { environmentFromProcess } from './dependencies/environment.ts';
import { resolveTree, type TreeOptions } from './dependencies/tree.ts';
import { inspectedPath } from './elf/archive/member-path.ts';
import { disassembleAny, rawTextOfAny } from './elf/archive/member-text.ts';
import { readBytes } from './elf/bytes/read-bytes.ts';
import { readRowRange } from './elf/bytes/row-range.ts';
import { compareFiles } from './elf/compare/compare-files.ts';
import { readHardeningReport } from './elf/hardening/hardening-report.ts';
import { readBuildHistory } from './elf/history/build-history.ts';
import { readOverview } from './elf/overview.ts';
import { compareWithRevision } from './elf/revision/compare-revision.ts';
import { readSize } from './elf/size/size-tree.ts';
import { nameColumnOf, readRows } from './elf/tables.ts';
import { findTwins } from './elf/twins/find-twins.ts';
import { readVersionsReport } from './elf/versions/versions-report.ts';
import { sweepFaults } from './faults/sweep.ts';
import { withLoaderFindings } from './file-findings.ts';
import { answerWith, createAnswer } from './lsp/answers.ts';
import { diagnosticOfLint, diagnosticsOfFindings, touches } from './lsp/diagnostics.ts';
import { createFindingLinks, type FindingLinks } from './lsp/finding-links.ts';
import { answerListings, isListing, listingCapabilities } from './lsp/listings.ts';
import { pushDiagnostics } from './lsp/push-diagnostics.ts';
import * as schemas from './lsp/schemas.ts';
import { createSettingsSource } from './lsp/settings-source.ts';
import { createNativeDoor } from './native/create-door.ts';
import { fileUriToPath, pathToFileUri } from './native/file-uri.ts';
import { elfCompare } from './protocol/compare.ts';
import { cythonLanguageId } from './protocol/cython.ts';
import { dependencyTree } from './protocol/dependencies.ts';
import { disassemble, elfOverview, elfRows } from './protocol/elf.ts';
import { elfBytes, elfRowRange } from './protocol/elf-bytes.ts';
import { faultSweep } from './protocol/faults.ts';
import { elfHardening } from './protocol/hardening.ts';
import { elfRaw } from './protocol/raw.ts';
import { elfCompareRevision } from './protocol/revision.ts';
import { elfSize } from './protocol/size.ts';
import { elfSourceLocation } from './protocol/source-location.ts';
import { doctor } from './protocol/tools.ts';
import { elfTwins } from './protocol/twins.ts';
import { elfVersions } from './protocol/versions.ts';
import { trustGranted } from './protocol/workspace.ts';
import { createSourceLocator } from './symbolize/source-location.ts';

/** Folders that the bundle cannot know by itself. */
export interface ServerPaths {
  /** The fault shim's C sources. */
  readonly shimFolder: string;
  /** Where compiled shims are kept between runs. */
  readonly cacheFolder: string;
  /** The page about the codes of findings. */
  readonly findingsPage: string;
}

/** Joins LSP to the capabilities. All that a request needs is in its parameters and in the settings. */
export function startServer(connection: Connection, paths: ServerPaths): void {
  const documents = new TextDocuments(TextDocument);
  const settings = createSettingsSource(connection);
  let trusted = false;
  const door = createNativeDoor({
    toolPath: tool => settings.machine().tools[tool],
    isTrusted: () => trusted,
    log: line => connection.console.log(line),
  });
  const sources = createSourceLocator(door);
  const demangler = createDemangler(request => door.runTool('cxxfilt', request));
  let takesLinks = false;
  const answer = createAnswer(connection, settings.loaded);
  const links = createFindingLinks(paths.findingsPage);

  const treeOptions = async (uri: string): Promise<TreeOptions> => {
    const { libraryPath } = await settings.forFile(uri);
    const environment = environmentFromProcess();
    return libraryPath === '' ? { environment } : { environment, libraryPath };
  };
  const overviewOf = async (uri: string, signal: AbortSignal) => {
    const path = inspectedPath(uri);
    return withLoaderFindings(await readOverview(path, signal), path, await treeOptions(uri), signal);
  };
  const lintOf = async (uri: string, signal: AbortSignal): Promise<readonly LintDiagnostic[]> => {
    if (!(await settings.forFile(uri)).cythonLintEnabled) return [];
    return lintCythonFile(uri, documents, signal);
  };
  const diagnosticsOf = async (uri: string, signal: AbortSignal): Promise<Diagnostic[]> => {
    if (isCython(uri, documents.get(uri))) {
      return (await lintOf(uri, signal)).map(lint => diagnosticOfLint(lint, links));
    }
    const document = documents.get(uri);
    if (document !== undefined && isListing(document)) return [];
    const { findings } = await overviewOf(uri, signal);
    return diagnosticsOfFindings(findings, { severities: (await settings.forFile(uri)).findingSeverities, links });
  };
  /** A client that gives back what it was given last hears as well what the file has lost since the build before. */
  const historyOf = async (uri: string, remembered: string, signal: AbortSignal) => {
    const { memory, findings } = await readBuildHistory(inspectedPath(uri), remembered, signal);
    const { findingSeverities: severities } = await settings.forFile(uri);
    return { resultId: memory, items: diagnosticsOfFindings(findings, { severities, links }) };
  };

  connection.onInitialize(params => {
    trusted = isTrusted(params);
    settings.initialize(params);
    const { textDocument, workspace } = params.capabilities;
    takesLinks = textDocument?.definition?.linkSupport === true;
    if (textDocument?.diagnostic === undefined) {
      pushDiagnostics(connection, documents, diagnosticsOf, settings.onChange);
    } else if (workspace?.diagnostics?.refreshSupport === true) {
      settings.onChange(() => connection.languages.diagnostics.refresh());
    }
    return {
      serverInfo: { name: 'Binary Detective' },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: false },
        ...listingCapabilities,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      },
    };
  });
  connection.onInitialized(() => settings.start());
  connection.onNotification(trustGranted.method, () => {
    trusted = true;
  });
  connection.onShutdown(() => door.close());

  answer(elfOverview, schemas.fileParams, ({ uri }, signal) => overviewOf(uri, signal));
  answer(elfRows, schemas.rowsParams, async ({ uri, demangle = false, ...request }, signal) => {
    const page = await readRows(inspectedPath(uri), request, signal);
    return demangle ? await demangleRows(demangler, page, nameColumnOf(request.table), signal) : page;
  });
  answer(elfBytes, schemas.bytesParams, ({ uri, ...range }, signal) => readBytes(inspectedPath(uri), range, signal));
  answer(elfRowRange, schemas.rowRangeParams, ({ uri, ...row }, signal) =>
    readRowRange(inspectedPath(uri), row, signal),
  );
  answer(elfSourceLocation, schemas.sourceLocationParams, ({ uri, ...asked }, signal) =>
    sources.locate(inspectedPath(uri), asked, signal),
  );
  answer(disassemble, schemas.disassembleParams, ({ uri, ...request }, signal) =>
    disassembleAny(door, inspectedPath(uri), request, signal),
  );
  answer(elfRaw, schemas.rawParams, ({ uri, view }, signal) => rawTextOfAny(door, inspectedPath(uri), view, signal));
  answer(elfCompareRevision, schemas.compareRevisionParams, ({ uri, ...options }, signal) =>
    compareWithRevision(door, fileUriToPath(uri), { ...options, signal }),
  );
  answer(elfTwins, schemas.twinsParams, ({ uri, folders, partialResultToken: token }, signal) =>
    findTwins(fileUriToPath(uri), folders.map(fileUriToPath), {
      signal,
      onProgress: value => {
        if (token !== undefined) void connection.sendNotification('$/progress', { token, value });
      },
    }),
  );
  answer(dependencyTree, schemas.treeParams, async ({ uri, ...asked }, signal) =>
    resolveTree(fileUriToPath(uri), { ...(await treeOptions(uri)), ...asked }, signal),
  );
  answer(faultSweep, schemas.sweepParams, async ({ partialResultToken: token, ...params }, signal) => {
    const { cwd } = params.program;
    const { faultDeadlineSeconds, faultMaxPoints } =
      cwd?.startsWith('/') === true ? await settings.forFile(pathToFileUri(cwd)) : settings.machine();
    return sweepFaults(params, {
      door,
      ...paths,
      deadlineSeconds: faultDeadlineSeconds,
      maxPoints: faultMaxPoints,
      signal,
      onProgress: value => {
        if (token !== undefined) void connection.sendNotification('$/progress', { token, value });
      },
    });
  });
  answer(elfHardening, schemas.fileParams, ({ uri }, signal) => readHardeningReport(inspectedPath(uri), signal));
  answer(elfVersions, schemas.fileParams, ({ uri }, signal) => readVersionsReport(inspectedPath(uri), signal));
  answer(elfCompare, schemas.compareParams, ({ before, after, ...options }, signal) =>
    compareFiles(inspectedPath(before), inspectedPath(after), { ...options, signal }),
  );
  answer(elfSize, schemas.sizeParams, ({ uri, ...options }, signal) =>
    readSize(inspectedPath(uri), { ...options, signal }),
  );
  answer(doctor, schemas.noParams, async () => ({ tools: await door.report(), trusted }));

  connection.languages.diagnostics.on((params, token) =>
    answerWith(connection, token, async signal => {
      const { previousResultId, textDocument } = params;
      const items = await diagnosticsOf(textDocument.uri, signal);
      const kind = DocumentDiagnosticReportKind.Full;
      if (previousResultId === undefined || isCython(textDocument.uri, documents.get(textDocument.uri))) {
        return { kind, items };
      }
      const history = await historyOf(textDocument.uri, previousResultId, signal);
      return { kind, items: [...items, ...history.items], resultId: history.resultId };
    }),
  );
  connection.onCodeAction(({ textDocument: { uri }, range }, token) =>
    answerWith(connection, token, async signal => {
      if (!isCython(uri, documents.get(uri))) return [];
      const found = await lintOf(uri, signal);
      return found.filter(lint => touches(lint.range, range)).flatMap(lint => quickFixes(uri, lint, links));
    }),
  );

  answerListings({ connection, documents, demangler, takesLinks: () => takesLinks });

  documents.listen(connection);
  connection.listen();
}

function isTrusted({ initializationOptions }: InitializeParams): boolean {
  const options: unknown = initializationOptions;
  return typeof options === 'object' && options !== null && 'trusted' in options && options.trusted === true;
}

function isCython(uri: string, document: TextDocument | undefined): boolean {
  return document?.languageId === cythonLanguageId || cythonFileKind(uri) !== null;
}

/** Lints the text as it stands in the editor, else as it stands on disk. */
function lintCythonFile(
  uri: string,
  documents: TextDocuments<TextDocument>,
  signal: AbortSignal,
): readonly LintDiagnostic[] {
  const document = documents.get(uri);
  const kind = cythonFileKind(uri) ?? 'pyx';
  // An editor may hold a text that is in no file yet ("untitled:").
  if (!uri.startsWith('file:')) return document === undefined ? [] : lintCython(document.getText(), { kind, signal });
  const path = fileUriToPath(uri);
  const readSibling = createSourceReader(path, sibling => documents.get(pathToFileUri(sibling))?.getText());
  return lintCython(document?.getText() ?? readSource(path), { kind, readSibling, signal });
}

function quickFixes(uri: string, lint: LintDiagnostic, links: FindingLinks): readonly CodeAction[] {
  return lint.fixes.map(({ title, edits, isPreferred }) => ({
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnosticOfLint(lint, links)],
    isPreferred,
    edit: { changes: { [uri]: edits.map(edit => ({ range: edit.range, newText: edit.newText })) } },
  }));
}
