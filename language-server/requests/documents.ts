import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  type Diagnostic,
  DocumentDiagnosticReportKind,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { cythonFileKind } from '../cython/files.ts';
import { type LintDiagnostic, lintCython } from '../cython/lint.ts';
import { createSourceReader, readSource } from '../cython/read-source.ts';
import { inspectedPath } from '../elf/archive/member-path.ts';
import { readBuildHistory } from '../elf/history/build-history.ts';
import { answerWith } from '../lsp/answers.ts';
import { diagnosticOfLint, diagnosticsOfFindings, touches } from '../lsp/diagnostics.ts';
import { createFindingLinks, type FindingLinks } from '../lsp/finding-links.ts';
import { isListing } from '../lsp/listings.ts';
import { fileUriToPath, pathToFileUri } from '../native/file-uri.ts';
import { cythonLanguageId } from '../protocol/cython.ts';
import { overviewOf } from './elf.ts';
import type { ServerContext } from './server-context.ts';

export type DiagnosticsOf = (uri: string, signal: AbortSignal) => Promise<Diagnostic[]>;

/**
 * Answers what an editor asks about a document or a file by LSP's own requests: diagnostics and quick fixes.
 * @returns The diagnostics of a file, for clients that do not pull them.
 */
export function answerDocuments(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  { settings, paths, treeOptions }: ServerContext,
): DiagnosticsOf {
  const links = createFindingLinks(paths.findingsPage);
  const lintOf = async (uri: string, signal: AbortSignal): Promise<readonly LintDiagnostic[]> => {
    if (!(await settings.forFile(uri)).cythonLintEnabled) return [];
    return lintCythonFile(uri, documents, signal);
  };
  const diagnosticsOf: DiagnosticsOf = async (uri, signal) => {
    if (isCython(uri, documents.get(uri))) {
      return (await lintOf(uri, signal)).map(lint => diagnosticOfLint(lint, links));
    }
    const document = documents.get(uri);
    if (document !== undefined && isListing(document)) return [];
    const { findings } = await overviewOf(treeOptions, uri, signal);
    return diagnosticsOfFindings(findings, { severities: (await settings.forFile(uri)).findingSeverities, links });
  };
  /** A client that gives back what it was given last hears as well what the file has lost since the build before. */
  const historyOf = async (uri: string, remembered: string, signal: AbortSignal) => {
    const { memory, findings } = await readBuildHistory(inspectedPath(uri), remembered, signal);
    const { findingSeverities: severities } = await settings.forFile(uri);
    return { resultId: memory, items: diagnosticsOfFindings(findings, { severities, links }) };
  };

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
  return diagnosticsOf;
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
