import * as vscode from 'vscode';
import { buildMemory } from './build-memory.ts';
import type { Services } from './services.ts';
import { settingsSection } from './settings.ts';

/** Why the findings of a file are shown: it is open in an editor, or a setting names it. */
export type Interest = 'opened' | 'watched';

export interface ShownProblems extends vscode.Disposable {
  /** Resolves when they are those of the file as it is now, or when it is known that there are none. */
  refresh(): Promise<void>;
}

export interface FileProblems extends vscode.Disposable {
  /** Shows the file's findings under Problems until what is returned is disposed; the caller says when it has changed. */
  show(uri: vscode.Uri, interest: Interest): ShownProblems;
  /** Whether the findings of the file are shown here, so that nobody else need show them. */
  isShown(uri: vscode.Uri): boolean;
  readonly onDidChangeShown: vscode.Event<vscode.Uri>;
}

interface Entry {
  readonly uri: vscode.Uri;
  readonly interests: Interest[];
  asked: vscode.CancellationTokenSource;
}

/** Settings arrive at the server by another way than requests do. */
const settingsPauseMs = 250;

/**
 * The findings of ELF files as Problems. The language client asks for diagnostics of text documents only, and a binary is
 * none; so they are asked for here, with the same request of the protocol.
 */
export function createFileProblems({ server, log, context }: Services): FileProblems {
  const collection = vscode.languages.createDiagnosticCollection('binaryDetective');
  const entries = new Map<string, Entry>();
  const memory = buildMemory(context.workspaceState);
  const shownChanged = new vscode.EventEmitter<vscode.Uri>();

  const refresh = async (entry: Entry): Promise<void> => {
    const { uri } = entry;
    entry.asked.cancel();
    entry.asked = new vscode.CancellationTokenSource();
    const { token } = entry.asked;
    try {
      // Only builds are compared with the ones before them, and that takes longer.
      const remembered = entry.interests.includes('watched') ? memory.of(uri) : undefined;
      const found = await server.diagnostics(uri, remembered, token);
      if (token.isCancellationRequested) return;
      if (found.resultId !== undefined) memory.keep(uri, found.resultId);
      collection.set(uri, found.items);
      shownChanged.fire(uri);
    } catch (error) {
      // Nobody asked for this by name: an editor itself says why a file cannot be read.
      if (token.isCancellationRequested) return;
      collection.delete(uri);
      shownChanged.fire(uri);
      log.debug(`No problems for ${uri.fsPath}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const entryOf = (uri: vscode.Uri): Entry => {
    const key = uri.toString();
    const entry = entries.get(key) ?? { uri, interests: [], asked: new vscode.CancellationTokenSource() };
    entries.set(key, entry);
    return entry;
  };
  const lose = (entry: Entry, interest: Interest): void => {
    entry.interests.splice(entry.interests.indexOf(interest), 1);
    if (entry.interests.length > 0) return;
    entry.asked.cancel();
    entries.delete(entry.uri.toString());
    collection.delete(entry.uri);
    shownChanged.fire(entry.uri);
  };

  let timer: NodeJS.Timeout | undefined;
  const settings = vscode.workspace.onDidChangeConfiguration(event => {
    if (!event.affectsConfiguration(settingsSection) || entries.size === 0) return;
    clearTimeout(timer);
    timer = setTimeout(() => [...entries.values()].forEach(entry => void refresh(entry)), settingsPauseMs);
  });
  return {
    show: (uri, interest) => {
      // The server reads files of its own machine only.
      if (uri.scheme !== 'file') return { refresh: async () => undefined, dispose: () => undefined };
      const entry = entryOf(uri);
      entry.interests.push(interest);
      let isShown = true;
      return {
        refresh: async () => {
          if (isShown) await refresh(entry);
        },
        dispose: () => {
          if (isShown) lose(entry, interest);
          isShown = false;
        },
      };
    },
    isShown: uri => collection.has(uri),
    onDidChangeShown: shownChanged.event,
    dispose: () => {
      clearTimeout(timer);
      settings.dispose();
      shownChanged.dispose();
      for (const entry of entries.values()) entry.asked.cancel();
      collection.dispose();
    },
  };
}
