import {
  type CodeLens,
  type DocumentSymbol,
  type Hover,
  MarkupKind,
  type Position,
  SymbolKind,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { AnalysisOptions } from '../cython/analyse.ts';
import { cythonHover } from '../cython/language/hover.ts';
import { type CythonOutlineEntry, cythonOutline, type OutlineKind } from '../cython/language/outline.ts';
import { cythonFileKind } from '../cython/project/files.ts';
import { createSourceReader } from '../cython/project/read-source.ts';
import { fileUriToPath, pathToFileUri } from '../native/file-uri.ts';
import { cythonLanguageId } from '../protocol/cython.ts';
import type { CythonCompiler } from './cython-compiler.ts';
import type { ServerContext } from './server-context.ts';

/** What an editor asks about a Cython source besides its diagnostics; null for any other document. */
export interface CythonLanguage {
  documentSymbols(uri: string): DocumentSymbol[] | null;
  hover(uri: string, position: Position, signal: AbortSignal): Promise<Hover | null>;
  codeLenses(uri: string): Promise<CodeLens[] | null>;
}

/** A hover that comes late is worth less than one of our own analysis alone. */
const hoverPatienceMs = 1500;

export function createCythonLanguage(
  documents: TextDocuments<TextDocument>,
  { settings }: Pick<ServerContext, 'settings'>,
  compiler: CythonCompiler,
): CythonLanguage {
  const sourceOf = (uri: string): TextDocument | undefined => {
    const document = documents.get(uri);
    const isCython = document?.languageId === cythonLanguageId || cythonFileKind(uri) !== null;
    return isCython ? document : undefined;
  };
  const optionsOf = (uri: string, signal: AbortSignal): AnalysisOptions => {
    const kind = cythonFileKind(uri) ?? 'pyx';
    if (!uri.startsWith('file:')) return { kind, signal };
    const openText = (sibling: string): string | undefined => documents.get(pathToFileUri(sibling))?.getText();
    return { kind, readSibling: createSourceReader(fileUriToPath(uri), openText), signal };
  };

  return {
    documentSymbols(uri) {
      const document = sourceOf(uri);
      return document === undefined ? null : cythonOutline(document.getText()).map(symbolOf);
    },
    async hover(uri, position, signal) {
      const document = sourceOf(uri);
      if (document === undefined) return null;
      const text = document.getText();
      const source = await compiler.sourceFor(uri, text);
      const types = source === null ? undefined : await compiler.facts.typesSoon(uri, source, hoverPatienceMs);
      // Of a text that the compiler has not been heard about there is nothing to ask yet.
      const name = wordStart(text, document.offsetAt(position));
      const at = document.positionAt(name);
      const answer =
        source === null || types === undefined
          ? null
          : await compiler.bridge.typeAt(source, at.line, at.character, signal);
      const compiled = answer?.kind === 'answer' ? answer.value : null;
      const options = { ...optionsOf(uri, signal), compilerTypes: types };
      const found = cythonHover(text, position, options, compiled);
      return found && { range: found.range, contents: { kind: MarkupKind.Markdown, value: found.markdown } };
    },
    async codeLenses(uri) {
      const document = sourceOf(uri);
      if (document === undefined) return null;
      const { cythonExternLens } = await settings.forFile(uri);
      return cythonExternLens ? externBlocks(cythonOutline(document.getText())).map(lensOf) : [];
    },
  };
}

function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[\p{L}\p{N}_]/u.test(text[start - 1] ?? '')) start -= 1;
  return start;
}

const symbolKinds: Readonly<Record<OutlineKind, SymbolKind>> = {
  class: SymbolKind.Class,
  function: SymbolKind.Function,
  method: SymbolKind.Method,
  property: SymbolKind.Property,
  field: SymbolKind.Field,
  struct: SymbolKind.Struct,
  enum: SymbolKind.Enum,
  enumMember: SymbolKind.EnumMember,
  type: SymbolKind.TypeParameter,
  block: SymbolKind.Namespace,
  variable: SymbolKind.Variable,
};

function symbolOf({ kind, children, ...entry }: CythonOutlineEntry): DocumentSymbol {
  return { ...entry, kind: symbolKinds[kind], children: children.map(symbolOf) };
}

function externBlocks(entries: readonly CythonOutlineEntry[]): readonly CythonOutlineEntry[] {
  return entries.flatMap(entry => (entry.kind === 'block' ? [entry] : externBlocks(entry.children)));
}

/** "3 functions, 1 struct" */
function lensOf({ range, children }: CythonOutlineEntry): CodeLens {
  const counts = new Map<OutlineKind, number>();
  for (const { kind } of children) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const words = [...counts].map(([kind, count]) => `${count} ${count === 1 ? kind : plural(kind)}`);
  const title = words.length === 0 ? 'declares nothing' : `declares ${words.join(', ')}`;
  return { range: { start: range.start, end: range.start }, command: { title, command: '' } };
}

function plural(kind: OutlineKind): string {
  if (kind === 'class') return 'classes';
  return kind === 'property' ? 'properties' : `${kind}s`;
}
