import * as vscode from 'vscode';
import {
  type DisassembledPart,
  disassemble,
  disassemblyLanguageId,
  disassemblyScheme,
} from '../../language-server/protocol/disassembly.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileForCommand } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import type { StreamedTexts } from '../streamed-text/register.ts';
import { type DisassembledCode, disassemblyUri, parseDisassemblyUri, titleOf } from './document-uri.ts';
import { pickPart } from './pick-part.ts';

/** Opens the disassembly of one symbol or section in a read-only text editor beside. */
export type OpenDisassembly = (file: vscode.Uri, part: Pick<DisassembledPart, 'symbol' | 'section'>) => Promise<void>;

export function registerDisassembly(services: Services, texts: StreamedTexts): OpenDisassembly {
  const { context, server } = services;
  const openText = texts.add({
    scheme: disassemblyScheme,
    ask: (uri, maximumLines, onPart, token) => {
      const { file, ...part } = parseDisassemblyUri(uri);
      const params = { uri: file.toString(), ...part, ...(maximumLines !== undefined && { maximumLines }) };
      return server.requestWithProgress(disassemble, params, onPart, token);
    },
    files: uri => [parseDisassemblyUri(uri).file],
  });
  const show = async (code: DisassembledCode, viewColumn: vscode.ViewColumn): Promise<void> => {
    const title = vscode.l10n.t('Disassembling {0}', displayText(titleOf(code)));
    await openText(disassemblyUri(code), { title, viewColumn, preview: true });
  };
  const open: OpenDisassembly = (file, part) => show({ file, ...part }, vscode.ViewColumn.Beside);

  // Where a person has associated names of files with another language.
  vscode.workspace.textDocuments.forEach(setLanguage);
  context.subscriptions.push(vscode.workspace.onDidOpenTextDocument(setLanguage));
  // The symbol is given by other commands; a person chooses one, or a section.
  registerCommand(services, commandIds.disassemble, async (argument, given) => {
    const file = await fileForCommand(argument, vscode.l10n.t('Disassemble'));
    if (file === undefined) return;
    const part = givenPart(given) ?? (await pickPart(services, file));
    if (part !== undefined) await open(file, part);
  });
  registerCommand(services, commandIds.toggleDisassemblySource, async () => {
    const active = vscode.window.activeTextEditor?.document.uri;
    if (active?.scheme !== disassemblyScheme) return;
    const { source, ...target } = parseDisassemblyUri(active);
    await show(source === true ? target : { ...target, source: true }, vscode.ViewColumn.Active);
  });
  return open;
}

/** The name of a symbol, or `{section: '.init'}`. */
function givenPart(given: unknown): Pick<DisassembledPart, 'symbol' | 'section'> | undefined {
  if (typeof given === 'string') return { symbol: given };
  const hasSection = typeof given === 'object' && given !== null && 'section' in given;
  return hasSection && typeof given.section === 'string' ? { section: given.section } : undefined;
}

/** Setting the language closes the document and opens it anew for all who listen: not for one that has it. */
function setLanguage(document: vscode.TextDocument): void {
  if (document.uri.scheme !== disassemblyScheme || document.languageId === disassemblyLanguageId) return;
  void vscode.languages.setTextDocumentLanguage(document, disassemblyLanguageId);
}
