import type * as vscode from 'vscode';
import type { TextStore } from './text-store.ts';
import type { TextStream } from './text-stream.ts';

/**
 * Waits until there is something to show of a document. Its file may change meanwhile, and the text be asked for anew: then for
 * the beginning of that one. Undefined: nobody wants it any more.
 */
export async function begunText(store: TextStore, uri: vscode.Uri): Promise<TextStream | undefined> {
  for (;;) {
    const text = store.get(uri);
    await text?.stream.begun;
    if (store.get(uri) === text) return text?.stream;
  }
}
