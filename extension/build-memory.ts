import type * as vscode from 'vscode';

/** What the server wants to be given back at the next look at a file, kept over restarts of the window. */
export interface BuildMemory {
  /** Empty: nothing yet. */
  of(uri: vscode.Uri): string;
  keep(uri: vscode.Uri, memory: string): void;
}

const storageKey = 'buildMemory';
/** The files that were built last are kept; a window does not watch more. */
const maximumFiles = 2000;

export function buildMemory(state: vscode.Memento): BuildMemory {
  const memories = new Map(Object.entries(state.get<Readonly<Record<string, string>>>(storageKey, {})));
  return {
    of: uri => memories.get(uri.toString()) ?? '',
    keep: (uri, memory) => {
      const key = uri.toString();
      if (memories.get(key) === memory) return;
      // Last in the order of a map is what was set last.
      memories.delete(key);
      memories.set(key, memory);
      const [oldest] = memories.keys();
      if (memories.size > maximumFiles && oldest !== undefined) memories.delete(oldest);
      void state.update(storageKey, Object.fromEntries(memories));
    },
  };
}
