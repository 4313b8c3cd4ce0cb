import {
  type Connection,
  type Diagnostic,
  DocumentDiagnosticReportKind,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type CompilerTypes, lineChange } from '../cython/bridge/compiler-types.ts';
import { everything, withPreferences } from '../cython/diagnostics/selection.ts';
import { type LintDiagnostic, lintCython } from '../cython/lint.ts';
import { cythonFileKind } from '../cython/project/files.ts';
import { includerOf, isIncludedOnly } from '../cython/project/includer.ts';
import { moduleRoots } from '../cython/project/module-roots.ts';
import { projectSettings } from '../cython/project/project-settings.ts';
import { createSourceReader, readSource } from '../cython/project/read-source.ts';
import { inspectedPath } from '../elf/archive/member-path.ts';
import { readBuildHistory } from '../elf/history/build-history.ts';
import { answerWith } from '../lsp/answers.ts';
import { diagnosticOfLint, diagnosticsOfFindings } from '../lsp/diagnostics.ts';
import { createFindingLinks } from '../lsp/finding-links.ts';
import { type LintedSource, lintActions } from '../lsp/lint-actions.ts';
import { isListing } from '../lsp/listings.ts';
import { fileUriToPath, pathToFileUri } from '../native/file-uri.ts';
import { cythonLanguageId, pythonLanguageId } from '../protocol/cython.ts';
import type { CythonCompiler } from './cython-compiler.ts';
import { overviewOf } from './elf.ts';
import type { ServerContext } from './server-context.ts';

/** When a source is opened: a compiler that runs already is heard before the first answer, so that nothing has to be taken back. */
const firstAnswerMs = 700;

export type DiagnosticsOf = (uri: string, signal: AbortSignal) => Promise<Diagnostic[]>;

/**
 * Answers what an editor asks about a document or a file by LSP's own requests: diagnostics and quick fixes.
 * @returns The diagnostics of a file, for clients that do not pull them.
 */
export function answerDocuments(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  { settings, paths, treeOptions }: ServerContext,
  compiler: CythonCompiler,
): DiagnosticsOf {
  const links = createFindingLinks(paths.findingsPage);
  const told = new Set<string>();
  /** Null where the lint is switched off, or the document is gone. */
  const sourceOf = async (uri: string, signal: AbortSignal): Promise<LintedSource | null> => {
    const { cythonLintEnabled, cythonIncludePath, cythonPythonFiles, findingSeverities, cythonSeverities, tools } =
      await settings.forFile(uri);
    if (!cythonLintEnabled) return null;
    if (documents.get(uri)?.languageId === pythonLanguageId && !cythonPythonFiles) return null;
    const compiled = await compilerTypesFor(uri, documents, compiler);
    const source = cythonSource(uri, documents, signal, {
      compiled,
      interpreter: tools['python'] ?? '',
      includePath: cythonIncludePath,
    });
    if (source === null) return null;
    const project = uri.startsWith('file:') ? projectSettings(fileUriToPath(uri)) : null;
    for (const problem of project?.problems ?? []) {
      if (!told.has(problem)) connection.console.warn(problem);
      told.add(problem);
    }
    // What a person has set in the editor goes before what a project has set for all.
    const severities = new Map([...(project?.severities ?? []), ...findingSeverities, ...cythonSeverities]);
    return { ...source, preferences: { selection: project?.selection ?? everything, severities } };
  };
  const diagnosticsOf: DiagnosticsOf = async (uri, signal) => {
    if (isCython(uri, documents.get(uri))) {
      const source = await sourceOf(uri, signal);
      if (source === null) return [];
      const found = withPreferences(source.lint(source.text), source.preferences);
      return found.map(lint => diagnosticOfLint(lint, links));
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
  connection.onCodeAction(({ textDocument: { uri }, range, context: { only } }, token) =>
    answerWith(connection, token, async signal => {
      if (!isCython(uri, documents.get(uri))) return [];
      const source = await sourceOf(uri, signal);
      const diagnosticOf = (lint: LintDiagnostic): Diagnostic => diagnosticOfLint(lint, links);
      return source === null ? [] : lintActions(source, { range, only, diagnosticOf });
    }),
  );
  return diagnosticsOf;
}

interface Compiled {
  readonly text: string;
  readonly types: CompilerTypes;
}

/** What is known of a source beside its text. */
interface Surroundings {
  readonly compiled: Compiled | null;
  readonly interpreter: string;
  readonly includePath: readonly string[];
}

/** What the compiler knows of a source now, or soon where nothing is known yet. */
async function compilerTypesFor(
  uri: string,
  documents: TextDocuments<TextDocument>,
  { facts, sourceFor }: CythonCompiler,
): Promise<Compiled | null> {
  const text = documents.get(uri)?.getText();
  // Of a file that is not open there is nothing to follow.
  if (text === undefined) return null;
  const source = await sourceFor(uri, text);
  const types = source === null ? undefined : await facts.typesSoon(uri, source, firstAnswerMs);
  return types === undefined ? null : { text, types };
}

function isCython(uri: string, document: TextDocument | undefined): boolean {
  const language = document?.languageId;
  return language === cythonLanguageId || language === pythonLanguageId || cythonFileKind(uri) !== null;
}

/** The text as it stands in the editor, else as it stands on disk; null where there is none. */
function cythonSource(
  uri: string,
  documents: TextDocuments<TextDocument>,
  signal: AbortSignal,
  { compiled, interpreter, includePath }: Surroundings,
): Omit<LintedSource, 'preferences'> | null {
  const document = documents.get(uri);
  const isPython = document?.languageId === pythonLanguageId;
  const kind = cythonFileKind(uri) ?? (isPython ? 'py' : 'pyx');
  // An editor may hold a text that is in no file yet ("untitled:").
  if (!uri.startsWith('file:')) {
    if (document === undefined) return null;
    return { uri, text: document.getText(), lint: text => lintCython(text, { kind, signal }) };
  }
  const path = fileUriToPath(uri);
  const openText = (other: string): string | undefined => documents.get(pathToFileUri(other))?.getText();
  const readSibling = createSourceReader(path, openText);
  const includer = isIncludedOnly(path) ? includerOf(path, openText) : undefined;
  const roots = moduleRoots({ source: path, interpreter, includePath });
  // A text that fixes have changed is not the one that the compiler knows: its lines that were left alone still are.
  const typesOf = (text: string): CompilerTypes | undefined => compiled?.types.moved(lineChange(compiled.text, text));
  const lint = (text: string): readonly LintDiagnostic[] =>
    lintCython(text, { kind, includer, readSibling, roots, compilerTypes: typesOf(text), signal });
  return { uri, text: document?.getText() ?? readSource(path), lint };
}
