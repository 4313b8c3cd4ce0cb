import * as vscode from 'vscode';
import { type DisassembledPart, disassemblyScheme } from '../../language-server/protocol/disassembly.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { ByteText } from '../../language-server/protocol/elf.ts';

/** What a document shows. */
export interface DisassembledCode extends DisassembledPart {
  readonly file: vscode.Uri;
}

/** Name of the symbol or the section. */
export function titleOf({ symbol, section }: DisassembledPart): ByteText {
  return symbol ?? section ?? '.text';
}

/**
 * The last part of the path is the editor's title, and the folder (`libx.so.disassembly`) tells the language, as package.json
 * has it; the query says what is meant, so that an editor survives a reload.
 */
export function disassemblyUri({ file, source, ...part }: DisassembledCode): vscode.Uri {
  const { symbol, section } = part;
  const title = displayText(titleOf(part)).replaceAll('/', '⁄');
  return vscode.Uri.from({
    scheme: disassemblyScheme,
    path: `${file.path}.disassembly/${title}`,
    query: JSON.stringify({ file: file.toString(), symbol, section, ...(source === true && { source }) }),
  });
}

export function parseDisassemblyUri(uri: vscode.Uri): DisassembledCode {
  const { file, symbol, section, source } = JSON.parse(uri.query) as DisassembledPart & { readonly file: string };
  return {
    file: vscode.Uri.parse(file, true),
    ...(symbol !== undefined && { symbol }),
    ...(section !== undefined && { section }),
    ...(source === true && { source }),
  };
}
