import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { arrayViewerViewType } from '../view-ids.ts';
import { type ArrayViewerSession, openSession } from './session.ts';

/** The read-only viewer of .npy and .npz files. */
export function registerArrayViewer(services: Services): () => readonly ArrayViewerSession[] {
  const sessions = new Set<ArrayViewerSession>();
  const provider: vscode.CustomReadonlyEditorProvider = {
    // Nothing is read here: the page asks for what it shows.
    openCustomDocument: uri => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: ({ uri }, panel) => {
      const session = openSession(services, { uri, panel });
      sessions.add(session);
      panel.onDidDispose(() => sessions.delete(session));
    },
  };
  services.context.subscriptions.push(
    vscode.window.registerCustomEditorProvider(arrayViewerViewType, provider, {
      supportsMultipleEditorsPerDocument: true,
    }),
  );
  return () => [...sessions];
}
