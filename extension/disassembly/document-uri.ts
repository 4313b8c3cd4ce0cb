import * as vscode from 'vscode';
import { disassemblyScheme } from '../../language-server/protocol/disassembly.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { ByteText } from '../../language-server/protocol/elf.ts';

export interface DisassembledSymbol {
  readonly file: vscode.Uri;
  /** Absent: the section `.text`. */
  readonly symbol?: ByteText;
  /** With the lines of the source between the instructions. */
  readonly source?: boolean;
}

/** The last part of the path is the editor's title; the query says what is meant, so that an editor survives a reload. */
export function disassemblyUri({ file, symbol, source }: DisassembledSymbol): vscode.Uri {
  const title = displayText(symbol ?? '.text').replaceAll('/', '⁄');
  return vscode.Uri.from({
    scheme: disassemblyScheme,
    path: `${file.path}/${title}`,
    query: JSON.stringify({ file: file.toString(), symbol, ...(source === true && { source }) }),
  });
}

export function parseDisassemblyUri(uri: vscode.Uri): DisassembledSymbol {
  const { file, symbol, source } = JSON.parse(uri.query) as Omit<DisassembledSymbol, 'file'> & {
    readonly file: string;
  };
  return {
    file: vscode.Uri.parse(file, true),
    ...(symbol !== undefined && { symbol }),
    ...(source === true && { source }),
  };
}
