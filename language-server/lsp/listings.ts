import { existsSync } from 'node:fs';
import {
  type CancellationToken,
  type Connection,
  DocumentHighlightKind,
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  type Hover,
  type Location,
  type LocationLink,
  MarkupKind,
  type Position,
  SymbolKind,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Demangler } from '../demangle/demangler.ts';
import { parseDisassemblyUri, siblingDisassemblyUri } from '../disassembly/document-uri.ts';
import { folds } from '../disassembly/folding.ts';
import { hover, hoveredSymbol } from '../disassembly/hover.ts';
import type { Listing } from '../disassembly/listing.ts';
import { createListingCache } from '../disassembly/listing-cache.ts';
import { type Definition, definition, highlights, references } from '../disassembly/navigation.ts';
import { type DisplayNames, type OutlineEntry, outline } from '../disassembly/outline.ts';
import { rangeInLine } from '../disassembly/text-range.ts';
import { pathToFileUri } from '../native/file-uri.ts';
import { disassemblyLanguageId } from '../protocol/disassembly.ts';
import { answerWith } from './answers.ts';

/** The capabilities that {@link answerListings} answers, for `initialize`. */
export const listingCapabilities = {
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  hoverProvider: true,
} as const;

interface ListingServices {
  readonly connection: Connection;
  readonly documents: TextDocuments<TextDocument>;
  readonly demangler: Demangler;
  /** Whether the client takes links as definitions. */
  readonly takesLinks: () => boolean;
  /** Answers about documents of another kind; null for those that are of none. */
  readonly others: OtherDocuments;
}

/** An editor has one handler for each of its questions, whatever the document is. */
export interface OtherDocuments {
  documentSymbols(uri: string): DocumentSymbol[] | null;
  hover(uri: string, position: Position, signal: AbortSignal): Promise<Hover | null>;
}

/** Answers what an editor asks about an open disassembly listing; nothing for any other document. */
export function answerListings({ connection, documents, demangler, takesLinks, others }: ListingServices): void {
  const read = createListingCache();
  const listingOf = (uri: string) => {
    const document = documents.get(uri);
    return document !== undefined && isListing(document) ? read(document) : null;
  };

  const answered = <Answer>(
    uri: string,
    token: CancellationToken,
    answer: (listing: Listing, signal: AbortSignal) => Answer | Promise<Answer>,
    elsewhere: (signal: AbortSignal) => Answer | null | Promise<Answer | null> = () => null,
  ): Promise<Answer | null> =>
    answerWith(connection, token, async signal => {
      const listing = listingOf(uri);
      return listing === null ? await elsewhere(signal) : await answer(listing, signal);
    });

  connection.onDocumentSymbol(({ textDocument: { uri } }, token) =>
    answered(
      uri,
      token,
      async (listing, signal) => {
        const names = listing.functions.map(({ name }) => name);
        return outline(listing, await displayNames(demangler, names, signal)).map(documentSymbol);
      },
      () => others.documentSymbols(uri),
    ),
  );
  connection.onFoldingRanges(({ textDocument: { uri } }, token) =>
    answered(uri, token, listing => folds(listing).map(foldingRange)),
  );
  connection.onDefinition(({ textDocument: { uri }, position }, token) =>
    answered(uri, token, listing => {
      const found = definition(listing, position);
      const link = found === null ? null : definitionLink(uri, found);
      return link === null || takesLinks() ? link && [link] : locationOf(link);
    }),
  );
  connection.onReferences(({ textDocument: { uri }, position, context }, token) =>
    answered(uri, token, listing =>
      references(listing, position)
        .filter(({ isDefinition }) => context.includeDeclaration || !isDefinition)
        .map(({ range }): Location => ({ uri, range })),
    ),
  );
  connection.onDocumentHighlight(({ textDocument: { uri }, position }, token) =>
    answered(uri, token, listing =>
      highlights(listing, position).map(range => ({ range, kind: DocumentHighlightKind.Text })),
    ),
  );
  connection.onHover(({ textDocument: { uri }, position }, token) =>
    answered<Hover | null>(
      uri,
      token,
      async (listing, signal) => {
        const symbol = hoveredSymbol(listing, position);
        const display = await displayNames(demangler, symbol === null ? [] : [symbol], signal);
        const found = hover(listing, position, display);
        if (found === null) return null;
        return { range: found.range, contents: { kind: MarkupKind.Markdown, value: found.markdown } };
      },
      signal => others.hover(uri, position, signal),
    ),
  );
}

/** Whether it is a listing: by its language, whatever its scheme, or one that the client has from us. */
export function isListing({ uri, languageId }: TextDocument): boolean {
  return languageId === disassemblyLanguageId || parseDisassemblyUri(uri) !== null;
}

async function displayNames(
  demangler: Demangler,
  names: readonly string[],
  signal: AbortSignal,
): Promise<DisplayNames> {
  const demangled = await demangler.demangle(names, signal);
  const shown = new Map(names.map((name, index) => [name, demangled.names[index] ?? name]));
  return name => shown.get(name) ?? name;
}

const symbolKinds = { file: SymbolKind.File, section: SymbolKind.Namespace, function: SymbolKind.Function } as const;

function documentSymbol({ kind, children, ...entry }: OutlineEntry): DocumentSymbol {
  return { ...entry, kind: symbolKinds[kind], children: children.map(documentSymbol) };
}

function foldingRange({ startLine, endLine, kind }: ReturnType<typeof folds>[number]): FoldingRange {
  return { startLine, endLine, kind: kind === 'source' ? FoldingRangeKind.Comment : FoldingRangeKind.Region };
}

/** Null where the code or the source is in no document that an editor could open. */
function definitionLink(uri: string, found: Definition): LocationLink | null {
  const link = (targetUri: string, range: LocationLink['targetRange']): LocationLink => ({
    originSelectionRange: found.origin,
    targetUri,
    targetRange: range,
    targetSelectionRange: range,
  });
  switch (found.kind) {
    case 'here':
      return link(uri, found.range);
    case 'symbol': {
      const sibling = siblingDisassemblyUri(uri, found.symbol);
      return sibling === null ? null : link(sibling, rangeInLine(0, 0, 0));
    }
    case 'source': {
      const { path, line } = found.source;
      if (!path.startsWith('/') || !existsSync(path)) return null;
      return link(pathToFileUri(path), rangeInLine(Math.max(0, line - 1), 0, 0));
    }
  }
}

function locationOf({ targetUri, targetSelectionRange }: LocationLink): Location {
  return { uri: targetUri, range: targetSelectionRange };
}
