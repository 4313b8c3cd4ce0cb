import * as vscode from 'vscode';
import { mayBeLoaderError } from '../../language-server/protocol/explain.ts';

interface ErrorLink extends vscode.TerminalLink {
  readonly text: string;
  readonly folder: vscode.Uri | undefined;
}

/** A line of a terminal that tells of such an error is a link to its explanation. Nothing is asked until it is clicked. */
export function terminalLinks(
  explain: (text: string, folder: vscode.Uri | undefined) => Thenable<unknown>,
): vscode.TerminalLinkProvider<ErrorLink> {
  return {
    provideTerminalLinks: ({ line, terminal }) => {
      if (!mayBeLoaderError(line)) return [];
      const text = line.trimEnd();
      const startIndex = text.length - text.trimStart().length;
      const tooltip = vscode.l10n.t('Explain this error');
      return [{ startIndex, length: text.length - startIndex, tooltip, text, folder: folderOf(terminal) }];
    },
    handleTerminalLink: async ({ text, folder }) => {
      await explain(text, folder);
    },
  };
}

/** Where the shell is, as it tells by itself, else where the terminal was opened. */
export function folderOf({ shellIntegration, creationOptions }: vscode.Terminal): vscode.Uri | undefined {
  if (shellIntegration?.cwd?.scheme === 'file') return shellIntegration.cwd;
  const cwd = 'cwd' in creationOptions ? creationOptions.cwd : undefined;
  if (cwd instanceof vscode.Uri) return cwd.scheme === 'file' ? cwd : undefined;
  return cwd === undefined ? undefined : vscode.Uri.file(cwd);
}
