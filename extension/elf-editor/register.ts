import * as vscode from 'vscode';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import type { OpenDisassembly } from '../disassembly/register.ts';
import type { FileProblems, ShownProblems } from '../file-problems.ts';
import { fileForCommand } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import { elfEditorViewType } from '../view-ids.ts';
import { watchFile } from '../watch-file.ts';
import { type ElfEditorSession, openSession } from './session.ts';

interface ElfDocument extends vscode.CustomDocument {
  readonly uri: vscode.Uri;
}

/** The read-only ELF editor, and "Inspect with Binary Detective" for files that it does not open by itself. */
export function registerElfEditor(
  services: Services,
  openDisassembly: OpenDisassembly,
  problems: FileProblems,
): () => readonly ElfEditorSession[] {
  const sessions = new Set<ElfEditorSession>();

  const provider: vscode.CustomReadonlyEditorProvider<ElfDocument> = {
    // Nothing is read here: the page asks for what it shows.
    openCustomDocument: uri => {
      const shown = problems.show(uri, 'opened');
      void shown.refresh();
      return { uri, dispose: followFile(uri, shown) };
    },
    resolveCustomEditor: ({ uri }, panel) => {
      const session = openSession(services, { uri, panel, openDisassembly });
      sessions.add(session);
      panel.onDidDispose(() => sessions.delete(session));
    },
  };
  services.context.subscriptions.push(
    problems,
    vscode.window.registerCustomEditorProvider(elfEditorViewType, provider, {
      supportsMultipleEditorsPerDocument: true,
    }),
  );
  registerCommand(services, commandIds.inspect, async argument => {
    const file = await fileForCommand(argument, vscode.l10n.t('Inspect'));
    if (file !== undefined) await vscode.commands.executeCommand('vscode.openWith', file, elfEditorViewType);
  });
  return () => [...sessions];
}

/** Keeps what is shown current; what it returns ends that. */
function followFile(uri: vscode.Uri, shown: ShownProblems): () => void {
  const watcher = uri.scheme === 'file' ? watchFile(uri, () => void shown.refresh()) : undefined;
  return () => {
    watcher?.dispose();
    shown.dispose();
  };
}
