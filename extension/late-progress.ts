import * as vscode from 'vscode';

const patienceMs = 500;

/**
 * Does work for a person who waits: after half a second a notification says what takes so long and can cancel it.
 * @throws vscode.CancellationError when it was cancelled there.
 */
export async function withLateProgress<T>(
  title: string,
  work: (token: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  const cancel = new vscode.CancellationTokenSource();
  const result = work(cancel.token);
  const timer = setTimeout(() => showUntil(result, title, cancel), patienceMs);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    cancel.dispose();
  }
}

function showUntil(result: Promise<unknown>, title: string, cancel: vscode.CancellationTokenSource): void {
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  void vscode.window.withProgress(options, async (_progress, token) => {
    token.onCancellationRequested(() => cancel.cancel());
    // How it ends is for the caller; here it only ends the notification.
    await result.catch(() => undefined);
  });
}
