import type * as vscode from 'vscode';

/** The messenger's token as VS Code's. */
export function tokenOf(cancel: {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}): vscode.CancellationToken {
  return {
    get isCancellationRequested() {
      return cancel.isCancellationRequested;
    },
    onCancellationRequested: listener => cancel.onCancellationRequested(() => listener(undefined)),
  };
}
