import * as vscode from 'vscode';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';
import { begunText } from './begun-text.ts';
import { createTextFileSystem } from './file-system.ts';
import { registerTextControls } from './text-controls.ts';
import { createTextStore, type TextSource, type TextStore } from './text-store.ts';

export interface OpenOptions extends vscode.TextDocumentShowOptions {
  /** What is going on, where it takes long until there is something to show. */
  readonly title: string;
}

/** Shows a document. @throws as the request for its text does, where nothing of it came; vscode.CancellationError. */
export type OpenStreamedText = (uri: vscode.Uri, options: OpenOptions) => Promise<void>;

/**
 * Read-only documents whose text a native program prints: the first screen appears at once, the rest follows, closing the
 * document or "Stop" ends the program, and a text that was cut at the limit can be continued.
 */
export interface StreamedTexts {
  /** Takes care of the documents of one scheme. */
  add(source: TextSource): OpenStreamedText;
}

export function registerStreamedTexts(services: Services): StreamedTexts {
  const { context, log } = services;
  const stores = new Map<string, TextStore>();
  const storeOf = (uri: vscode.Uri): TextStore | undefined => stores.get(uri.scheme);
  const controls = registerTextControls(services, storeOf);

  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(({ uri }) => storeOf(uri)?.get(uri)?.opened()),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      // A document that gets another language is closed and opened at once.
      setTimeout(() => {
        if (!isOpen(uri)) storeOf(uri)?.drop(uri);
      });
    }),
    // The document may live on for a while; nobody sees any more what is still coming.
    vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      for (const { input } of closed) {
        if (!(input instanceof vscode.TabInputText) || isShown(input.uri)) continue;
        const store = storeOf(input.uri);
        // Documents of more than 50 MB are none to extensions: VS Code does not tell when they are closed.
        const isComing = store?.get(input.uri)?.stream.state === 'reading';
        if (isComing || !isOpen(input.uri)) store?.drop(input.uri);
      }
    }),
    new vscode.Disposable(() => {
      for (const store of stores.values()) store.dispose();
    }),
  );
  return {
    add(source) {
      const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
      const store = createTextStore(source, {
        onShown: uri => {
          changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
          const failure = store.get(uri)?.stream.failure;
          if (failure !== undefined) log.info(`${uri.toString()}: ${String(failure)}`);
        },
        onProgress: uri => controls.update(uri),
        isOpen,
      });
      stores.set(source.scheme, store);
      context.subscriptions.push(
        changed,
        controls.serve(source.scheme),
        vscode.workspace.registerFileSystemProvider(source.scheme, createTextFileSystem(store, changed), {
          isReadonly: true,
          isCaseSensitive: true,
        }),
      );
      return async (uri, { title, ...options }) => {
        await withLateProgress(title, token => begin(store, uri, token));
        const document = await vscode.workspace.openTextDocument(uri);
        await vscode.window.showTextDocument(document, options);
      };
    },
  };
}

/** Reads until there is something to show: errors keep their remedy, and the person can cancel. */
async function begin(store: TextStore, uri: vscode.Uri, token: vscode.CancellationToken): Promise<void> {
  store.again(uri, undefined);
  const cancelled = token.onCancellationRequested(() => store.drop(uri));
  try {
    const { failure } = (await begunText(store, uri)) ?? { failure: new vscode.CancellationError() };
    if (failure === undefined) return;
    store.drop(uri);
    throw failure;
  } finally {
    cancelled.dispose();
  }
}

function isOpen(uri: vscode.Uri): boolean {
  return vscode.workspace.textDocuments.some(document => document.uri.toString() === uri.toString());
}

function isShown(uri: vscode.Uri): boolean {
  return vscode.window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString()),
  );
}
