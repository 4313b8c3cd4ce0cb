import { disassemblyScheme } from '../protocol/disassembly.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/** What a disassembly document shows. */
export interface DisassembledSymbol {
  /** URI of the file. */
  readonly file: string;
  readonly symbol?: ByteText;
  /** Neither a symbol nor a section: the section `.text`. */
  readonly section?: ByteText;
  /** With the lines of the source between the instructions. */
  readonly source?: true;
}

/**
 * What the document with this URI shows, which its query says in JSON: `{"file": "file:///…", "symbol": "main"}`. Null for any
 * other document, a listing saved to disk, say.
 */
export function parseDisassemblyUri(uri: string): DisassembledSymbol | null {
  const query = /^([^:/?#]+):[^?#]*\?([^#]*)/u.exec(uri);
  if (query?.[1] !== disassemblyScheme) return null;
  try {
    const value: unknown = JSON.parse(decodeURIComponent(query[2] ?? ''));
    if (typeof value !== 'object' || value === null || !('file' in value) || typeof value.file !== 'string')
      return null;
    const symbol = 'symbol' in value ? value.symbol : undefined;
    const section = 'section' in value ? value.section : undefined;
    if (symbol !== undefined && typeof symbol !== 'string') return null;
    if (section !== undefined && typeof section !== 'string') return null;
    return {
      file: value.file,
      ...(symbol !== undefined && { symbol }),
      ...(section !== undefined && { section }),
      ...('source' in value && value.source === true && { source: true as const }),
    };
  } catch {
    // Not JSON, or not the encoding of a text.
    return null;
  }
}

/**
 * The URI of another symbol's document of the same file. All but the title and the symbol stays as the client wrote it, so
 * that it is the same document as the one that the client would open itself.
 */
export function siblingDisassemblyUri(uri: string, symbol: ByteText): string | null {
  const shown = parseDisassemblyUri(uri);
  const path = /^[^?#]*\//u.exec(uri);
  if (shown === null || path === null) return null;
  // An escaped "/" would be a part of the path to some clients; "⁄" is what our own titles have.
  const name = encodeURIComponent(displayText(symbol).replaceAll('/', '⁄'));
  return `${path[0]}${name}?${encodeURIComponent(JSON.stringify({ file: shown.file, symbol, ...(shown.source && { source: true as const }) }))}`;
}
