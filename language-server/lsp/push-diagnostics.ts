import type { Connection, Diagnostic, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** Between two keys of somebody who types. */
const quietMs = 150;

/**
 * Publishes diagnostics to clients that do not pull them, after each pause of typing. What a newer text has superseded is
 * stopped and never published.
 */
export function pushDiagnostics(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  find: (uri: string, signal: AbortSignal) => Promise<Diagnostic[]>,
  onSettingsChange: (listener: () => void) => void,
): void {
  const pending = new Map<string, { readonly timer: NodeJS.Timeout; readonly stop: AbortController }>();

  const cancel = (uri: string): void => {
    const last = pending.get(uri);
    pending.delete(uri);
    clearTimeout(last?.timer);
    last?.stop.abort();
  };
  const publish = async (uri: string, version: number, stop: AbortController): Promise<void> => {
    try {
      const diagnostics = await find(uri, stop.signal);
      if (!stop.signal.aborted) await connection.sendDiagnostics({ uri, version, diagnostics });
    } catch (error) {
      if (!stop.signal.aborted) connection.console.error(error instanceof Error ? error.message : String(error));
    }
  };
  const later = ({ uri, version }: TextDocument): void => {
    cancel(uri);
    const stop = new AbortController();
    const timer = setTimeout(() => void publish(uri, version, stop), quietMs);
    pending.set(uri, { timer, stop });
  };

  documents.onDidChangeContent(({ document }) => later(document));
  documents.onDidClose(({ document }) => {
    cancel(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  onSettingsChange(() => documents.all().forEach(later));
}
