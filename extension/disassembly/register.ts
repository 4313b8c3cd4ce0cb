import * as vscode from 'vscode';
import { disassemblyLanguageId, disassemblyScheme } from '../../language-server/protocol/disassembly.ts';
import type { ByteText } from '../../language-server/protocol/elf.ts';
import { disassemble } from '../../language-server/protocol/elf.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileForCommand } from '../inspected-file.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';
import { type DisassembledSymbol, disassemblyUri, parseDisassemblyUri } from './document-uri.ts';
import { pickSymbol } from './pick-symbol.ts';

/** Opens the disassembly of one symbol in a read-only text editor beside. */
export type OpenDisassembly = (file: vscode.Uri, symbol: ByteText | undefined) => Promise<void>;

export function registerDisassembly(services: Services): OpenDisassembly {
  const { context, server } = services;
  /** Texts between the answer and the moment when VS Code asks for the document. */
  const fresh = new Map<string, string>();
  const ask = async ({ file, ...shown }: DisassembledSymbol, token: vscode.CancellationToken): Promise<string> => {
    const params = { uri: file.toString(), ...shown };
    return (await server.request(disassemble, params, token)).text;
  };
  const changed = new vscode.EventEmitter<vscode.Uri>();

  const show = async (target: DisassembledSymbol, viewColumn: vscode.ViewColumn): Promise<void> => {
    const uri = disassemblyUri(target);
    // Asked here and not by the provider: errors keep their remedy, and the person can cancel.
    const text = await withLateProgress(vscode.l10n.t('Disassembling {0}', target.symbol ?? '.text'), token =>
      ask(target, token),
    );
    fresh.set(uri.toString(), text);
    changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { viewColumn, preview: true });
  };
  const open: OpenDisassembly = (file, symbol) =>
    show({ file, ...(symbol !== undefined && { symbol }) }, vscode.ViewColumn.Beside);

  // Also documents that "go to definition" opens, which do not come through `open`.
  vscode.workspace.textDocuments.forEach(setLanguage);
  context.subscriptions.push(
    changed,
    vscode.workspace.onDidOpenTextDocument(setLanguage),
    vscode.workspace.registerTextDocumentContentProvider(disassemblyScheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri, token) => {
        const text = fresh.get(uri.toString());
        fresh.delete(uri.toString());
        return text ?? ask(parseDisassemblyUri(uri), token);
      },
    }),
  );
  // The symbol is given by other commands; a person chooses one.
  registerCommand(services, commandIds.disassemble, async (argument, given) => {
    const file = await fileForCommand(argument, vscode.l10n.t('Disassemble'));
    if (file === undefined) return;
    const symbol = typeof given === 'string' ? given : await pickSymbol(services, file);
    if (symbol !== undefined) await open(file, symbol);
  });
  registerCommand(services, commandIds.toggleDisassemblySource, async () => {
    const active = vscode.window.activeTextEditor?.document.uri;
    if (active?.scheme !== disassemblyScheme) return;
    const { source, ...target } = parseDisassemblyUri(active);
    await show(source === true ? target : { ...target, source: true }, vscode.ViewColumn.Active);
  });
  return open;
}

/** Setting the language closes the document and opens it anew for all who listen: not for one that has it. */
function setLanguage(document: vscode.TextDocument): void {
  if (document.uri.scheme !== disassemblyScheme || document.languageId === disassemblyLanguageId) return;
  void vscode.languages.setTextDocumentLanguage(document, disassemblyLanguageId);
}
