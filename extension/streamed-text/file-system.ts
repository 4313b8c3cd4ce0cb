import * as vscode from 'vscode';
import { begunText } from './begun-text.ts';
import type { TextStore } from './text-store.ts';

/**
 * The documents as files of a read-only file system. Of a file that has grown VS Code adds the new lines to what it shows and
 * tells of those alone, where the text of a content provider is replaced as a whole each time: cursor, scroll position and
 * folds stay, and the language server is sent each line once.
 */
export function createTextFileSystem(
  store: TextStore,
  changed: vscode.EventEmitter<vscode.FileChangeEvent[]>,
): vscode.FileSystemProvider {
  const refuse = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  return {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat(uri) {
      // Its folders are none of ours.
      if (uri.query === '') throw vscode.FileSystemError.FileNotFound(uri);
      const shown = store.get(uri)?.shown;
      return {
        type: vscode.FileType.File,
        permissions: vscode.FilePermission.Readonly,
        size: shown?.bytes.length ?? 0,
        // Not known yet: other than what an editor may remember from before.
        mtime: shown?.changedMs ?? Date.now(),
        ctime: 0,
      };
    },
    async readFile(uri) {
      if (uri.query === '') throw vscode.FileSystemError.FileNotFound(uri);
      const { shown } = store.obtain(uri);
      await begunText(store, uri);
      return (store.get(uri)?.shown ?? shown).bytes;
    },
    readDirectory: () => [],
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
}
